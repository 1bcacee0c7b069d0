-- What fetching a file has come to. `state` is final once it is not 'waiting', and then a leaf of kind media says so.
ALTER TABLE message_media
  ADD COLUMN reason text,
  ADD COLUMN size bigint,
  ADD COLUMN settled_at timestamptz,
  ADD COLUMN attempts int NOT NULL DEFAULT 0,
  ADD COLUMN next_at timestamptz,
  ADD COLUMN claimed_until timestamptz,
  ADD COLUMN resume_index text NOT NULL DEFAULT '',
  ADD COLUMN resume_slices int NOT NULL DEFAULT 0;
ALTER TABLE message_media ADD CONSTRAINT message_media_states CHECK (state IN
  ('waiting', 'fetched', 'fetched_md5_missing', 'fetched_md5_wrong', 'size_wrong', 'expired', 'failed'));
CREATE INDEX message_media_waiting ON message_media (corp_id, next_at) WHERE state = 'waiting';
GRANT UPDATE (state, sha256, reason, size, settled_at, attempts, next_at, claimed_until, resume_index, resume_slices)
  ON message_media TO tongjian_app;
-- The same file in any number of conversations stands once; its pieces are sealed apart so that memory stays bounded.
ALTER TABLE media ADD COLUMN pieces int NOT NULL;

-- Up to which seq everything had been captured at that time: where a re-pull of the open window begins.
CREATE TABLE capture_mark (
  corp_id smallint NOT NULL,
  source text NOT NULL,
  at timestamptz NOT NULL,
  seq bigint NOT NULL,
  PRIMARY KEY (corp_id, source, at)
);
-- Records pulled, by local day and by the version of the public key they were encrypted for.
CREATE TABLE capture_key_count (
  corp_id smallint NOT NULL,
  source text NOT NULL,
  day date NOT NULL,
  version int NOT NULL,
  records bigint NOT NULL,
  PRIMARY KEY (corp_id, source, day, version)
);
-- Times at which capture lagged behind by more than a line; ended_at is null while it does.
CREATE TABLE capture_outage (
  corp_id smallint NOT NULL,
  source text NOT NULL,
  began_at timestamptz NOT NULL,
  ended_at timestamptz,
  level text NOT NULL CHECK (level IN ('m15', 'h6', 'h72')),
  PRIMARY KEY (corp_id, source, began_at)
);
CREATE TABLE capture_repull (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  source text NOT NULL,
  asked_by text NOT NULL,
  from_seq bigint NOT NULL,
  to_seq bigint NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz,
  records bigint NOT NULL DEFAULT 0,
  late_msgids text[] NOT NULL DEFAULT '{}',
  late bigint NOT NULL DEFAULT 0,
  quarantined bigint NOT NULL DEFAULT 0,
  trouble text,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX capture_repull_by_time ON capture_repull (corp_id, source, started_at DESC);
-- Members within the paid 存档范围, as WeCom listed them that day.
CREATE TABLE capture_seats (
  corp_id smallint NOT NULL,
  day date NOT NULL,
  taken_at timestamptz NOT NULL,
  userids text[] NOT NULL,
  PRIMARY KEY (corp_id, day, taken_at)
);
-- One local day, as far as it can be known. Counts and ids, no content; a later revision never replaces an earlier one.
CREATE TABLE completeness_certificate (
  corp_id smallint NOT NULL,
  day date NOT NULL,
  revision int NOT NULL,
  document text NOT NULL,
  facts bytea NOT NULL,
  note text NOT NULL,
  issued_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, day, revision)
);
CREATE INDEX message_by_capture ON message (corp_id, captured_at);
GRANT SELECT, INSERT, UPDATE ON capture_key_count, capture_outage, capture_repull TO tongjian_app;
GRANT SELECT, INSERT, DELETE ON capture_mark TO tongjian_app;
GRANT SELECT, INSERT ON capture_seats, completeness_certificate TO tongjian_app;
