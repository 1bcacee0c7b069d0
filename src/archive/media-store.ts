import { type Db, sql, type Tx } from '../base/index.ts'
import type { MessageKey } from './contract.ts'

/** This folder's SQL for media: what is waited for, what has come, and where a broken fetch goes on. */

export type MediaRef = MessageKey & { part: string }
export type ClaimedRow = MediaRef & {
  attempts: number
  resumeIndex: string
  resumeSlices: number
  capturedAt: number
}

const when = (ms: number): string => new Date(ms).toISOString()

/**
 * Take waiting files for this process until `until`: those of the given messages, or any that are due. One that
 * another process works on is left to it.
 */
export async function claimWaiting(
  db: Db,
  corp: number,
  keys: MessageKey[] | null,
  limit: number,
  at: number,
  until: number,
): Promise<ClaimedRow[]> {
  const chosen =
    keys === null
      ? sql`a.corp_id = ${corp}`
      : sql`a.corp_id = ${corp} AND (a.conv_id, a.sent_at, a.src_msgid) IN (SELECT * FROM unnest(
          ${keys.map(k => k.convId)}::bigint[], ${keys.map(k => when(k.sentAt))}::timestamptz[], ${keys.map(k => k.msgid)}::text[]))`
  const { rows } = await sql<ClaimedRow>`
    WITH due AS (
      SELECT a.conv_id, a.sent_at, a.src_msgid, a.part FROM message_media a
      WHERE ${chosen} AND a.state = 'waiting' AND coalesce(a.next_at, 'epoch') <= ${when(at)}::timestamptz
        AND coalesce(a.claimed_until, 'epoch') <= ${when(at)}::timestamptz
      ORDER BY a.next_at NULLS FIRST LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE message_media m SET claimed_until = ${when(until)}::timestamptz FROM due d
    WHERE m.corp_id = ${corp} AND m.conv_id = d.conv_id AND m.sent_at = d.sent_at AND m.src_msgid = d.src_msgid AND m.part = d.part
    RETURNING m.conv_id::text AS "convId", (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid,
      m.part, m.attempts, m.resume_index AS "resumeIndex", m.resume_slices AS "resumeSlices",
      coalesce((SELECT (extract(epoch FROM x.captured_at) * 1000)::bigint FROM message x WHERE x.corp_id = m.corp_id
        AND x.conv_id = m.conv_id AND x.sent_at = m.sent_at AND x.src_msgid = m.src_msgid), 0) AS "capturedAt"
  `.execute(db)
  return rows
}

function place(corp: number, ref: MediaRef): ReturnType<typeof sql> {
  return sql`corp_id = ${corp} AND conv_id = ${ref.convId}::bigint AND sent_at = ${when(ref.sentAt)}::timestamptz
    AND src_msgid = ${ref.msgid} AND part = ${ref.part}`
}

/** A piece has been put away: go on from here after a kill. False when the file is no longer waited for. */
export async function saveProgress(
  db: Db,
  corp: number,
  ref: MediaRef,
  to: { index: string; slices: number; until: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE message_media SET resume_index = ${to.index}, resume_slices = ${to.slices}, claimed_until = ${when(to.until)}::timestamptz
    WHERE ${place(corp, ref)} AND state = 'waiting'`.execute(db)
  return Number(numAffectedRows ?? 0) === 1
}

/** Try again later; what has come so far stays. */
export async function postpone(
  db: Db,
  corp: number,
  ref: MediaRef,
  to: { at: number; reason: string },
): Promise<void> {
  await sql`
    UPDATE message_media SET attempts = attempts + 1, next_at = ${when(to.at)}::timestamptz, reason = ${to.reason}, claimed_until = NULL
    WHERE ${place(corp, ref)} AND state = 'waiting'`.execute(db)
}

/** Let go of what this process claimed and will not come to. */
export async function release(db: Db, corp: number, ref: MediaRef): Promise<void> {
  await sql`UPDATE message_media SET claimed_until = NULL WHERE ${place(corp, ref)} AND state = 'waiting'`.execute(
    db,
  )
}

/** Claims of processes that are known to be dead: only for the one process on an embedded database. */
export async function releaseAll(db: Db, corp: number): Promise<void> {
  await sql`UPDATE message_media SET claimed_until = NULL
    WHERE corp_id = ${corp} AND state = 'waiting' AND claimed_until IS NOT NULL`.execute(db)
}

export type Settlement = {
  state: string
  sha256: Buffer | null
  size: number | null
  reason: string | null
  at: number
}

/** The last word on a file. False when somebody else has spoken it. */
export async function settle(tx: Tx, corp: number, ref: MediaRef, last: Settlement): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE message_media SET state = ${last.state}, sha256 = ${last.sha256}, size = ${last.size}, reason = ${last.reason},
      settled_at = ${when(last.at)}::timestamptz, claimed_until = NULL, next_at = NULL
    WHERE ${place(corp, ref)} AND state = 'waiting'`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

/** Held until the transaction ends: who stores this file now. */
export async function lockFile(tx: Tx, conv: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${conv}::bigint)`.execute(tx)
}

export type StoredMedia = { size: number; pieces: number; keyId: string }

export async function insertStored(
  tx: Tx,
  corp: number,
  sha256: Buffer,
  stored: StoredMedia,
  at: number,
): Promise<void> {
  await sql`INSERT INTO media (corp_id, sha256, size, pieces, key_id, stored_at)
    VALUES (${corp}, ${sha256}, ${stored.size}, ${stored.pieces}, ${stored.keyId}, ${when(at)}::timestamptz) ON CONFLICT DO NOTHING`.execute(
    tx,
  )
}

export async function selectStored(db: Db, corp: number, sha256: Buffer): Promise<StoredMedia | null> {
  const { rows } = await sql<StoredMedia>`
    SELECT size, pieces, key_id::text AS "keyId" FROM media WHERE corp_id = ${corp} AND sha256 = ${sha256}`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function selectMedia(
  db: Db,
  corp: number,
  ref: MediaRef,
): Promise<{ state: string; sha256: Buffer | null } | null> {
  const { rows } = await sql<{ state: string; sha256: Buffer | null }>`
    SELECT state, sha256 FROM message_media WHERE ${place(corp, ref)}`.execute(db)
  return rows[0] ?? null
}

/** How many files are in which state. */
export async function countMedia(db: Db, corp: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; n: number }>`
    SELECT state, count(*) AS n FROM message_media WHERE corp_id = ${corp} GROUP BY state ORDER BY state`.execute(
    db,
  )
  return Object.fromEntries(rows.map(row => [row.state, row.n]))
}
