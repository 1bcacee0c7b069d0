import { fail, type House, hash63, keyMonth, sql, type Tx } from '../../base/index.ts'
import type { MessageKey } from '../contract.ts'
import type { Part } from './judge.ts'
import { when } from './store.ts'

/** Keys before this month belong to files and to messages without a time; they are never whole. */
const EARLIEST = '1990-01-01'

const lockName = (corp: number): string => hash63('tongjian shred v1', String(corp))

/**
 * Destroy the data key of a conversation-month whose last body is gone: what backups and dead pages still hold of it can
 * no longer be opened. True when it was destroyed. Holds off every append (`mayAppend`) while it looks for a body, so
 * that nothing is sealed with a key that is about to go.
 */
export async function shredIfEmpty(tx: Tx, house: House, part: Part): Promise<boolean> {
  if (part.month < EARLIEST) return false
  await sql`SELECT pg_advisory_xact_lock(${lockName(house.corp)}::bigint)`.execute(tx)
  const { rows } = await sql<{ n: number }>`
    SELECT (SELECT count(*) FROM message m WHERE ${within('m', house.corp, part)})
      + (SELECT count(*) FROM derived_text d WHERE ${within('d', house.corp, part)}) AS n`.execute(tx)
  if (rows[0]?.n !== 0) return false
  return (await house.keys.shred(tx, [{ conv: part.convId, month: part.month }])) === 1
}

function within(table: string, corp: number, { convId, month }: Part): ReturnType<typeof sql> {
  const t = sql.raw(table)
  return sql`${t}.corp_id = ${corp} AND ${t}.conv_id = ${convId}::bigint AND ${t}.body IS NOT NULL
    AND ${t}.sent_at >= (${month}::timestamp AT TIME ZONE 'UTC')
    AND ${t}.sent_at < ((${month}::timestamp + interval '1 month') AT TIME ZONE 'UTC')`
}

/**
 * Before an append writes: its keys must not have been destroyed since they were fetched. Appends share this lock among
 * themselves and wait only for a shredding. `key.shredded` when the month was destroyed.
 */
export async function mayAppend(
  tx: Tx,
  corp: number,
  places: { conv: string; sentAt: number }[],
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock_shared(${lockName(corp)}::bigint)`.execute(tx)
  const { rows } = await sql<{ conv: string; month: string }>`
    SELECT k.conv_id::text AS conv, k.month::text AS month FROM data_key k
    WHERE k.corp_id = ${corp} AND k.shredded_at IS NOT NULL AND (k.conv_id, k.month) IN (SELECT * FROM unnest(
      ${places.map(place => place.conv)}::bigint[], ${places.map(place => keyMonth(place.sentAt))}::date[])) LIMIT 1`.execute(
    tx,
  )
  const gone = rows[0]
  if (gone) throw fail('key.shredded', { conversation: gone.conv, month: gone.month })
}

/** May what a file says still be written down? Not when its message was purged while it was being read. */
export async function mayRead(tx: Tx, corp: number, key: MessageKey): Promise<boolean> {
  await mayAppend(tx, corp, [{ conv: key.convId, sentAt: key.sentAt }])
  const { rows } = await sql`SELECT 1 FROM message WHERE corp_id = ${corp} AND conv_id = ${key.convId}::bigint
    AND sent_at = ${when(key.sentAt)}::timestamptz AND src_msgid = ${key.msgid} AND body IS NOT NULL`.execute(
    tx,
  )
  return rows.length > 0
}
