import { type Db, type House, sql } from '../base/index.ts'
import type { MessageKey } from './contract.ts'
import { type MessageRow, openRows, type Spoken } from './read.ts'

/**
 * The last messages of each conversation before the given ones, at most `most` before each and none older than
 * `within` ms, oldest first and without the given ones themselves. One query for the whole batch.
 */
export async function readBefore(
  db: Db,
  house: House,
  keys: MessageKey[],
  reach: { most: number; within: number },
): Promise<Spoken[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<MessageRow>`
    WITH k AS (SELECT * FROM unnest(${keys.map(k => k.convId)}::bigint[],
        ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[], ${keys.map(k => k.msgid)}::text[]) AS t (conv, sent, msgid)),
      near AS (SELECT DISTINCT b.conv_id, b.sent_at, b.src_msgid FROM k CROSS JOIN LATERAL (
        SELECT x.conv_id, x.sent_at, x.src_msgid FROM message x WHERE x.corp_id = ${house.corp} AND x.conv_id = k.conv
          AND x.sent_at <= k.sent AND x.sent_at >= k.sent - ${reach.within} * interval '1 millisecond'
          AND x.src_msgid <> k.msgid
        ORDER BY x.sent_at DESC, x.src_msgid DESC LIMIT ${reach.most}) b)
    SELECT m.conv_id::text AS conv, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.kind,
      m.direction, m.from_party AS "from", m.meta, m.body, (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt"
    FROM near CROSS JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${house.corp} AND x.conv_id = near.conv_id
      AND x.sent_at = near.sent_at AND x.src_msgid = near.src_msgid OFFSET 0) m
    WHERE NOT EXISTS (SELECT FROM k WHERE k.conv = m.conv_id AND k.sent = m.sent_at AND k.msgid = m.src_msgid)
    ORDER BY m.sent_at, m.src_msgid
  `.execute(db)
  return openRows(db, house, rows)
}
