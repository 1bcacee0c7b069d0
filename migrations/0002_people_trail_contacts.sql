CREATE TABLE department (
  corp_id smallint NOT NULL,
  id int NOT NULL,
  parent_id int NOT NULL,
  position bigint NOT NULL DEFAULT 0,
  sealed bytea NOT NULL,
  synced_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE TABLE employee (
  corp_id smallint NOT NULL,
  userid text NOT NULL,
  departments int[] NOT NULL,
  leads int[] NOT NULL DEFAULT '{}',
  status smallint NOT NULL,
  sealed bytea NOT NULL,
  synced_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, userid)
);
-- userid: the WeCom member behind the account; departments: the scope of a supervisor.
CREATE TABLE account (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  username text NOT NULL,
  password_hash text NOT NULL,
  role text NOT NULL CHECK (role IN ('officer', 'lead', 'risk', 'supervisor', 'adviser', 'admin', 'auditor', 'inspector')),
  userid text,
  departments int[] NOT NULL DEFAULT '{}',
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  disabled_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, username)
);
-- The cookie's SHA-256, so that a dump opens no session.
CREATE TABLE session (
  token_hash bytea PRIMARY KEY,
  corp_id smallint NOT NULL,
  account_id uuid NOT NULL,
  created_at timestamptz NOT NULL,
  seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE TABLE sign_in_failure (
  corp_id smallint NOT NULL,
  username text NOT NULL,
  at timestamptz NOT NULL,
  id uuid NOT NULL,
  PRIMARY KEY (corp_id, username, at, id)
);

-- Who did what. detail is sealed: a search query is content. Its leaves stand in the ledger 'trail'.
CREATE TABLE trail_entry (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  at timestamptz NOT NULL,
  actor text NOT NULL,
  role text NOT NULL,
  verb text NOT NULL,
  thing_kind text NOT NULL,
  thing_id text NOT NULL,
  sealed bytea NOT NULL,
  key_id uuid NOT NULL,
  commitment bytea NOT NULL,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX trail_entry_by_time ON trail_entry (corp_id, at DESC, id);
CREATE INDEX trail_entry_by_thing ON trail_entry (corp_id, thing_kind, thing_id, at DESC);

CREATE TABLE external_contact (
  corp_id smallint NOT NULL,
  external_userid text NOT NULL,
  type smallint NOT NULL,
  sealed bytea NOT NULL,
  synced_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, external_userid)
);
CREATE TABLE contact_follow (
  corp_id smallint NOT NULL,
  userid text NOT NULL,
  external_userid text NOT NULL,
  added_at timestamptz NOT NULL,
  add_way int NOT NULL,
  sealed bytea NOT NULL,
  synced_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, external_userid, userid)
);
CREATE INDEX contact_follow_by_staff ON contact_follow (corp_id, userid);
CREATE TABLE customer_group (
  corp_id smallint NOT NULL,
  chat_id text NOT NULL,
  owner text NOT NULL,
  created_at timestamptz NOT NULL,
  sealed bytea NOT NULL,
  synced_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, chat_id)
);
CREATE TABLE customer_group_member (
  corp_id smallint NOT NULL,
  chat_id text NOT NULL,
  party text NOT NULL,
  kind smallint NOT NULL,
  joined_at timestamptz NOT NULL,
  left_at timestamptz,
  PRIMARY KEY (corp_id, chat_id, party, joined_at)
);
-- Bitemporal: effective_at is when the customer chose, recorded_at when we learnt it. Never updated.
CREATE TABLE consent_event (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  external_userid text NOT NULL,
  userid text,
  chat_id text,
  state text NOT NULL CHECK (state IN ('agree', 'disagree', 'default_agree', 'withdrawn')),
  source text NOT NULL,
  source_ref text NOT NULL,
  effective_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, source, source_ref, external_userid)
);
CREATE INDEX consent_event_by_customer ON consent_event (corp_id, external_userid, effective_at DESC);

GRANT SELECT, INSERT, UPDATE, DELETE ON department, employee, session, sign_in_failure, external_contact, contact_follow,
  customer_group, customer_group_member TO tongjian_app;
GRANT SELECT, INSERT, UPDATE ON account TO tongjian_app;
GRANT SELECT, INSERT ON trail_entry, consent_event TO tongjian_app;
