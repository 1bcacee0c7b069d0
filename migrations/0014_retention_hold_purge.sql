-- Retention, legal hold and purge. Everything here is append-only but for the progress of a purge, and maker ≠ checker
-- stands in the keys: a second person is named beside the first, and the two must differ.

-- A hold is one event and its release another. `scope` names ids; case number, reason and a search's words are sealed.
ALTER TABLE hold DROP COLUMN released_by, DROP COLUMN released_at;
ALTER TABLE hold ADD COLUMN cause text NOT NULL CHECK (cause IN ('litigation', 'dispute', 'complaint', 'investigation'));
ALTER TABLE hold ADD CONSTRAINT hold_placer UNIQUE (corp_id, id, placed_by);
CREATE TABLE hold_release (
  corp_id smallint NOT NULL,
  hold_id uuid NOT NULL,
  placed_by text NOT NULL,
  released_by text NOT NULL,
  reason_sealed bytea NOT NULL,
  released_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, hold_id),
  FOREIGN KEY (corp_id, hold_id, placed_by) REFERENCES hold (corp_id, id, placed_by),
  CHECK (released_by <> placed_by)
);

-- What starts a period: a contract ended, a fund was liquidated … `resumed` takes back what was recorded before it.
ALTER TABLE retention_anchor DROP CONSTRAINT retention_anchor_pkey;
ALTER TABLE retention_anchor ADD COLUMN id uuid NOT NULL, ADD COLUMN recorded_by text NOT NULL,
  ADD COLUMN resumed boolean NOT NULL DEFAULT false, ADD PRIMARY KEY (corp_id, id);
CREATE INDEX retention_anchor_by_conv ON retention_anchor (corp_id, conv_id, recorded_at);

-- A material that may be purged once its period is over: proposed by one, in force when another approved, ended by one.
CREATE TABLE retention_class (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  material text NOT NULL,
  years int NOT NULL CHECK (years BETWEEN 1 AND 100),
  note_sealed bytea NOT NULL,
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, id, proposed_by)
);
CREATE TABLE retention_class_approval (
  corp_id smallint NOT NULL,
  class_id uuid NOT NULL,
  proposed_by text NOT NULL,
  approved_by text NOT NULL,
  approved_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, class_id),
  FOREIGN KEY (corp_id, class_id, proposed_by) REFERENCES retention_class (corp_id, id, proposed_by),
  CHECK (approved_by <> proposed_by)
);
CREATE TABLE retention_class_end (
  corp_id smallint NOT NULL,
  class_id uuid NOT NULL,
  ended_by text NOT NULL,
  reason_sealed bytea NOT NULL,
  ended_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, class_id),
  FOREIGN KEY (corp_id, class_id) REFERENCES retention_class (corp_id, id)
);

-- A request with its dry run; `refused` when nothing in it may be destroyed. Its decision is a second person's.
CREATE TABLE purge_request (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  scope jsonb NOT NULL,
  basis jsonb NOT NULL,
  counts jsonb NOT NULL,
  refused boolean NOT NULL,
  reason_sealed bytea NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, number),
  UNIQUE (corp_id, id, requested_by)
);
CREATE TABLE purge_decision (
  corp_id smallint NOT NULL,
  request_id uuid NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected', 'withdrawn')),
  requested_by text NOT NULL,
  decided_by text NOT NULL,
  reason_sealed bytea NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, request_id),
  UNIQUE (corp_id, request_id, requested_by, decided_by),
  FOREIGN KEY (corp_id, request_id, requested_by) REFERENCES purge_request (corp_id, id, requested_by),
  CHECK ((verdict = 'withdrawn') = (decided_by = requested_by))
);
-- One conversation and UTC month of a request; each is one transaction, so a purge goes on where it was killed.
CREATE TABLE purge_item (
  corp_id smallint NOT NULL,
  request_id uuid NOT NULL,
  conv_id bigint NOT NULL,
  month date NOT NULL,
  done_at timestamptz,
  messages int NOT NULL DEFAULT 0,
  records int NOT NULL DEFAULT 0,
  list_sha256 bytea,
  key_shredded boolean NOT NULL DEFAULT false,
  refused jsonb NOT NULL DEFAULT '{}',
  PRIMARY KEY (corp_id, request_id, conv_id, month),
  FOREIGN KEY (corp_id, request_id) REFERENCES purge_request (corp_id, id)
);
-- The hash list of the certificates: each body, derived text and file that is gone, with what the ledger knows of it.
CREATE TABLE destroyed (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  item text NOT NULL,
  digest bytea NOT NULL,
  request_id uuid NOT NULL,
  month date NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, item)
);
CREATE INDEX destroyed_by_request ON destroyed (corp_id, request_id, conv_id, month);
-- Files whose messages are gone: removed from the folder when no other message needs them.
CREATE TABLE purge_file (
  corp_id smallint NOT NULL,
  request_id uuid NOT NULL,
  sha256 bytea NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'removed', 'shared')),
  PRIMARY KEY (corp_id, request_id, sha256)
);
CREATE INDEX message_media_by_file ON message_media (corp_id, sha256) WHERE sha256 IS NOT NULL;
-- A certificate can name only those who asked for and approved its purge.
ALTER TABLE destruction ADD FOREIGN KEY (corp_id, id, requested_by, approved_by)
  REFERENCES purge_decision (corp_id, request_id, requested_by, decided_by);

GRANT SELECT, INSERT ON hold_release, retention_class, retention_class_approval, retention_class_end, purge_request,
  purge_decision, purge_item TO tongjian_app;
GRANT SELECT ON destroyed, purge_file TO tongjian_app;
-- Only the role that purges may say that something was destroyed.
REVOKE INSERT ON destruction FROM tongjian_app;
GRANT SELECT ON hold_release, retention_class, retention_class_approval, retention_class_end, purge_request, purge_decision,
  purge_item, destroyed, purge_file, hit, alert, review, decision, second_reading, quarantine TO tongjian_purge;
GRANT INSERT ON destruction, destroyed, purge_file, leaf_pending, trail_entry TO tongjian_purge;
GRANT UPDATE (done_at, messages, records, list_sha256, key_shredded, refused) ON purge_item TO tongjian_purge;
GRANT UPDATE (state) ON purge_file TO tongjian_purge;
GRANT UPDATE (sdkfileid) ON message_media TO tongjian_purge;
GRANT DELETE ON media TO tongjian_purge;
-- What other rooms hold of a message's words, sealed: they reach it themselves, inside the transaction that purges.
GRANT UPDATE (sealed) ON second_reading TO tongjian_purge;
GRANT UPDATE (note_sealed) ON decision TO tongjian_purge;
GRANT UPDATE (sealed, resolved_at, resolved_by) ON quarantine TO tongjian_purge;
