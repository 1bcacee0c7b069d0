-- Rules in force: drafts, versions, what was done with them, backtests. Texts of rules hold examples of what people said,
-- and reasons are what people wrote: both stand sealed. Versions and acts are append-only.
CREATE TABLE rule_draft (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  file text NOT NULL CHECK (file ~ '^(layers/)?[a-z0-9_-]{1,40}\.yaml$'),
  state text NOT NULL CHECK (state IN ('draft', 'tested', 'backtested', 'submitted', 'shadow', 'staged', 'in_force',
    'superseded', 'rolled_back', 'discarded')),
  text_sealed bytea NOT NULL,
  text_hash text NOT NULL,
  why_sealed bytea NOT NULL,
  focus text,
  changed text[] NOT NULL DEFAULT '{}',
  made_by text NOT NULL,
  authors text[] NOT NULL,
  made_at timestamptz NOT NULL,
  changed_at timestamptz NOT NULL,
  test jsonb,
  test_sealed bytea,
  test_hash text,
  backtest_id uuid,
  submitted_by text,
  submitted_at timestamptz,
  returned_by text,
  return_sealed bytea,
  version int,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX rule_draft_by_state ON rule_draft (corp_id, state, changed_at DESC);

CREATE TABLE rule_version (
  corp_id smallint NOT NULL,
  file text NOT NULL,
  version int NOT NULL CHECK (version > 0),
  draft_id uuid NOT NULL,
  text_sealed bytea NOT NULL,
  text_hash text NOT NULL,
  why_sealed bytea NOT NULL,
  rules jsonb NOT NULL,
  changed text[] NOT NULL,
  authors text[] NOT NULL,
  backtest_id uuid NOT NULL,
  growth double precision,
  acknowledged_sealed bytea,
  published_by text NOT NULL,
  published_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, file, version),
  UNIQUE (corp_id, draft_id),
  FOREIGN KEY (corp_id, draft_id) REFERENCES rule_draft (corp_id, id),
  CONSTRAINT rule_version_second_person CHECK (published_by <> ALL (authors)),
  CONSTRAINT rule_version_acknowledged CHECK (growth <= 0.2 OR acknowledged_sealed IS NOT NULL)
);

-- What was done with a version; the newest act of a file says what of it is in force. Version 0 is the folder's own file.
CREATE TABLE rule_act (
  corp_id smallint NOT NULL,
  seq bigint NOT NULL,
  file text NOT NULL,
  version int NOT NULL CHECK (version >= 0),
  act text NOT NULL CHECK (act IN ('shadow', 'staged', 'in_force', 'rolled_back')),
  departments int[] NOT NULL DEFAULT '{}',
  acted_by text NOT NULL,
  acted_at timestamptz NOT NULL,
  reason_sealed bytea NOT NULL,
  PRIMARY KEY (corp_id, seq),
  CHECK ((act = 'staged') = (cardinality(departments) > 0))
);
CREATE INDEX rule_act_by_file ON rule_act (corp_id, file, seq DESC);

-- What a version in its shadow would have hit: counted, never alerted.
CREATE TABLE rule_shadow_hit (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  file text NOT NULL,
  version int NOT NULL,
  rule text NOT NULL,
  severity text NOT NULL,
  alerting boolean NOT NULL,
  staff text NOT NULL,
  seen_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, file, version, rule)
);
CREATE INDEX rule_shadow_hit_of ON rule_shadow_hit (corp_id, file, version);

-- A backtest runs over a population fixed in the ledger: the first `size` leaves of the archive's log.
CREATE TABLE backtest (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  draft_id uuid NOT NULL,
  file text NOT NULL,
  text_hash text NOT NULL,
  before_version text NOT NULL,
  after_version text NOT NULL,
  days int,
  epoch int NOT NULL,
  size bigint NOT NULL,
  since timestamptz,
  fixed_at timestamptz NOT NULL,
  messages bigint NOT NULL,
  asked_by text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'running', 'done', 'cancelled', 'failed')),
  started_at timestamptz,
  ended_at timestamptz,
  problem text,
  summary jsonb,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX backtest_of ON backtest (corp_id, draft_id, fixed_at DESC);
CREATE TABLE backtest_chunk (
  corp_id smallint NOT NULL,
  backtest_id uuid NOT NULL,
  n int NOT NULL,
  from_at timestamptz NOT NULL,
  until_at timestamptz NOT NULL,
  counts jsonb,
  done_at timestamptz,
  applied_at timestamptz,
  PRIMARY KEY (corp_id, backtest_id, n)
);
CREATE TABLE backtest_alert (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  backtest_id uuid NOT NULL,
  severity text NOT NULL,
  rules text[] NOT NULL,
  staff text NOT NULL,
  change text NOT NULL CHECK (change IN ('new', 'both', 'gone')),
  PRIMARY KEY (corp_id, backtest_id, conv_id, sent_at, src_msgid)
);
-- A published version applied to the history its backtest saw.
CREATE TABLE rule_application (
  corp_id smallint NOT NULL,
  backtest_id uuid NOT NULL,
  file text NOT NULL,
  version int NOT NULL,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  ended_at timestamptz,
  raised int NOT NULL DEFAULT 0,
  PRIMARY KEY (corp_id, backtest_id)
);

GRANT SELECT, INSERT ON rule_version, rule_act, rule_shadow_hit TO tongjian_app;
GRANT SELECT, INSERT, UPDATE ON rule_draft, backtest, backtest_chunk, rule_application TO tongjian_app;
GRANT SELECT, INSERT, DELETE ON backtest_alert TO tongjian_app;
GRANT SELECT ON rule_draft, rule_version, rule_act, rule_shadow_hit, backtest, backtest_chunk, backtest_alert,
  rule_application TO tongjian_purge;
