-- Who is told of an alert, by what way, and what became of it. One row a person, alert, channel and step: kill -9 and a
-- second worker change nothing about how many there are.

-- Settings in force are those of the highest version; earlier ones stay. Holds no addresses and no secrets.
CREATE TABLE delivery_setting (
  corp_id smallint NOT NULL,
  version int NOT NULL,
  settings jsonb NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, version)
);

-- sealed: an e-mail address; empty bytes: taken away.
CREATE TABLE delivery_address (
  corp_id smallint NOT NULL,
  account_id uuid NOT NULL,
  sealed bytea NOT NULL,
  set_by text NOT NULL,
  set_at timestamptz NOT NULL,
  PRIMARY KEY (corp_id, account_id)
);

-- sealed: name, address and secret of a webhook.
CREATE TABLE delivery_hook (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  sealed bytea NOT NULL,
  severities text[] NOT NULL,
  made_by text NOT NULL,
  made_at timestamptz NOT NULL,
  ended_by text,
  ended_at timestamptz,
  PRIMARY KEY (corp_id, id),
  CONSTRAINT delivery_hook_ended CHECK ((ended_by IS NULL) = (ended_at IS NULL))
);

-- receiver: an account, or a webhook. step 0: the alert was raised; 1 and more: nobody took it. alert_id is empty for a test.
-- sealed: the code that changes a card once (wecom-api.md §8.2).
CREATE TABLE delivery (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  alert_id uuid,
  receiver uuid NOT NULL,
  channel text NOT NULL CHECK (channel IN ('card', 'mail', 'hook', 'digest')),
  step smallint NOT NULL CHECK (step BETWEEN 0 AND 20),
  severity text NOT NULL CHECK (severity IN ('P0', 'P1', 'P2', 'P3')),
  state text NOT NULL CHECK (state IN ('waiting', 'retry', 'sent', 'dead', 'off', 'void')) DEFAULT 'waiting',
  due_at timestamptz NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  claimed_until timestamptz,
  reason text,
  created_at timestamptz NOT NULL,
  settled_at timestamptz,
  sealed bytea,
  PRIMARY KEY (corp_id, id),
  UNIQUE (corp_id, alert_id, receiver, channel, step)
);
CREATE INDEX delivery_due ON delivery (corp_id, channel, due_at) WHERE state IN ('waiting', 'retry');
CREATE INDEX delivery_of ON delivery (corp_id, receiver, channel, settled_at DESC);
CREATE INDEX delivery_newest ON delivery (corp_id, created_at DESC, id);

-- When somebody else is to be told because nobody took the alert.
CREATE TABLE delivery_escalation (
  corp_id smallint NOT NULL,
  alert_id uuid NOT NULL,
  step smallint NOT NULL CHECK (step BETWEEN 1 AND 20),
  due_at timestamptz NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'done', 'void')) DEFAULT 'waiting',
  settled_at timestamptz,
  PRIMARY KEY (corp_id, alert_id, step)
);
CREATE INDEX delivery_escalation_due ON delivery_escalation (corp_id, due_at) WHERE state = 'waiting';

-- One press of a card's button, as WeCom told of it. sealed: who pressed, and the code that changes the card.
CREATE TABLE delivery_press (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  delivery_id uuid NOT NULL,
  key text NOT NULL CHECK (key IN ('take', 'false_positive')),
  sealed bytea NOT NULL,
  outcome text CHECK (outcome IN ('taken', 'again', 'held', 'decided', 'denied', 'foreign', 'missing')),
  pressed_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX delivery_press_of ON delivery_press (corp_id, delivery_id);

-- A card that is to show what became of it. sealed: whose, the code, the words.
CREATE TABLE delivery_update (
  corp_id smallint NOT NULL,
  id uuid NOT NULL,
  sealed bytea NOT NULL,
  state text NOT NULL CHECK (state IN ('waiting', 'retry', 'sent', 'dead')) DEFAULT 'waiting',
  due_at timestamptz NOT NULL,
  attempts int NOT NULL DEFAULT 0,
  claimed_until timestamptz,
  reason text,
  created_at timestamptz NOT NULL,
  settled_at timestamptz,
  PRIMARY KEY (corp_id, id)
);
CREATE INDEX delivery_update_due ON delivery_update (corp_id, due_at) WHERE state IN ('waiting', 'retry');

GRANT SELECT, INSERT ON delivery_setting, delivery_address, delivery_hook, delivery, delivery_escalation, delivery_press, delivery_update
  TO tongjian_app;
GRANT UPDATE (sealed, set_by, set_at) ON delivery_address TO tongjian_app;
GRANT UPDATE (ended_by, ended_at) ON delivery_hook TO tongjian_app;
GRANT UPDATE (channel, state, due_at, attempts, claimed_until, reason, settled_at, sealed) ON delivery TO tongjian_app;
GRANT UPDATE (due_at, state, settled_at) ON delivery_escalation TO tongjian_app;
GRANT UPDATE (outcome, settled_at) ON delivery_press TO tongjian_app;
GRANT UPDATE (state, due_at, attempts, claimed_until, reason, settled_at) ON delivery_update TO tongjian_app;
GRANT SELECT ON delivery_setting, delivery_address, delivery_hook, delivery, delivery_escalation, delivery_press, delivery_update
  TO tongjian_purge;
