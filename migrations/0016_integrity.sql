-- The patrol over the ledger. state is a note signed with the key outside the database: who can only write tables
-- cannot make it skip a record he altered.
CREATE TABLE integrity_walk (
  corp_id smallint NOT NULL,
  walk text NOT NULL,
  state text NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, walk)
);
-- Every round that came to its end. bytes: of files, where the walk is over files.
CREATE TABLE integrity_round (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  walk text NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at timestamptz NOT NULL,
  leaves bigint NOT NULL,
  messages bigint NOT NULL,
  bytes bigint NOT NULL DEFAULT 0,
  found int NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX integrity_round_by_time ON integrity_round (corp_id, walk, ended_at DESC);
-- What differed, where, since when; cleared by a whole round that no longer sees it.
CREATE TABLE integrity_finding (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  walk text NOT NULL,
  log_id text NOT NULL,
  idx bigint,
  what text NOT NULL,
  ref text,
  file text,
  found_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  cleared_at timestamptz,
  PRIMARY KEY (corp_id, id)
);
CREATE UNIQUE INDEX integrity_finding_open ON integrity_finding
  (corp_id, walk, log_id, coalesce(idx, -1), what, coalesce(ref, ''), coalesce(file, '')) WHERE cleared_at IS NULL;
CREATE INDEX integrity_finding_by_ref ON integrity_finding (corp_id, ref) WHERE cleared_at IS NULL;
-- When which leaves were checked last: runs that do not overlap.
CREATE TABLE integrity_span (
  corp_id smallint NOT NULL,
  log_id text NOT NULL,
  from_idx bigint NOT NULL,
  to_idx bigint NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, log_id, from_idx)
);
-- Alarms of the machine: what lags, runs full or drifts, and since when.
CREATE TABLE integrity_condition (
  corp_id smallint NOT NULL,
  name text NOT NULL,
  level text NOT NULL CHECK (level IN ('ok', 'warn', 'alarm')),
  value double precision,
  since timestamptz NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, name)
);
-- Texts that search cannot find, by UTC month, counted once an hour; corrected by `tongjian grams rebuild`.
CREATE TABLE gram_gap (
  corp_id smallint NOT NULL,
  month date NOT NULL,
  missing bigint NOT NULL,
  counted_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, month)
);
-- How long a leaf has been waiting. It begins with the transaction that made it.
ALTER TABLE leaf_pending ADD COLUMN queued_at timestamptz NOT NULL DEFAULT now();

GRANT SELECT, INSERT, UPDATE, DELETE ON integrity_walk, integrity_span, integrity_condition, gram_gap TO tongjian_app;
GRANT SELECT, INSERT ON integrity_round TO tongjian_app;
GRANT SELECT, INSERT ON integrity_finding TO tongjian_app;
GRANT UPDATE (seen_at, cleared_at) ON integrity_finding TO tongjian_app;
GRANT SELECT ON integrity_walk, integrity_round, integrity_finding, integrity_span, integrity_condition, gram_gap TO tongjian_purge;
