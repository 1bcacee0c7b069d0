import { type Db, sql, type Tx } from '../base/index.ts'
import type { LogId } from './store.ts'

/** A time authority's answer over a signed checkpoint. `response` is the DER of its TimeStampResp, as it came. */
export type StoredStamp = {
  size: number
  authority: string
  serial: string
  policy: string
  note: string
  response: Buffer
  /** The authority's clock, epoch milliseconds. */
  stampedAt: number
}

const COLUMNS = sql`size, authority, serial, policy, note, response, (extract(epoch FROM stamped_at) * 1000)::bigint AS "stampedAt"`

/** For each leaf the earliest stamp that covers it, without repeats, by size. */
export async function stampsCovering(
  db: Db,
  corp: number,
  log: LogId,
  indexes: readonly number[],
  upTo: number,
): Promise<StoredStamp[]> {
  const { rows } = await sql<StoredStamp>`
    SELECT DISTINCT ON (s.size, s.authority, s.serial) s.*
    FROM unnest(${indexes}::bigint[]) AS w (idx)
    CROSS JOIN LATERAL (SELECT ${COLUMNS} FROM checkpoint_stamp c
      WHERE c.corp_id = ${corp} AND c.log_id = ${log} AND c.size > w.idx AND c.size <= ${upTo}
      ORDER BY c.size, c.stamped_at LIMIT 1) s
    ORDER BY s.size, s.authority, s.serial
  `.execute(db)
  return rows
}

/** Stamps behind a place, in order: verify walks them a page at a time. */
export async function stampsAfter(
  db: Db,
  corp: number,
  log: LogId,
  after: { size: number; authority: string; serial: string },
  limit: number,
): Promise<(StoredStamp & { root: Buffer | null })[]> {
  const { rows } = await sql<StoredStamp & { root: Buffer | null }>`
    SELECT ${COLUMNS}, (SELECT k.root FROM checkpoint k WHERE k.corp_id = c.corp_id AND k.log_id = c.log_id
      AND k.size = c.size ORDER BY k.epoch DESC LIMIT 1) AS root
    FROM checkpoint_stamp c WHERE corp_id = ${corp} AND log_id = ${log}
      AND (size, authority, serial) > (${after.size}, ${after.authority}, ${after.serial})
    ORDER BY size, authority, serial LIMIT ${limit}
  `.execute(db)
  return rows
}

export async function insertStamp(
  tx: Tx,
  corp: number,
  log: LogId,
  stamp: StoredStamp,
  askedAt: number,
): Promise<void> {
  await sql`
    INSERT INTO checkpoint_stamp (corp_id, log_id, size, authority, serial, policy, note, response, stamped_at, asked_at)
    VALUES (${corp}, ${log}, ${stamp.size}, ${stamp.authority}, ${stamp.serial}, ${stamp.policy}, ${stamp.note},
      ${stamp.response}, ${new Date(stamp.stampedAt)}, ${new Date(askedAt)}) ON CONFLICT DO NOTHING`.execute(
    tx,
  )
}

export async function insertFailure(
  tx: Tx,
  corp: number,
  at: number,
  authority: string,
  reason: string,
): Promise<void> {
  await sql`INSERT INTO stamp_failure (corp_id, at, authority, reason)
    VALUES (${corp}, ${new Date(at)}, ${authority}, ${reason}) ON CONFLICT DO NOTHING`.execute(tx)
}

/** The newest stamp of a log: how large the log was and when we asked. */
export async function newestStamp(
  db: Db,
  corp: number,
  log: LogId,
): Promise<{ size: number; authority: string; stampedAt: number; askedAt: number } | null> {
  const { rows } = await sql<{ size: number; authority: string; stampedAt: number; askedAt: number }>`
    SELECT size, authority, (extract(epoch FROM stamped_at) * 1000)::bigint AS "stampedAt",
      (extract(epoch FROM asked_at) * 1000)::bigint AS "askedAt"
    FROM checkpoint_stamp WHERE corp_id = ${corp} AND log_id = ${log} ORDER BY size DESC, asked_at DESC LIMIT 1
  `.execute(db)
  return rows[0] ?? null
}

export type Failures = { count: number; newest: { at: number; authority: string; reason: string } | null }

/** What went wrong since a moment. */
export async function failuresSince(db: Db, corp: number, since: number): Promise<Failures> {
  const { rows } = await sql<{ count: number; at: number; authority: string; reason: string }>`
    SELECT count(*) OVER () AS count, (extract(epoch FROM at) * 1000)::bigint AS at, authority, reason
    FROM stamp_failure WHERE corp_id = ${corp} AND at > ${new Date(since)} ORDER BY at DESC LIMIT 1
  `.execute(db)
  const [row] = rows
  return row
    ? { count: row.count, newest: { at: row.at, authority: row.authority, reason: row.reason } }
    : { count: 0, newest: null }
}
