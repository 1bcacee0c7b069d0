-- Three database roles (design §6). The owner runs migrations; the app may only add to what is append-only; purge is
-- for the two-person destruction of a later release. In an embedded cluster they already exist as login roles.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tongjian_app') THEN CREATE ROLE tongjian_app NOLOGIN; END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tongjian_purge') THEN CREATE ROLE tongjian_purge NOLOGIN; END IF;
END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO tongjian_app, tongjian_purge;

CREATE TABLE corp (
  id smallint PRIMARY KEY,
  corpid text NOT NULL UNIQUE,
  name_sealed bytea,
  institution_type text NOT NULL DEFAULT 'bank',
  tz text NOT NULL DEFAULT 'Asia/Shanghai',
  demo boolean NOT NULL DEFAULT false
);

-- One data key per institution × conversation × month, wrapped by the master key. conv_id 0 in month 1970-01-01 is
-- the institution's own key: names, accounts, trail details and the secret of the search grams.
CREATE TABLE data_key (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  month date NOT NULL,
  key_id uuid NOT NULL,
  wrapped bytea,
  created_at timestamptz NOT NULL,
  shredded_at timestamptz,
  PRIMARY KEY (corp_id, conv_id, month)
);

-- conv_id: 63-bit hash of (corp, room | sorted pair | 'switch:' + user), computable without a look-up.
CREATE TABLE message (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  source text NOT NULL,
  seq bigint,
  kind text NOT NULL,
  action text NOT NULL,
  direction text NOT NULL,
  from_party text NOT NULL,
  meta jsonb NOT NULL,
  consent_event uuid,
  retention_class text NOT NULL DEFAULT 'forever',
  body bytea,
  key_id uuid NOT NULL,
  commitment bytea NOT NULL,
  captured_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid)
) PARTITION BY RANGE (sent_at);
-- The same msgid at another time or in another conversation is a conflict, so msgid must be findable alone.
CREATE INDEX message_by_msgid ON message (corp_id, src_msgid);
CREATE INDEX message_by_time ON message (corp_id, sent_at DESC, src_msgid);

-- recalls | quotes | forwards; the target may be missing or come later.
CREATE TABLE message_link (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('recalls', 'quotes', 'forwards')),
  target_msgid text NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, kind, target_msgid)
) PARTITION BY RANGE (sent_at);
CREATE INDEX message_link_by_target ON message_link (corp_id, conv_id, target_msgid);

CREATE TABLE derived_text (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  source text NOT NULL CHECK (source IN ('ocr', 'asr', 'document', 'record')),
  part text NOT NULL,
  body bytea,
  key_id uuid NOT NULL,
  commitment bytea NOT NULL,
  derived_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, source, part)
) PARTITION BY RANGE (sent_at);

-- Distinct keyed 1- and 2-grams of the folded text; rebuildable, never in the ledger.
CREATE TABLE message_gram (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  source text NOT NULL,
  part text NOT NULL,
  g int4[] NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, source, part)
) PARTITION BY RANGE (sent_at);
CREATE INDEX message_gram_g ON message_gram USING gin (g) WITH (fastupdate = on, gin_pending_list_limit = 8192);

-- Facts later rooms add to a message (rule, severity, approved …), so that search knows them.
CREATE TABLE message_mark (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  kind text NOT NULL,
  value text NOT NULL,
  marked_by text NOT NULL,
  marked_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, kind, value)
) PARTITION BY RANGE (sent_at);
CREATE INDEX message_mark_by_value ON message_mark (corp_id, kind, value, sent_at DESC);

CREATE TABLE media (
  corp_id smallint NOT NULL,
  sha256 bytea NOT NULL,
  size bigint NOT NULL,
  key_id uuid NOT NULL,
  stored_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, sha256)
);
CREATE TABLE message_media (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  part text NOT NULL,
  sdkfileid bytea NOT NULL,
  state text NOT NULL DEFAULT 'waiting',
  sha256 bytea,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, part)
) PARTITION BY RANGE (sent_at);

