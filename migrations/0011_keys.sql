-- Which suite of algorithms seals and signs: chosen at the first start, never changed. The app may not update it.
ALTER TABLE corp ADD COLUMN crypto text NOT NULL DEFAULT 'international' CHECK (crypto IN ('international', 'gm'));

-- Master keys by their public fingerprint; the keys themselves never enter the database. A retired one wraps nothing
-- any more, and a process that still holds it as its own is told so before it makes a data key under it.
CREATE TABLE master_key (
  corp_id smallint NOT NULL,
  master_id text NOT NULL CHECK (master_id ~ '^[0-9a-f]{16}$'),
  first_used_at timestamptz NOT NULL,
  retired_at timestamptz,
  PRIMARY KEY (corp_id, master_id)
);
GRANT SELECT, INSERT ON master_key TO tongjian_app;
GRANT SELECT ON master_key TO tongjian_purge;

-- How many keys were destroyed is asked every half minute by every process that holds opened keys.
CREATE INDEX data_key_shredded ON data_key (corp_id) WHERE shredded_at IS NOT NULL;
-- A destroyed key holds nothing, and a living one holds its wrapped form.
ALTER TABLE data_key ADD CONSTRAINT data_key_wrapped_or_shredded CHECK ((wrapped IS NULL) = (shredded_at IS NOT NULL));
