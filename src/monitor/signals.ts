import type { MessageKey } from '../archive/index.ts'
import { type Db, type House, sql } from '../base/index.ts'

export type CustomerSignal = { key: MessageKey; rule: string }

/** What customers said that calls for a service act, by rule: newest first, each message once. */
export async function customerSignals(
  db: Db,
  house: House,
  asked: { rules: readonly string[]; since: number; limit: number },
): Promise<CustomerSignal[]> {
  const { rows } = await sql<CustomerSignal>`
    SELECT DISTINCT ON (h.sent_at, h.conv_id, h.src_msgid) jsonb_build_object('convId', h.conv_id::text,
      'sentAt', (extract(epoch FROM h.sent_at) * 1000)::bigint, 'msgid', h.src_msgid) AS key, h.rule
    FROM hit h WHERE h.corp_id = ${house.corp} AND h.rule = ANY(${[...asked.rules]}::text[]) AND h.verdict = 'signal'
      AND h.sent_at >= ${new Date(asked.since)}
    ORDER BY h.sent_at DESC, h.conv_id, h.src_msgid, h.rule LIMIT ${asked.limit}`.execute(db)
  return rows
}
