-- One lease holder at a time; generation fences a holder that woke up late.
CREATE TABLE capture_cursor (
  corp_id smallint NOT NULL,
  source text NOT NULL,
  seq bigint NOT NULL DEFAULT 0,
  holder uuid,
  generation bigint NOT NULL DEFAULT 0,
  lease_until timestamptz,
  pulled_at timestamptz,
  newest_sent_at timestamptz,
  newest_captured_at timestamptz,
  trouble text,
  trouble_since timestamptz,
  PRIMARY KEY (corp_id, source)
);
-- Records that could not be archived as messages. The raw bytes stay, sealed, with the reason.
CREATE TABLE quarantine (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  source text NOT NULL,
  seq bigint,
  src_msgid text,
  reason text NOT NULL,
  fingerprint bytea NOT NULL,
  sealed bytea NOT NULL,
  at timestamptz NOT NULL,
  resolved_at timestamptz,
  resolved_by text,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, source, reason, fingerprint)
);

-- Hits hold offsets, never the matched characters.
CREATE TABLE hit (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  rule text NOT NULL,
  rule_version text NOT NULL,
  part text NOT NULL,
  start_at int NOT NULL,
  end_at int NOT NULL,
  category text NOT NULL,
  severity text NOT NULL,
  verdict text NOT NULL,
  audience text NOT NULL,
  path text[] NOT NULL,
  detected_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, rule, part, start_at)
);
CREATE TABLE alert (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  severity text NOT NULL,
  rules text[] NOT NULL,
  staff text NOT NULL,
  counterpart text NOT NULL,
  room boolean NOT NULL,
  raised_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, conv_id, sent_at, src_msgid)
);
-- The review of one alert. number is shown as A-MMDD-NNNN; state moves only as cases/contract.ts says.
CREATE TABLE review (
  corp_id smallint NOT NULL,
  alert_id uuid NOT NULL,
  number text NOT NULL,
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'violation', 'false_positive', 'watch')),
  severity text NOT NULL,
  rules text[] NOT NULL,
  staff text NOT NULL,
  departments int[] NOT NULL,
  counterpart text NOT NULL,
  room boolean NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  raised_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  decided_at timestamptz,
  decided_by text,
  PRIMARY KEY (corp_id, alert_id),
  UNIQUE (corp_id, number)
);
CREATE INDEX review_queue ON review (corp_id, state, severity, sent_at DESC, alert_id);
CREATE INDEX review_by_time ON review (corp_id, sent_at DESC, alert_id);
-- Every decision ever made stays; the newest is the review's state.
CREATE TABLE decision (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  alert_id uuid NOT NULL,
  conclusion text NOT NULL CHECK (conclusion IN ('violation', 'false_positive', 'watch')),
  note_sealed bytea NOT NULL,
  decided_by text NOT NULL,
  decided_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX decision_by_alert ON decision (corp_id, alert_id, decided_at);

GRANT SELECT, INSERT, UPDATE ON capture_cursor, quarantine, review TO tongjian_app;
GRANT SELECT, INSERT ON hit, alert, decision TO tongjian_app;
