-- The key of the grams stands in the order of time, so that a month is walked newest first by the key itself and no
-- index on time is needed beside it. Other keys of messages begin with the conversation and stay as they are.
ALTER TABLE message_gram DROP CONSTRAINT message_gram_pkey;
ALTER TABLE message_gram ADD PRIMARY KEY (corp_id, sent_at, conv_id, src_msgid, source, part);

-- Who took part in which conversation in which UTC month: sender, receivers, room. It narrows a search for a person;
-- the message itself decides. Ids only, and nothing that the message does not hold in clear.
CREATE TABLE conversation_party (
  corp_id smallint NOT NULL,
  party text NOT NULL,
  month date NOT NULL,
  conv_id bigint NOT NULL,
  PRIMARY KEY (corp_id, party, month, conv_id)
);
INSERT INTO conversation_party (corp_id, party, month, conv_id)
  SELECT DISTINCT m.corp_id, p.party, date_trunc('month', m.sent_at AT TIME ZONE 'UTC')::date, m.conv_id
  FROM message m CROSS JOIN LATERAL (
    SELECT m.from_party AS party
    UNION SELECT jsonb_array_elements_text(m.meta -> 'to')
    UNION SELECT m.meta ->> 'room' WHERE m.meta ? 'room') p
  WHERE p.party IS NOT NULL;

-- A search kept by name, for oneself or for the team. What is searched for is content, so it stands sealed.
CREATE TABLE saved_search (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  owner_id uuid NOT NULL,
  owner text NOT NULL,
  shared boolean NOT NULL,
  sealed bytea NOT NULL,
  created_at timestamptz NOT NULL,
  run_at timestamptz,
  deleted_at timestamptz,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX saved_search_by_owner ON saved_search (corp_id, owner_id) WHERE deleted_at IS NULL;

-- The last searches of each person, for himself alone. The trail keeps them for good; this is a convenience.
CREATE TABLE recent_search (
  corp_id smallint NOT NULL,
  account_id uuid NOT NULL,
  fingerprint bytea NOT NULL,
  sealed bytea NOT NULL,
  at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, account_id, fingerprint)
);

-- One download of search results. No file is kept: the rows go out as they are read.
CREATE TABLE search_export (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  account_id uuid,
  asked_by text NOT NULL,
  asked_at timestamptz NOT NULL,
  format text NOT NULL CHECK (format IN ('csv', 'jsonl')),
  clear_names boolean NOT NULL,
  sealed bytea NOT NULL,
  state text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'running', 'done', 'broken')),
  written bigint NOT NULL DEFAULT 0,
  reached_at timestamptz,
  started_at timestamptz,
  ended_at timestamptz,
  sha256 bytea,
  PRIMARY KEY (corp_id, id)
);

GRANT SELECT, INSERT ON conversation_party TO tongjian_app;
GRANT SELECT, INSERT ON saved_search, search_export TO tongjian_app;
GRANT UPDATE (run_at, deleted_at) ON saved_search TO tongjian_app;
GRANT UPDATE (state, written, reached_at, started_at, ended_at, sha256) ON search_export TO tongjian_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON recent_search TO tongjian_app;
GRANT SELECT ON conversation_party, saved_search, recent_search, search_export TO tongjian_purge;

-- Search asks one month after the other by name, so that neither pruning nor a guess of the planner stands between a
-- word and its index: the app may read these partitions directly. What it may write still goes through the parents.
CREATE OR REPLACE FUNCTION tongjian_add_month(month date) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
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
    IF base IN ('message', 'message_gram', 'message_mark') THEN
      EXECUTE format('GRANT SELECT ON %I TO tongjian_app', base || to_char(month, '"_"YYYY"_"MM'));
    END IF;
  END LOOP;
END $$;
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT inhrelid::regclass FROM pg_inherits
    WHERE inhparent IN ('message'::regclass, 'message_gram'::regclass, 'message_mark'::regclass) LOOP
    EXECUTE format('GRANT SELECT ON %s TO tongjian_app', part);
  END LOOP;
END $$;
