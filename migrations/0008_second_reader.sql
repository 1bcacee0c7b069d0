-- What the optional second reader was asked and answered: which model under which prompt, a digest of what it was given,
-- and its answer, sealed under the conversation's key. It may add a hit or explain one; nothing is ever taken back.
CREATE TABLE second_reading (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  prompt_version text NOT NULL,
  model text NOT NULL,
  host text NOT NULL,
  input_sha256 bytea NOT NULL,
  outcome text NOT NULL CHECK (outcome IN ('added', 'explained', 'nothing', 'unusable', 'given_up')),
  sealed bytea NOT NULL,
  key_id uuid NOT NULL,
  read_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, prompt_version, model)
);
GRANT SELECT, INSERT ON second_reading TO tongjian_app;
-- The type of institution follows the settings: it chooses the layer of the rules.
GRANT UPDATE (institution_type) ON corp TO tongjian_app;
