-- What a time authority answered (RFC 3161), as it came, over a signed checkpoint. `note` is what was stamped: the
-- imprint is its SHA-256. `stamped_at` is the authority's clock, `asked_at` ours.
CREATE TABLE checkpoint_stamp (
  corp_id smallint NOT NULL,
  log_id text NOT NULL,
  size bigint NOT NULL,
  authority text NOT NULL,
  serial text NOT NULL,
  policy text NOT NULL,
  note text NOT NULL,
  response bytea NOT NULL,
  stamped_at timestamptz NOT NULL,
  asked_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, log_id, size, authority, serial)
);
-- What it did not answer, or answered wrongly: a host and a word, for the system page.
CREATE TABLE stamp_failure (
  corp_id smallint NOT NULL,
  at timestamptz NOT NULL,
  authority text NOT NULL,
  reason text NOT NULL,
  PRIMARY KEY (corp_id, at, authority)
);
-- Where a log goes on after a restore fell behind a checkpoint outside: leaves database_size up to first_idx - 1 stand
-- outside as hashes and here no more. The first leaf of the epoch, `first_idx`, is the hash of this row.
CREATE TABLE ledger_epoch (
  corp_id smallint NOT NULL,
  log_id text NOT NULL,
  epoch int NOT NULL CHECK (epoch > 0),
  first_idx bigint NOT NULL,
  database_size bigint NOT NULL CHECK (database_size >= 0 AND database_size < first_idx),
  database_root bytea NOT NULL,
  outside_note text NOT NULL,
  reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
  opened_by text NOT NULL,
  opened_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, log_id, epoch)
);
GRANT SELECT, INSERT ON checkpoint_stamp, stamp_failure, ledger_epoch TO tongjian_app;
GRANT SELECT ON checkpoint_stamp, stamp_failure, ledger_epoch TO tongjian_purge;
