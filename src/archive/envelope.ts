import { sql } from '../base/index.ts'

/** Of a `message m`: every column its record hash is made of, and its links, as `MessageEnvelope` names them. */
export const ENVELOPE = sql`m.corp_id AS corp, m.conv_id::text AS conv, ((extract(epoch FROM m.sent_at) * 1000000)::bigint)::text AS "sentAt",
  m.src_msgid AS msgid, m.source, m.seq::text AS seq, m.kind, m.action, m.direction, m.from_party AS "from", m.meta,
  m.consent_event::text AS "consentEvent", m.retention_class AS retention,
  ((extract(epoch FROM m.captured_at) * 1000000)::bigint)::text AS "capturedAt",
  (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', l.kind, 'target', l.target_msgid)), '[]') FROM message_link l
    WHERE l.corp_id = m.corp_id AND l.conv_id = m.conv_id AND l.sent_at = m.sent_at AND l.src_msgid = m.src_msgid) AS links`
