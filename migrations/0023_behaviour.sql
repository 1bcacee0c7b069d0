-- Behaviour rules look at many messages over time. Of each message that a step of a rule waits for, one narrow row: who, to
-- whom, when, and what the rule groups by (ids, or a keyed digest of the folded text). No words. Made again from the
-- messages, and dropped when no window reaches back to it any more.
CREATE TABLE behaviour_event (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  rule text NOT NULL,
  step text NOT NULL CHECK (step IN ('on', 'then', 'unless')),
  grp text NOT NULL,
  staff text NOT NULL,
  counterpart text NOT NULL,
  room boolean NOT NULL,
  noted_at timestamptz NOT NULL,
  -- When something else must have happened by; null when nothing is waited for, or that is settled.
  due_at timestamptz,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, rule, step)
);
CREATE INDEX behaviour_event_group ON behaviour_event (corp_id, rule, grp, sent_at);
CREATE INDEX behaviour_event_due ON behaviour_event (corp_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX behaviour_event_open ON behaviour_event (corp_id, conv_id) WHERE due_at IS NOT NULL;
CREATE INDEX behaviour_event_noted ON behaviour_event USING brin (noted_at);

-- What a behaviour rule found, once for each group and day: counts and places, no words.
CREATE TABLE behaviour_finding (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  rule text NOT NULL,
  rule_version text NOT NULL,
  severity text NOT NULL,
  grp text NOT NULL,
  bucket text NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  staff text NOT NULL,
  facts jsonb NOT NULL,
  members jsonb NOT NULL,
  raised_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, rule, grp, bucket)
);
CREATE INDEX behaviour_finding_by_rule ON behaviour_finding (corp_id, rule, raised_at DESC);

-- How far events that are no messages have been looked at.
CREATE TABLE behaviour_cursor (
  corp_id smallint NOT NULL,
  source text NOT NULL CHECK (source IN ('follow', 'staff')),
  seen_to timestamptz NOT NULL,
  PRIMARY KEY (corp_id, source)
);
CREATE INDEX follow_event_recorded ON follow_event (corp_id, recorded_at, id);

-- One message may complete a behaviour and be alerted for its words: two alerts, each reviewed apart.
ALTER TABLE alert ADD COLUMN behaviour text NOT NULL DEFAULT '';
ALTER TABLE alert DROP CONSTRAINT alert_corp_id_conv_id_sent_at_src_msgid_key;
ALTER TABLE alert ADD CONSTRAINT alert_once UNIQUE (corp_id, conv_id, sent_at, src_msgid, behaviour);

-- Which conversations are at risk now is asked by time.
CREATE INDEX hit_at_risk ON hit (corp_id, sent_at DESC) WHERE verdict = 'high_risk' OR audience = 'customer';

-- The live wall: what an officer noted while watching, by the message he had before him; sealed.
CREATE TABLE wall_note (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  id uuid NOT NULL,
  note_sealed bytea NOT NULL,
  noted_by text NOT NULL,
  noted_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX wall_note_of ON wall_note (corp_id, conv_id, noted_at);
-- 请主管介入: asked by an officer, answered by the adviser's supervisor. Who asked does not answer.
CREATE TABLE step_in (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  alert_id uuid,
  staff text NOT NULL,
  counterpart text NOT NULL,
  departments int[] NOT NULL,
  ask_sealed bytea NOT NULL,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  answer_sealed bytea,
  answered_by text,
  answered_at timestamptz,
  PRIMARY KEY (corp_id, id),
  CONSTRAINT step_in_answered CHECK ((answered_by IS NULL) = (answered_at IS NULL) AND (answered_by IS NULL) = (answer_sealed IS NULL)),
  CONSTRAINT step_in_other CHECK (answered_by <> asked_by)
);
CREATE UNIQUE INDEX step_in_open ON step_in (corp_id, conv_id) WHERE answered_at IS NULL;
CREATE INDEX step_in_by_time ON step_in (corp_id, asked_at DESC);

GRANT SELECT, INSERT, DELETE ON behaviour_event TO tongjian_app;
GRANT UPDATE (due_at) ON behaviour_event TO tongjian_app;
GRANT SELECT, INSERT ON behaviour_finding, wall_note, step_in TO tongjian_app;
GRANT SELECT, INSERT, UPDATE ON behaviour_cursor TO tongjian_app;
GRANT UPDATE (answer_sealed, answered_by, answered_at) ON step_in TO tongjian_app;
GRANT SELECT ON behaviour_event, behaviour_finding, behaviour_cursor, wall_note, step_in TO tongjian_purge;
GRANT DELETE ON behaviour_event TO tongjian_purge;
GRANT UPDATE (note_sealed) ON wall_note TO tongjian_purge;
GRANT UPDATE (ask_sealed, answer_sealed) ON step_in TO tongjian_purge;
