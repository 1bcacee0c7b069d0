-- Events WeCom sent, as they came: sealed is the decrypted XML under the institution's own key. A retried delivery
-- carries no id, so the event is known by a keyed digest of all it says; a repeated one also by its signature and nonce.
CREATE TABLE callback_event (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  type text NOT NULL,
  event_at timestamptz NOT NULL,
  received_at timestamptz NOT NULL,
  fingerprint bytea NOT NULL,
  delivery bytea NOT NULL,
  sealed bytea NOT NULL,
  state text NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'done', 'noted', 'failed')),
  reason text,
  attempts int NOT NULL DEFAULT 0,
  settled_at timestamptz,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, fingerprint),
  UNIQUE (corp_id, delivery)
);
CREATE INDEX callback_event_open ON callback_event (corp_id, received_at) WHERE state IN ('received', 'failed');
-- What came in at the public entrance, by outcome: verified, accepted, repeated, or why it was refused.
CREATE TABLE callback_count (
  corp_id smallint NOT NULL,
  outcome text NOT NULL,
  n bigint NOT NULL,
  last_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, outcome)
);

GRANT SELECT, INSERT, UPDATE ON callback_event, callback_count TO tongjian_app;
