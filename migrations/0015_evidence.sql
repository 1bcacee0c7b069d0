-- Packages of evidence. What a person wrote (case number, purpose, reasons) stands sealed; the stretches are ids and
-- times. Who asks never decides: the table refuses it as well.
CREATE TABLE evidence_package (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'refused', 'withdrawn', 'approved', 'building', 'ready', 'failed', 'expired')),
  stretches jsonb NOT NULL,
  names text NOT NULL CHECK (names IN ('masked', 'clear')),
  keep_days int NOT NULL CHECK (keep_days BETWEEN 1 AND 90),
  messages bigint NOT NULL,
  requested_by text NOT NULL,
  requested_at timestamptz NOT NULL,
  request_sealed bytea NOT NULL,
  decided_by text,
  decided_at timestamptz,
  decision_sealed bytea,
  attempt int NOT NULL DEFAULT 0,
  step text,
  done bigint NOT NULL DEFAULT 0,
  started_at timestamptz,
  failure text,
  built_at timestamptz,
  file_bytes bigint,
  file_sha256 bytea,
  pieces int,
  expires_at timestamptz,
  expired_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, number),
  CONSTRAINT evidence_two_people CHECK (decided_by <> requested_by),
  CONSTRAINT evidence_decided CHECK (state IN ('waiting', 'withdrawn') OR decided_by IS NOT NULL)
);
CREATE INDEX evidence_package_by_time ON evidence_package (corp_id, requested_at DESC);
CREATE INDEX evidence_package_due ON evidence_package (corp_id, expires_at) WHERE state = 'ready';

-- What was issued, for ever: the hash of the manifest is in the ledger, so that a package can be shown to be ours.
CREATE TABLE evidence_issue (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  number text NOT NULL,
  requested_by text NOT NULL,
  approved_by text NOT NULL,
  issued_at timestamptz NOT NULL,
  manifest_sha256 bytea NOT NULL,
  note text NOT NULL,
  PRIMARY KEY (corp_id, id),
  CHECK (approved_by <> requested_by)
);
CREATE TABLE evidence_download (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  package_id uuid NOT NULL,
  taken_by text NOT NULL,
  taken_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX evidence_download_of ON evidence_download (corp_id, package_id, taken_at);

GRANT SELECT, INSERT ON evidence_package, evidence_issue, evidence_download TO tongjian_app;
GRANT UPDATE (state, decided_by, decided_at, decision_sealed, attempt, step, done, started_at, failure, built_at, file_bytes,
  file_sha256, pieces, expires_at, expired_at) ON evidence_package TO tongjian_app;
GRANT SELECT ON evidence_package, evidence_issue, evidence_download TO tongjian_purge;
