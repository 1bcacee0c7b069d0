import { createHmac, hkdfSync, type KeyObject } from 'node:crypto'
import { type House, sql, type Tx } from '../base/index.ts'

const DAY_MS = 86_400_000
/** The same words count as a duplicate this long, other words under the same rules for a day. */
const SAME_WORDS_DAYS = 30

/**
 * A keyed hash of what was said, by which the same words are known again without keeping them: letters and figures
 * only, so that a space or a full stop makes no difference.
 */
export function textKey(house: House, key: KeyObject, texts: readonly string[]): Buffer | null {
  const folded = texts
    .join('\n')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, '')
  if (folded === '') return null
  const secret = Buffer.from(hkdfSync('sha256', key, '', `near-duplicates|${house.corp}`, 32))
  return createHmac('sha256', secret).update(folded).digest().subarray(0, 16)
}

type Said = {
  staff: string
  rules: readonly string[]
  sentAt: number
  concealed: boolean
  textKey: Buffer | null
}

/**
 * The first of the group this alert belongs to: same person, same rules, and the same words or within 24 hours. Null
 * when it stands alone. What is concealed is never grouped.
 */
export async function leadOf(tx: Tx, corp: number, said: Said): Promise<string | null> {
  if (said.concealed) return null
  const at = (ms: number): string => new Date(ms).toISOString()
  const { staff, sentAt, textKey: words } = said
  const rules = [...said.rules]
  const { rows } = await sql<{ lead: string }>`
    SELECT coalesce(lead_id, alert_id)::text AS lead FROM review
    WHERE corp_id = ${corp} AND staff = ${staff} AND rules @> ${rules}::text[] AND rules <@ ${rules}::text[] AND NOT concealed
      AND (sent_at BETWEEN ${at(sentAt - DAY_MS)} AND ${at(sentAt + DAY_MS)}
        OR (text_key = ${words} AND sent_at BETWEEN ${at(sentAt - SAME_WORDS_DAYS * DAY_MS)} AND ${at(sentAt + SAME_WORDS_DAYS * DAY_MS)}))
    ORDER BY sent_at, alert_id LIMIT 1`.execute(tx)
  return rows[0]?.lead ?? null
}
