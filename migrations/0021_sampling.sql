-- Samples that anyone can draw again. A plan is a leaf of the archive's ledger; the first signed checkpoint above it fixes
-- what may be drawn and, with the plan's id, the seed. `document` is the canonical text that the leaf holds the hash of.
CREATE TABLE sample_plan (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  scope_key text NOT NULL,
  document text NOT NULL,
  title_sealed bytea NOT NULL,
  registered_by text NOT NULL,
  registered_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, number)
);
CREATE INDEX sample_plan_of_scope ON sample_plan (corp_id, scope_key);

-- What was drawn, once a plan: a leaf of its own says the same.
CREATE TABLE sample_draw (
  corp_id smallint NOT NULL,
  plan_id uuid NOT NULL,
  size bigint NOT NULL,
  note text NOT NULL,
  seed bytea NOT NULL,
  population int NOT NULL,
  population_sha256 bytea NOT NULL,
  drawn int NOT NULL,
  drawn_sha256 bytea NOT NULL,
  -- How large each stratum is and how many were to be drawn: follows from plan and population, kept for the estimates.
  strata jsonb NOT NULL,
  drawn_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, plan_id)
);

-- A unit of a sample on its way through the check. Opened is not reviewed: a state of its own.
CREATE TABLE sample_unit (
  corp_id smallint NOT NULL,
  plan_id uuid NOT NULL,
  unit text NOT NULL,
  place int NOT NULL,
  staff text NOT NULL,
  department int NOT NULL,
  conv_id bigint NOT NULL,
  first_at timestamptz NOT NULL,
  last_at timestamptz NOT NULL,
  msgid text NOT NULL,
  messages int NOT NULL,
  grouped boolean NOT NULL,
  severity text CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  rules text[] NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'opened', 'clean', 'finding')) DEFAULT 'waiting',
  opened_by text,
  opened_at timestamptz,
  concluded_by text,
  concluded_at timestamptz,
  note_sealed bytea,
  PRIMARY KEY (corp_id, plan_id, unit),
  UNIQUE (corp_id, plan_id, place),
  CONSTRAINT sample_unit_concluded CHECK ((state IN ('clean', 'finding')) = (concluded_by IS NOT NULL))
);
CREATE INDEX sample_unit_waiting ON sample_unit (corp_id, state);
CREATE INDEX sample_unit_conv ON sample_unit (corp_id, conv_id);

CREATE TABLE inspection (
  corp_id smallint NOT NULL,
  plan_id uuid NOT NULL,
  state text NOT NULL CHECK (state IN ('planned', 'sampled', 'checking', 'findings', 'rectifying', 'rechecking', 'closed')) DEFAULT 'planned',
  moved_by text NOT NULL,
  moved_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, plan_id)
);

CREATE TABLE finding (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  plan_id uuid NOT NULL,
  unit text NOT NULL,
  number text NOT NULL,
  staff text NOT NULL,
  departments int[] NOT NULL,
  severity text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  rule text NOT NULL,
  conv_id bigint NOT NULL,
  happened_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('reported', 'confirmed', 'dismissed', 'rectifying', 'submitted', 'closed')) DEFAULT 'reported',
  note_sealed bytea NOT NULL,
  found_by text NOT NULL,
  found_at timestamptz NOT NULL,
  decided_by text,
  decided_at timestamptz,
  decision_sealed bytea,
  due_at timestamptz,
  rectified_by text,
  rectified_at timestamptz,
  rectified_sealed bytea,
  checked_by text,
  checked_at timestamptz,
  checked_sealed bytea,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, plan_id, unit, staff, rule),
  -- Whoever found it does not confirm it; whoever put it right does not check it.
  CONSTRAINT finding_second_person CHECK (decided_by IS NULL OR decided_by <> found_by),
  CONSTRAINT finding_checked_by_another CHECK (checked_by IS NULL OR (rectified_by IS NOT NULL AND checked_by <> rectified_by))
);
CREATE INDEX finding_of_plan ON finding (corp_id, plan_id, found_at);
CREATE INDEX finding_conv ON finding (corp_id, conv_id);

-- A concluded unit or alert given to another reviewer who does not see the first conclusion.
CREATE TABLE second_look (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('blind', 'known')),
  source_kind text NOT NULL CHECK (source_kind IN ('alert', 'unit')),
  source_id text NOT NULL,
  conv_id bigint NOT NULL,
  at timestamptz NOT NULL,
  staff text NOT NULL,
  departments int[] NOT NULL,
  first_by text NOT NULL,
  first_verdict text NOT NULL CHECK (first_verdict IN ('violation', 'clean')),
  assigned_at timestamptz NOT NULL,
  opened_by text,
  opened_at timestamptz,
  verdict text CHECK (verdict IN ('violation', 'clean')),
  concluded_by text,
  concluded_at timestamptz,
  note_sealed bytea,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, source_kind, source_id),
  CONSTRAINT second_look_another CHECK (concluded_by IS NULL OR concluded_by <> first_by),
  CONSTRAINT second_look_concluded CHECK ((verdict IS NULL) = (concluded_by IS NULL))
);
CREATE INDEX second_look_waiting ON second_look (corp_id, assigned_at) WHERE verdict IS NULL;
CREATE INDEX second_look_conv ON second_look (corp_id, conv_id);

GRANT SELECT, INSERT ON sample_plan, sample_draw, sample_unit, inspection, finding, second_look TO tongjian_app;
GRANT UPDATE (state, opened_by, opened_at, concluded_by, concluded_at, note_sealed) ON sample_unit TO tongjian_app;
GRANT UPDATE (state, moved_by, moved_at) ON inspection TO tongjian_app;
GRANT UPDATE (state, decided_by, decided_at, decision_sealed, due_at, rectified_by, rectified_at, rectified_sealed,
  checked_by, checked_at, checked_sealed) ON finding TO tongjian_app;
GRANT UPDATE (opened_by, opened_at, verdict, concluded_by, concluded_at, note_sealed) ON second_look TO tongjian_app;
GRANT SELECT ON sample_plan, sample_draw, sample_unit, inspection, finding, second_look TO tongjian_purge;
-- What people wrote about messages goes with them (src/cases/purge.ts).
GRANT UPDATE (note_sealed) ON sample_unit, second_look TO tongjian_purge;
GRANT UPDATE (note_sealed, decision_sealed, rectified_sealed, checked_sealed) ON finding TO tongjian_purge;
