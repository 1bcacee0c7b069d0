import type { MessageKey } from '../archive/index.ts'
import { type Db, type House, now, sql } from '../base/index.ts'

const HISTORY_MS = 90 * 86_400_000

/** What became of the alerts of these messages, where it is decided: for the backtest of a rule. */
export async function conclusionsOf(
  db: Db,
  house: House,
  keys: MessageKey[],
): Promise<('violation' | 'false_positive')[]> {
  const { rows } = await sql<{ state: 'violation' | 'false_positive' }>`
    SELECT r.state FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
    JOIN review r ON r.corp_id = ${house.corp} AND r.conv_id = k.conv AND r.sent_at = k.sent AND r.src_msgid = k.msgid
    WHERE r.state IN ('violation', 'false_positive')`.execute(db)
  return rows.map(row => row.state)
}

/** Median minutes from an alert to its decision in the last 90 days, waiting included, and of how many. */
export async function handlingOf(db: Db, house: House): Promise<{ minutes: number; decisions: number }> {
  const { rows } = await sql<{ minutes: number | null; decisions: number }>`
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM decided_at - raised_at)::float8 / 60) AS minutes,
      count(*) AS decisions FROM review
    WHERE corp_id = ${house.corp} AND decided_at > ${new Date(now() - HISTORY_MS)} AND decided_at >= raised_at`.execute(
    db,
  )
  return { minutes: rows[0]?.minutes ?? 0, decisions: rows[0]?.decisions ?? 0 }
}
