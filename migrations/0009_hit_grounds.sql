-- Why a hit stands: codes in clear; how its words sound and what they were read as, sealed under the conversation's key
-- as the words themselves are, and only where that is more than what stands there. Hits from before have neither.
ALTER TABLE hit ADD COLUMN grounds text[], ADD COLUMN reading_sealed bytea;
GRANT UPDATE (reading_sealed) ON hit TO tongjian_purge;
