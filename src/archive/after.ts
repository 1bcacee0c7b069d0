import { type Db, type House, sql } from '../base/index.ts'
import type { MessageKey } from './contract.ts'

type Period = { from: number; until: number; direction?: 'staff' }

/** When the first message of a conversation within a period was sent, those of one side only where asked; null when none. */
export async function firstWithin(
  db: Db,
  house: House,
  convId: string,
  period: Period,
): Promise<number | null> {
  const { direction } = period
  const { rows } = await sql<{ at: number }>`
    SELECT (extract(epoch FROM sent_at) * 1000)::bigint AS at FROM message
    WHERE corp_id = ${house.corp} AND conv_id = ${convId}::bigint AND sent_at > ${new Date(period.from)}
      AND sent_at <= ${new Date(period.until)} ${direction === undefined ? sql`` : sql`AND direction = ${direction}`}
    ORDER BY sent_at LIMIT 1`.execute(db)
  return rows[0]?.at ?? null
}

/** When the `n`th message after this one was sent; null while there are fewer. */
export async function nthAfter(db: Db, house: House, key: MessageKey, n: number): Promise<number | null> {
  const { rows } = await sql<{ at: number }>`
    SELECT (extract(epoch FROM sent_at) * 1000)::bigint AS at FROM message
    WHERE corp_id = ${house.corp} AND conv_id = ${key.convId}::bigint AND sent_at >= ${new Date(key.sentAt)}
      AND (sent_at, src_msgid) > (${new Date(key.sentAt)}::timestamptz, ${key.msgid})
    ORDER BY sent_at, src_msgid OFFSET ${n - 1} LIMIT 1`.execute(db)
  return rows[0]?.at ?? null
}

/** What the newest messages of a conversation are, newest first: for who watches it live. */
export async function newestOf(db: Db, house: House, convId: string, n: number): Promise<MessageKey[]> {
  const { rows } = await sql<MessageKey>`
    SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid FROM message
    WHERE corp_id = ${house.corp} AND conv_id = ${convId}::bigint ORDER BY sent_at DESC, src_msgid DESC LIMIT ${n}`.execute(
    db,
  )
  return rows
}
