-- Consent as a gate (decision 012). A choice is a leaf of the archive's log from now on; what was written before has none.
ALTER TABLE consent_event ADD COLUMN before_ledger boolean NOT NULL DEFAULT false;
UPDATE consent_event SET before_ledger = true;
-- Nearly nobody refuses: asking a batch of a thousand messages for refusals must cost next to nothing.
CREATE INDEX consent_event_refusal ON consent_event (corp_id, external_userid) WHERE state IN ('disagree', 'withdrawn');
CREATE INDEX message_by_consent ON message (corp_id, consent_event) WHERE consent_event IS NOT NULL;

-- Who moved a customer's state, and by what. The state itself follows from the events, whatever order they came in.
CREATE TABLE customer_move (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  external_userid text NOT NULL,
  from_state text NOT NULL CHECK (from_state IN ('active', 'restricted', 'erased')),
  to_state text NOT NULL CHECK (to_state IN ('active', 'restricted', 'erased')),
  cause text NOT NULL CHECK (cause IN ('refusal', 'agreement', 'purge')),
  cause_ref text NOT NULL,
  moved_by text NOT NULL,
  moved_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  CHECK ((cause = 'refusal') = (to_state = 'restricted')),
  CHECK ((cause = 'purge') = (to_state = 'erased')),
  CHECK (from_state <> to_state)
);
CREATE INDEX customer_move_by_customer ON customer_move (corp_id, external_userid, moved_at DESC);

-- A choice made on paper, by telephone recording or at the counter. What allows more than stands (a refusal taken back)
-- is in force only when a second person has confirmed it.
CREATE TABLE consent_paper (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  external_userid text NOT NULL,
  userid text,
  chat_id text,
  state text NOT NULL CHECK (state IN ('agree', 'disagree', 'withdrawn')),
  reversal boolean NOT NULL,
  effective_at timestamptz NOT NULL,
  sealed bytea NOT NULL,
  file_sealed bytea,
  file_sha256 bytea,
  entered_by text NOT NULL,
  entered_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, id, entered_by),
  CHECK ((file_sealed IS NULL) = (file_sha256 IS NULL))
);
CREATE INDEX consent_paper_by_customer ON consent_paper (corp_id, external_userid);
CREATE TABLE consent_paper_decision (
  corp_id smallint NOT NULL,
  paper_id uuid NOT NULL,
  entered_by text NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('confirmed', 'rejected')),
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, paper_id),
  FOREIGN KEY (corp_id, paper_id, entered_by) REFERENCES consent_paper (corp_id, id, entered_by),
  CHECK (decided_by <> entered_by)
);

-- 退订: the customer wants no marketing, or wants it again. Append-only; the newest holds.
CREATE TABLE contact_opt_out (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  external_userid text NOT NULL,
  choice text NOT NULL CHECK (choice IN ('out', 'in')),
  source text NOT NULL,
  source_ref text NOT NULL,
  effective_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  recorded_by text NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, source, source_ref, external_userid)
);
CREATE INDEX contact_opt_out_by_customer ON contact_opt_out (corp_id, external_userid, effective_at DESC);

-- Restricted messages are read only for a dispute or a regulator, with a reason, after a second person's yes, for a while.
CREATE TABLE restricted_unlock (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  conv_id bigint NOT NULL,
  from_at timestamptz NOT NULL,
  to_at timestamptz NOT NULL,
  purpose text NOT NULL CHECK (purpose IN ('dispute', 'regulator')),
  sealed bytea NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, id, requested_by),
  CHECK (from_at <= to_at)
);
CREATE INDEX restricted_unlock_by_time ON restricted_unlock (corp_id, requested_at DESC);
CREATE TABLE restricted_unlock_decision (
  corp_id smallint NOT NULL,
  unlock_id uuid NOT NULL,
  requested_by text NOT NULL,
  verdict text NOT NULL CHECK (verdict IN ('approved', 'rejected')),
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, unlock_id),
  FOREIGN KEY (corp_id, unlock_id, requested_by) REFERENCES restricted_unlock (corp_id, id, requested_by),
  CHECK (decided_by <> requested_by)
);

GRANT SELECT, INSERT ON customer_move, consent_paper, consent_paper_decision, contact_opt_out, restricted_unlock,
  restricted_unlock_decision TO tongjian_app;
