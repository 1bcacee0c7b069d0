-- What follows from a violation: points that fade, training with its attempts, penalty decisions with a statement and a
-- second signature. And complaints of customers, with the clocks the law sets them.

-- Insider dealing and money laundering (regulation.md §3.0): neither the person nor the chain above him learns of it here.
ALTER TABLE violation ADD COLUMN concealed boolean NOT NULL DEFAULT false;

ALTER TABLE training_task ALTER COLUMN violation_id DROP NOT NULL;
ALTER TABLE training_task ADD COLUMN assigned_by text;
ALTER TABLE training_task ADD COLUMN reason_sealed bytea;
-- Assigned by hand it stands once until it is done.
CREATE UNIQUE INDEX training_task_by_hand ON training_task (corp_id, staff, course) WHERE violation_id IS NULL AND state = 'assigned';

CREATE TABLE training_attempt (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  task_id uuid NOT NULL,
  staff text NOT NULL,
  course text NOT NULL,
  course_version text NOT NULL,
  answers int[] NOT NULL,
  correct int NOT NULL CHECK (correct >= 0),
  asked int NOT NULL CHECK (asked >= correct AND asked > 0),
  passed boolean NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX training_attempt_of ON training_attempt (corp_id, task_id, made_at);

CREATE TABLE penalty (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  staff text NOT NULL,
  departments int[] NOT NULL,
  kind text NOT NULL CHECK (kind IN ('warning', 'circular', 'suspension', 'pay', 'transfer', 'dismissal')),
  violations uuid[] NOT NULL CHECK (cardinality(violations) BETWEEN 1 AND 50),
  evidence text NOT NULL,
  state text NOT NULL CHECK (state IN ('proposed', 'stated', 'signed', 'rejected', 'withdrawn')),
  grounds_sealed bytea NOT NULL,
  proposed_by text NOT NULL,
  proposed_at timestamptz NOT NULL,
  statement_due_at timestamptz NOT NULL,
  stated_at timestamptz,
  decided_by text,
  decided_at timestamptz,
  decision_sealed bytea,
  withdrawn_by text,
  withdrawn_at timestamptz,
  withdrawal_sealed bytea,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, number),
  CONSTRAINT penalty_two_people CHECK (decided_by <> proposed_by),
  CONSTRAINT penalty_heard CHECK (decided_at IS NULL OR stated_at IS NOT NULL OR decided_at >= statement_due_at),
  CONSTRAINT penalty_decided CHECK ((state IN ('signed', 'rejected')) = (decided_by IS NOT NULL)
    AND (decided_by IS NULL) = (decided_at IS NULL) AND (decided_by IS NULL) = (decision_sealed IS NULL)),
  CONSTRAINT penalty_withdrawn CHECK ((state = 'withdrawn') = (withdrawn_by IS NOT NULL)
    AND (withdrawn_by IS NULL) = (withdrawn_at IS NULL) AND (withdrawn_by IS NULL) = (withdrawal_sealed IS NULL))
);
CREATE INDEX penalty_of ON penalty (corp_id, staff, proposed_at DESC);

-- 申辩. The person may add to it until the decision; nothing is taken back.
CREATE TABLE penalty_statement (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  penalty_id uuid NOT NULL,
  how text NOT NULL CHECK (how IN ('self', 'oral', 'written', 'waived')),
  text_sealed bytea NOT NULL,
  given_by text NOT NULL,
  given_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX penalty_statement_of ON penalty_statement (corp_id, penalty_id, given_at);

CREATE TABLE complaint (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  source text NOT NULL,
  kind text NOT NULL,
  product text NOT NULL,
  channel text NOT NULL,
  grade text NOT NULL CHECK (grade IN ('normal', 'complex')),
  state text NOT NULL CHECK (state IN ('registered', 'accepted', 'investigating', 'escalated', 'answered', 'closed', 'withdrawn')),
  staff text,
  departments int[] NOT NULL,
  customer text,
  alert_id uuid,
  conv_id bigint,
  sent_at timestamptz,
  src_msgid text,
  -- What the customer said, who he is and how he is reached.
  words_sealed bytea NOT NULL,
  received_at timestamptz NOT NULL,
  registered_by text NOT NULL,
  registered_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  handler text,
  handler_userid text,
  outcome text CHECK (outcome IN ('upheld', 'partly', 'unfounded')),
  severity text CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  answered_at timestamptz,
  ended_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, number),
  CONSTRAINT complaint_no_interest CHECK (handler_userid IS NULL OR staff IS NULL OR handler_userid <> staff),
  CONSTRAINT complaint_handled CHECK (state IN ('registered', 'withdrawn') OR handler IS NOT NULL),
  CONSTRAINT complaint_answered CHECK ((outcome IS NULL) = (answered_at IS NULL)),
  CONSTRAINT complaint_message CHECK ((conv_id IS NULL) = (src_msgid IS NULL) AND (conv_id IS NULL) = (sent_at IS NULL))
);
CREATE INDEX complaint_open ON complaint (corp_id, due_at) WHERE state NOT IN ('closed', 'withdrawn');
CREATE INDEX complaint_received ON complaint (corp_id, received_at DESC);
-- One message or alert is one complaint.
CREATE UNIQUE INDEX complaint_once ON complaint (corp_id, conv_id, sent_at, src_msgid) WHERE conv_id IS NOT NULL;

-- Everything that happened to a complaint, with what was written at that step.
CREATE TABLE complaint_step (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  complaint_id uuid NOT NULL,
  act text NOT NULL,
  from_state text NOT NULL,
  to_state text NOT NULL,
  note_sealed bytea NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX complaint_step_of ON complaint_step (corp_id, complaint_id, made_at);

-- Particularly complex: thirty days more, asked for by the handler, decided by somebody above him.
CREATE TABLE complaint_extension (
  corp_id smallint NOT NULL,
  complaint_id uuid NOT NULL,
  id uuid NOT NULL,
  handler text NOT NULL,
  asked_at timestamptz NOT NULL,
  reason_sealed bytea NOT NULL,
  verdict text CHECK (verdict IN ('approved', 'refused')),
  decided_by text,
  decided_at timestamptz,
  decision_sealed bytea,
  PRIMARY KEY (corp_id, complaint_id, id),
  CONSTRAINT complaint_extension_two_people CHECK (decided_by <> handler),
  CONSTRAINT complaint_extension_decided CHECK ((verdict IS NULL) = (decided_by IS NULL)
    AND (verdict IS NULL) = (decided_at IS NULL) AND (verdict IS NULL) = (decision_sealed IS NULL))
);
-- Granted once, and one question at a time.
CREATE UNIQUE INDEX complaint_extension_once ON complaint_extension (corp_id, complaint_id) WHERE verdict IS NULL OR verdict = 'approved';

GRANT SELECT, INSERT ON training_attempt, penalty, penalty_statement, complaint, complaint_step, complaint_extension TO tongjian_app;
GRANT UPDATE (state, stated_at, decided_by, decided_at, decision_sealed, withdrawn_by, withdrawn_at, withdrawal_sealed) ON penalty TO tongjian_app;
GRANT UPDATE (grade, state, due_at, handler, handler_userid, outcome, severity, answered_at, ended_at) ON complaint TO tongjian_app;
GRANT UPDATE (verdict, decided_by, decided_at, decision_sealed) ON complaint_extension TO tongjian_app;
GRANT SELECT ON training_attempt, penalty, penalty_statement, complaint, complaint_step, complaint_extension TO tongjian_purge;
