-- Who added and who deleted whom, bitemporal: effective_at is when it happened, recorded_at when we learnt it. Never
-- updated. A reconciliation knows only that it found a difference: its effective_at is then the moment of the look.
CREATE TABLE follow_event (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  userid text NOT NULL,
  external_userid text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('added', 'half_added', 'seen_again', 'deleted_by_staff', 'deleted_by_customer', 'ended', 'transfer_failed')),
  reason text NOT NULL DEFAULT '',
  source text NOT NULL CHECK (source IN ('callback', 'reconcile')),
  effective_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, external_userid, userid, kind, source, effective_at)
);
CREATE TABLE group_event (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  chat_id text NOT NULL,
  party text NOT NULL DEFAULT '',
  kind text NOT NULL CHECK (kind IN ('created', 'joined', 'left', 'owner_changed', 'renamed', 'announced', 'dismissed', 'seen_again')),
  scene smallint,
  source text NOT NULL CHECK (source IN ('callback', 'reconcile')),
  sealed bytea,
  effective_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, chat_id, party, kind, source, effective_at)
);
-- What the events add up to; computed from them, whatever the order they came in.
ALTER TABLE contact_follow ADD COLUMN ended_at timestamptz, ADD COLUMN ended_by text;
ALTER TABLE customer_group ADD COLUMN dismissed_at timestamptz;
ALTER TABLE customer_group_member ADD COLUMN scene smallint;

INSERT INTO follow_event (corp_id, id, userid, external_userid, kind, source, effective_at, recorded_at)
  SELECT corp_id, gen_random_uuid(), userid, external_userid, 'added', 'reconcile', added_at, synced_at FROM contact_follow;
INSERT INTO group_event (corp_id, id, chat_id, party, kind, source, effective_at, recorded_at)
  SELECT corp_id, gen_random_uuid(), chat_id, party, 'joined', 'reconcile', joined_at, joined_at FROM customer_group_member
  UNION ALL
  SELECT corp_id, gen_random_uuid(), chat_id, party, 'left', 'reconcile', max(left_at), max(left_at)
  FROM customer_group_member WHERE left_at IS NOT NULL GROUP BY corp_id, chat_id, party, left_at;

-- An event that carries too little: just this customer, group or directory is asked for again.
CREATE TABLE refresh_wanted (
  corp_id smallint NOT NULL,
  kind text NOT NULL CHECK (kind IN ('contact', 'group', 'directory')),
  id text NOT NULL,
  wanted_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, kind, id)
);
-- Members whose messages WeCom lets us archive (get_permit_user_list).
CREATE TABLE archive_seat (
  corp_id smallint NOT NULL,
  userid text NOT NULL,
  since timestamptz NOT NULL,
  until timestamptz,
  PRIMARY KEY (corp_id, userid)
);

-- Every wording that was ever in use: a message that carries one proves the notice.
CREATE TABLE notice_text (
  corp_id smallint NOT NULL,
  version text NOT NULL,
  sealed bytea NOT NULL,
  first_used_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, version)
);
-- The notice about archiving, one row for each time it is due. sealed: the welcome code while it is of use.
CREATE TABLE notice (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('contact', 'group')),
  staff text NOT NULL,
  party text NOT NULL,
  state text NOT NULL CHECK (state IN ('due', 'sent', 'pending_owner', 'refused', 'failed', 'proved', 'missing')),
  version text,
  sealed bytea,
  due_at timestamptz NOT NULL,
  attempted_at timestamptz,
  sent_at timestamptz,
  task_id text,
  errcode int,
  reason text,
  proved_msgid text,
  proved_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, kind, party, staff, due_at)
);
CREATE INDEX notice_open ON notice (corp_id, state, due_at) WHERE state IN ('due', 'sent', 'pending_owner', 'refused', 'failed');

GRANT SELECT, INSERT ON follow_event, group_event, notice_text TO tongjian_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON refresh_wanted TO tongjian_app;
GRANT SELECT, INSERT, UPDATE ON archive_seat, notice TO tongjian_app;