-- Months in UTC plus DEFAULT: 0, 2099 and old imports land in DEFAULT and are archived all the same.
-- It runs with the owner's rights, so that a running server can add the next months; all it can do is add a month.
CREATE FUNCTION tongjian_add_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  base text;
  lower_bound timestamptz := (date_trunc('month', month)::timestamp AT TIME ZONE 'UTC');
  upper_bound timestamptz := ((date_trunc('month', month) + interval '1 month')::timestamp AT TIME ZONE 'UTC');
  clash boolean;
BEGIN
  FOREACH base IN ARRAY ARRAY['message', 'message_link', 'derived_text', 'message_gram', 'message_mark', 'message_media'] LOOP
    CONTINUE WHEN to_regclass(format('public.%I', base || to_char(month, '"_"YYYY"_"MM'))) IS NOT NULL;
    EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE sent_at >= %L AND sent_at < %L)', base || '_default', lower_bound, upper_bound) INTO clash;
    CONTINUE WHEN clash;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
      base || to_char(month, '"_"YYYY"_"MM'), base, lower_bound, upper_bound);
  END LOOP;
END $$;
CREATE TABLE message_default PARTITION OF message DEFAULT;
CREATE TABLE message_link_default PARTITION OF message_link DEFAULT;
CREATE TABLE derived_text_default PARTITION OF derived_text DEFAULT;
CREATE TABLE message_gram_default PARTITION OF message_gram DEFAULT;
CREATE TABLE message_mark_default PARTITION OF message_mark DEFAULT;
CREATE TABLE message_media_default PARTITION OF message_media DEFAULT;

-- The ledger (RFC 6962). Rows wait in leaf_pending in the transaction that made them; one sealer gives indexes.
CREATE TABLE leaf_pending (
  corp_id smallint NOT NULL,
  log_id text NOT NULL,
  kind text NOT NULL,
  record_hash bytea NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  ref text NOT NULL,
  PRIMARY KEY (corp_id, log_id, kind, conv_id, sent_at, ref)
);
CREATE TABLE leaf (
  corp_id smallint NOT NULL,
  log_id text NOT NULL,
  epoch int NOT NULL,
  idx bigint NOT NULL,
  kind text NOT NULL,
  record_hash bytea NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  ref text NOT NULL,
  PRIMARY KEY (corp_id, log_id, epoch, idx)
);
CREATE INDEX leaf_by_ref ON leaf (corp_id, log_id, conv_id, sent_at, ref);
CREATE TABLE checkpoint (
  corp_id smallint NOT NULL,
  log_id text NOT NULL,
  epoch int NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text NOT NULL,
  sealed_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, log_id, epoch, size)
);

-- Retention is for ever until two people enable a purge class; these stand ready and hold nothing yet.
CREATE TABLE hold (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  scope jsonb NOT NULL,
  reason_sealed bytea NOT NULL,
  placed_by text NOT NULL,
  placed_at timestamptz NOT NULL,
  released_by text,
  released_at timestamptz,
  PRIMARY KEY (corp_id, id)
);
CREATE TABLE retention_anchor (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  anchor text NOT NULL,
  starts_on date NOT NULL,
  basis text NOT NULL,
  recorded_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, anchor, starts_on)
);
CREATE TABLE destruction (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  requested_by text NOT NULL,
  approved_by text NOT NULL,
  certificate jsonb NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, id),
  CHECK (requested_by <> approved_by)
);

REVOKE ALL ON FUNCTION tongjian_add_month(date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION tongjian_add_month(date) TO tongjian_app;

-- Append-only for the app: no UPDATE, no DELETE (checked by a test against pg_catalog).
GRANT SELECT, INSERT ON corp, data_key, message, message_link, derived_text, message_mark, media, leaf, checkpoint,
  hold, retention_anchor, destruction TO tongjian_app;
GRANT SELECT, INSERT, DELETE ON message_gram, leaf_pending TO tongjian_app;
GRANT SELECT, INSERT ON message_media TO tongjian_app;
GRANT UPDATE (state, sha256) ON message_media TO tongjian_app;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO tongjian_purge;
GRANT UPDATE (body) ON message, derived_text TO tongjian_purge;
GRANT UPDATE (wrapped, shredded_at) ON data_key TO tongjian_purge;
GRANT DELETE ON message_gram TO tongjian_purge;
