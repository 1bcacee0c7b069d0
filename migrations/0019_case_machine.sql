-- The case machine (decision 015): who holds an alert under review, at which level, by when, and every move it made.
-- States and moves are src/cases/contract.ts; what the database can hold of them is held here as well.
ALTER TABLE review DROP CONSTRAINT review_state_check;
ALTER TABLE review
  ADD COLUMN level smallint NOT NULL DEFAULT 1 CHECK (level IN (1, 2)),
  ADD COLUMN assignee text,
  ADD COLUMN claimed_at timestamptz,
  -- the first person's act; the deadline of acceptance (P0 only) is measured by it
  ADD COLUMN accepted_at timestamptz,
  ADD COLUMN accept_due_at timestamptz,
  ADD COLUMN close_due_at timestamptz,
  -- insider dealing and money laundering: hidden from the person and the chain above (regulation.md §3.0)
  ADD COLUMN concealed boolean NOT NULL DEFAULT false,
  ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
  -- the first of a group of near-duplicates; null: none was found
  ADD COLUMN lead_id uuid,
  -- keyed hash of the folded text, to know the same words again; cleared with the message
  ADD COLUMN text_key bytea,
  ADD COLUMN upgraded text CHECK (upgraded IN ('repeat', 'merge')),
  -- counts the moves: whoever acts says which he saw
  ADD COLUMN moves int NOT NULL DEFAULT 0,
  ADD CONSTRAINT review_state_check
    CHECK (state IN ('open', 'claimed', 'watch', 'escalated', 'violation', 'false_positive')),
  ADD CONSTRAINT review_held CHECK (
    CASE state WHEN 'claimed' THEN assignee IS NOT NULL AND claimed_at IS NOT NULL
      WHEN 'open' THEN assignee IS NULL ELSE true END),
  ADD CONSTRAINT review_level_two CHECK (
    CASE level WHEN 2 THEN state NOT IN ('open', 'claimed') ELSE state <> 'escalated' END),
  ADD CONSTRAINT review_concluded CHECK (
    (state IN ('watch', 'violation', 'false_positive')) = (decided_at IS NOT NULL AND decided_by IS NOT NULL));
UPDATE review SET concealed = true WHERE EXISTS (SELECT FROM unnest(rules) AS rule WHERE rule ~ '^(INSIDER|AML)-');
CREATE INDEX review_of_staff ON review (corp_id, staff, sent_at DESC);
CREATE INDEX review_lead ON review (corp_id, lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX review_assignee ON review (corp_id, assignee, state) WHERE assignee IS NOT NULL;

-- One row a move. What was written with it is sealed; a conclusion's words stand in its decision.
CREATE TABLE review_move (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  alert_id uuid NOT NULL,
  at timestamptz NOT NULL,
  move text NOT NULL CHECK (move IN ('claim', 'release', 'assign', 'escalate', 'return', 'violation', 'false_positive', 'watch',
    'reopen', 'upgrade')),
  from_state text NOT NULL,
  to_state text NOT NULL,
  level smallint NOT NULL,
  by_account text NOT NULL,
  by_role text NOT NULL,
  assignee text,
  -- who had concluded what a reopening takes back
  undoes text,
  note_sealed bytea,
  decision_id uuid,
  PRIMARY KEY (corp_id, id),
  CONSTRAINT review_move_assigned CHECK (move <> 'assign' OR assignee IS NOT NULL),
  CONSTRAINT review_move_reasoned CHECK (move NOT IN ('escalate', 'return', 'reopen') OR note_sealed IS NOT NULL),
  CONSTRAINT review_move_decided CHECK ((move IN ('violation', 'false_positive', 'watch')) = (decision_id IS NOT NULL)),
  -- nobody takes back his own conclusion
  CONSTRAINT review_move_undone CHECK (CASE WHEN move = 'reopen' THEN undoes IS NOT NULL AND undoes <> by_account ELSE undoes IS NULL END)
);
CREATE INDEX review_move_of ON review_move (corp_id, alert_id, at, id);
INSERT INTO review_move (corp_id, id, alert_id, at, move, from_state, to_state, level, by_account, by_role, decision_id)
  SELECT corp_id, gen_random_uuid(), alert_id, decided_at, conclusion, 'open', conclusion, 1, decided_by, 'officer', id FROM decision;

-- 案件: the alerts of one person, examined together. Who opened it does not close it.
CREATE TABLE case_file (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  state text NOT NULL DEFAULT 'investigating' CHECK (state IN ('investigating', 'rectifying', 'closed')),
  severity text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  origin text NOT NULL CHECK (origin IN ('hand', 'merge', 'escalation')),
  staff text NOT NULL,
  departments int[] NOT NULL,
  concealed boolean NOT NULL,
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  closed_by text,
  closed_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, number),
  CONSTRAINT case_file_closed CHECK ((state = 'closed') = (closed_by IS NOT NULL AND closed_at IS NOT NULL)),
  CONSTRAINT case_file_two CHECK (closed_by IS NULL OR closed_by <> opened_by)
);
CREATE INDEX case_file_list ON case_file (corp_id, state, opened_at DESC, id);
CREATE INDEX case_file_of ON case_file (corp_id, staff, opened_at DESC);
-- An alert stands in one case.
CREATE TABLE case_alert (
  corp_id smallint NOT NULL,
  alert_id uuid NOT NULL,
  case_id uuid NOT NULL,
  added_by text NOT NULL,
  added_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, alert_id)
);
CREATE INDEX case_alert_of ON case_alert (corp_id, case_id, added_at);
CREATE TABLE case_move (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  at timestamptz NOT NULL,
  move text NOT NULL CHECK (move IN ('open', 'add', 'rectify', 'close', 'reopen')),
  from_state text,
  to_state text NOT NULL,
  by_account text NOT NULL,
  by_role text NOT NULL,
  undoes text,
  note_sealed bytea,
  PRIMARY KEY (corp_id, id),
  CONSTRAINT case_move_undone CHECK (CASE WHEN move = 'reopen' THEN undoes IS NOT NULL AND undoes <> by_account ELSE undoes IS NULL END)
);
CREATE INDEX case_move_of ON case_move (corp_id, case_id, at, id);

GRANT SELECT, INSERT ON review_move, case_file, case_alert, case_move TO tongjian_app;
GRANT UPDATE (state, severity, concealed, due_at, closed_by, closed_at) ON case_file TO tongjian_app;
GRANT SELECT ON review_move, case_file, case_alert, case_move TO tongjian_purge;
GRANT UPDATE (note_sealed) ON review_move TO tongjian_purge;
GRANT UPDATE (text_key) ON review TO tongjian_purge;
