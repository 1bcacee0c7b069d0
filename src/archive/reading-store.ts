import { type Db, sql, type Tx } from '../base/index.ts'
import type { MediaRef } from './media-store.ts'

/** This folder's SQL for the reading of files: what waits, what came of it, and the texts themselves. */

export type ReadingState = 'read' | 'empty' | 'unreadable' | 'skipped'
export type ReadingRow = MediaRef & { sha256: Buffer; attempts: number; kind: string }
export type DerivedRow = {
  conv: string
  sentAt: number
  msgid: string
  source: string
  part: string
  body: Buffer
}
export type DerivedInsert = { source: string; part: string; body: Buffer; keyId: string; commitment: Buffer }

const when = (ms: number): string => new Date(ms).toISOString()

function place(corp: number, ref: MediaRef): ReturnType<typeof sql> {
  return sql`corp_id = ${corp} AND conv_id = ${ref.convId}::bigint AND sent_at = ${when(ref.sentAt)}::timestamptz
    AND src_msgid = ${ref.msgid} AND part = ${ref.part}`
}

/** In the transaction that stores a file: it is to be read. */
export async function noteUnread(tx: Tx, corp: number, ref: MediaRef, sha256: Buffer): Promise<void> {
  await sql`INSERT INTO media_reading (corp_id, conv_id, sent_at, src_msgid, part, sha256)
    VALUES (${corp}, ${ref.convId}::bigint, ${when(ref.sentAt)}::timestamptz, ${ref.msgid}, ${ref.part}, ${sha256})
    ON CONFLICT DO NOTHING`.execute(tx)
}

/** Newest first: what was sent now is detected now, and an archive that was there before is read through behind it. */
export async function claimUnread(
  db: Db,
  corp: number,
  limit: number,
  at: number,
  until: number,
): Promise<ReadingRow[]> {
  const { rows } = await sql<ReadingRow>`
    WITH due AS (
      SELECT r.conv_id, r.sent_at, r.src_msgid, r.part FROM media_reading r
      WHERE r.corp_id = ${corp} AND r.state = 'waiting' AND coalesce(r.claimed_until, 'epoch') <= ${when(at)}::timestamptz
      ORDER BY r.sent_at DESC LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE media_reading m SET claimed_until = ${when(until)}::timestamptz, attempts = m.attempts + 1 FROM due d
    WHERE m.corp_id = ${corp} AND m.conv_id = d.conv_id AND m.sent_at = d.sent_at AND m.src_msgid = d.src_msgid AND m.part = d.part
    RETURNING m.conv_id::text AS "convId", (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid,
      m.part, m.sha256, m.attempts, coalesce((SELECT x.kind FROM message x WHERE x.corp_id = m.corp_id AND x.conv_id = m.conv_id
        AND x.sent_at = m.sent_at AND x.src_msgid = m.src_msgid), '') AS kind`.execute(db)
  return rows
}

/** Given back untouched: the process ends before it came to it. */
export async function unclaim(db: Db, corp: number, ref: MediaRef): Promise<void> {
  await sql`UPDATE media_reading SET claimed_until = NULL, attempts = attempts - 1
    WHERE ${place(corp, ref)} AND state = 'waiting'`.execute(db)
}

/** Claims of processes that are known to be dead: only for the one process on an embedded database. */
export async function unclaimAll(db: Db, corp: number): Promise<void> {
  await sql`UPDATE media_reading SET claimed_until = NULL
    WHERE corp_id = ${corp} AND state = 'waiting' AND claimed_until IS NOT NULL`.execute(db)
}

/** What was passed over for want of a reader waits again, now that there is one. */
export async function wakeSkipped(db: Db, corp: number, reasons: string[]): Promise<number> {
  const { numAffectedRows } = await sql`
    UPDATE media_reading SET state = 'waiting', reason = NULL, attempts = 0, claimed_until = NULL, settled_at = NULL
    WHERE corp_id = ${corp} AND state = 'skipped' AND reason = ANY(${reasons}::text[])`.execute(db)
  return Number(numAffectedRows ?? 0)
}

/** The last word on reading a file. False when another process has spoken it. */
export async function settleRow(
  tx: Tx,
  corp: number,
  ref: MediaRef,
  last: { state: ReadingState; reason: string | null; at: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE media_reading SET state = ${last.state}, reason = ${last.reason}, settled_at = ${when(last.at)}::timestamptz,
      claimed_until = NULL WHERE ${place(corp, ref)} AND state = 'waiting'`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

export async function insertTexts(
  tx: Tx,
  corp: number,
  ref: MediaRef,
  texts: DerivedInsert[],
  at: number,
): Promise<void> {
  await sql`
    INSERT INTO derived_text (corp_id, conv_id, sent_at, src_msgid, source, part, body, key_id, commitment, derived_at)
    SELECT ${corp}::smallint, ${ref.convId}::bigint, ${when(ref.sentAt)}::timestamptz, ${ref.msgid}, source, part, body, key_id,
      commitment, ${when(at)}::timestamptz
    FROM unnest(${texts.map(t => t.source)}::text[], ${texts.map(t => t.part)}::text[], ${texts.map(t => t.body)}::bytea[],
      ${texts.map(t => t.keyId)}::uuid[], ${texts.map(t => t.commitment)}::bytea[]) AS t (source, part, body, key_id, commitment)`.execute(
    tx,
  )
}

/** A message's grams are replaced whole, so that words of its file's name and of its inside are found together. */
export async function replaceGrams(tx: Tx, corp: number, ref: MediaRef, grams: number[]): Promise<void> {
  await sql`DELETE FROM message_gram WHERE corp_id = ${corp} AND conv_id = ${ref.convId}::bigint
    AND sent_at = ${when(ref.sentAt)}::timestamptz AND src_msgid = ${ref.msgid}`.execute(tx)
  await sql`INSERT INTO message_gram (corp_id, conv_id, sent_at, src_msgid, source, part, g)
    VALUES (${corp}, ${ref.convId}::bigint, ${when(ref.sentAt)}::timestamptz, ${ref.msgid}, 'body', '', ${`{${grams.join(',')}}`}::int4[])`.execute(
    tx,
  )
}

/** Texts read from files, of these messages. Forwarded records stand in the message itself and are not read twice. */
export async function selectDerived(
  db: Db,
  corp: number,
  keys: { convId: string; sentAt: number; msgid: string }[],
): Promise<DerivedRow[]> {
  const { rows } = await sql<DerivedRow>`
    SELECT d.conv_id::text AS conv, (extract(epoch FROM d.sent_at) * 1000)::bigint AS "sentAt", d.src_msgid AS msgid, d.source,
      d.part, d.body
    FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => when(k.sentAt))}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
    CROSS JOIN LATERAL (SELECT * FROM derived_text x WHERE x.corp_id = ${corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
      AND x.src_msgid = k.msgid AND x.source <> 'record' AND x.body IS NOT NULL OFFSET 0) d
    ORDER BY d.sent_at, d.src_msgid, d.part, d.source`.execute(db)
  return rows
}

/** How many files are in which state of reading, and why. */
export async function countReadings(
  db: Db,
  corp: number,
): Promise<{ state: string; reason: string | null; n: number }[]> {
  const { rows } = await sql<{ state: string; reason: string | null; n: number }>`
    SELECT state, reason, count(*) AS n FROM media_reading WHERE corp_id = ${corp} GROUP BY 1, 2 ORDER BY 1, 2`.execute(
    db,
  )
  return rows
}
