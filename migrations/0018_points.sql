-- What follows from a confirmed violation, whoever confirmed it: an alert, a finding of an inspection, a complaint. One
-- row a violation; taken back it stays, with who took it back and why (sealed), and counts no more.
CREATE TABLE violation (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  staff text NOT NULL,
  departments int[] NOT NULL,
  severity text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  rules text[] NOT NULL,
  source_kind text NOT NULL CHECK (source_kind IN ('alert', 'finding', 'complaint')),
  source_id text NOT NULL,
  happened_at timestamptz NOT NULL,
  points int NOT NULL CHECK (points BETWEEN 0 AND 100),
  confirmed_by text NOT NULL,
  confirmed_at timestamptz NOT NULL,
  reversed_by text,
  reversed_at timestamptz,
  reason_sealed bytea,
  PRIMARY KEY (corp_id, id),
  CONSTRAINT violation_reversed CHECK ((reversed_by IS NULL) = (reversed_at IS NULL))
);
-- One source counts once; taken back and confirmed again it is a new row.
CREATE UNIQUE INDEX violation_once ON violation (corp_id, source_kind, source_id) WHERE reversed_at IS NULL;
CREATE INDEX violation_of ON violation (corp_id, staff, happened_at DESC);

CREATE TABLE training_task (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  violation_id uuid NOT NULL,
  staff text NOT NULL,
  course text NOT NULL,
  state text NOT NULL CHECK (state IN ('assigned', 'done', 'cancelled')) DEFAULT 'assigned',
  due_at timestamptz NOT NULL,
  assigned_at timestamptz NOT NULL,
  ended_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, violation_id, course)
);
CREATE INDEX training_task_of ON training_task (corp_id, staff, due_at);

GRANT SELECT, INSERT ON violation, training_task TO tongjian_app;
GRANT UPDATE (reversed_by, reversed_at, reason_sealed) ON violation TO tongjian_app;
GRANT UPDATE (state, ended_at) ON training_task TO tongjian_app;
GRANT SELECT ON violation, training_task TO tongjian_purge;
