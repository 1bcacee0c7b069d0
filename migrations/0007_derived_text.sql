-- What stands in pictures and files as text. QR codes are read beside the words of a picture.
ALTER TABLE derived_text DROP CONSTRAINT derived_text_source_check;
ALTER TABLE derived_text ADD CONSTRAINT derived_text_source_check
  CHECK (source IN ('ocr', 'qr', 'asr', 'document', 'record'));

-- Which files have been read. A row is put in with the file, in one transaction; it is settled once, with its reason.
CREATE TABLE media_reading (
  corp_id smallint NOT NULL,
  conv_id bigint NOT NULL,
  sent_at timestamptz NOT NULL,
  src_msgid text NOT NULL,
  part text NOT NULL,
  sha256 bytea NOT NULL,
  state text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'read', 'empty', 'unreadable', 'skipped')),
  reason text,
  attempts int NOT NULL DEFAULT 0,
  claimed_until timestamptz,
  settled_at timestamptz,
  PRIMARY KEY (corp_id, conv_id, sent_at, src_msgid, part)
);
CREATE INDEX media_reading_waiting ON media_reading (corp_id, sent_at) WHERE state = 'waiting';
CREATE INDEX media_reading_skipped ON media_reading (corp_id, reason) WHERE state = 'skipped';
INSERT INTO media_reading (corp_id, conv_id, sent_at, src_msgid, part, sha256)
  SELECT corp_id, conv_id, sent_at, src_msgid, part, sha256 FROM message_media WHERE sha256 IS NOT NULL;
GRANT SELECT, INSERT, UPDATE ON media_reading TO tongjian_app;
GRANT SELECT ON media_reading TO tongjian_purge;
