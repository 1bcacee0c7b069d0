import { type Db, sql, type Tx } from '../base/index.ts'

/** A page is pulled, decrypted and archived well within this; another process takes over this long after a death. */
const LEASE_SECONDS = 8

export type Lease = { generation: number; seq: number }
export type CursorState = {
  seq: number
  pulledAt: number | null
  newestSentAt: number | null
  newestCapturedAt: number | null
  trouble: string | null
  troubleSince: number | null
  held: boolean
}

/** Take or renew the lease; null while another holder is alive. The database's clock decides, not any machine's. */
export async function takeLease(db: Db, corp: number, source: string, holder: string): Promise<Lease | null> {
  const known = await selectLease(db, corp, source, holder)
  if (known) return known
  await sql`INSERT INTO capture_cursor (corp_id, source) VALUES (${corp}, ${source}) ON CONFLICT DO NOTHING`.execute(
    db,
  )
  const { rows } = await sql<Lease>`
    UPDATE capture_cursor SET
      generation = CASE WHEN holder = ${holder}::uuid THEN generation ELSE generation + 1 END,
      holder = ${holder}::uuid, lease_until = clock_timestamp() + make_interval(secs => ${LEASE_SECONDS})
    WHERE corp_id = ${corp} AND source = ${source}
      AND (holder IS NULL OR holder = ${holder}::uuid OR lease_until < clock_timestamp())
    RETURNING generation, seq
  `.execute(db)
  return rows[0] ?? null
}

/** The holder's own lease while more than half of it is left: renewing it at every page would wait for the disk each time. */
async function selectLease(db: Db, corp: number, source: string, holder: string): Promise<Lease | null> {
  const { rows } = await sql<Lease>`
    SELECT generation, seq FROM capture_cursor WHERE corp_id = ${corp} AND source = ${source} AND holder = ${holder}::uuid
      AND lease_until > clock_timestamp() + make_interval(secs => ${LEASE_SECONDS / 2})`.execute(db)
  return rows[0] ?? null
}

export async function releaseLease(db: Db, corp: number, source: string, holder: string): Promise<void> {
  await sql`UPDATE capture_cursor SET holder = NULL, lease_until = NULL
    WHERE corp_id = ${corp} AND source = ${source} AND holder = ${holder}::uuid`.execute(db)
}

export type Advance = { seq: number; newestSentAt: number | null; capturedAt: number | null }

/** Move the cursor with the messages, or report that another holder has taken over since (fencing). */
export async function advance(
  tx: Tx,
  corp: number,
  source: string,
  lease: Lease,
  to: Advance,
): Promise<boolean> {
  const sent = to.newestSentAt === null ? null : new Date(to.newestSentAt)
  const captured = to.capturedAt === null ? null : new Date(to.capturedAt)
  const { rows } = await sql<{ seq: number }>`
    UPDATE capture_cursor SET seq = ${to.seq}, pulled_at = clock_timestamp(), trouble = NULL, trouble_since = NULL,
      newest_sent_at = coalesce(${sent}::timestamptz, newest_sent_at),
      newest_captured_at = coalesce(${captured}::timestamptz, newest_captured_at)
    WHERE corp_id = ${corp} AND source = ${source} AND generation = ${lease.generation} AND seq <= ${to.seq}
    RETURNING seq
  `.execute(tx)
  return rows.length === 1
}

/** An empty pull still shows that the source answers. */
export async function touch(db: Db, corp: number, source: string, generation: number): Promise<void> {
  await sql`UPDATE capture_cursor SET pulled_at = clock_timestamp(), trouble = NULL, trouble_since = NULL
    WHERE corp_id = ${corp} AND source = ${source} AND generation = ${generation}`.execute(db)
}

export async function recordTrouble(db: Db, corp: number, source: string, trouble: string): Promise<void> {
  await sql`UPDATE capture_cursor SET trouble = ${trouble}, trouble_since = coalesce(trouble_since, clock_timestamp())
    WHERE corp_id = ${corp} AND source = ${source}`.execute(db)
}

export async function selectCursor(db: Db, corp: number, source: string): Promise<CursorState | null> {
  const { rows } = await sql<CursorState>`
    SELECT seq, (extract(epoch FROM pulled_at) * 1000)::bigint AS "pulledAt",
      (extract(epoch FROM newest_sent_at) * 1000)::bigint AS "newestSentAt",
      (extract(epoch FROM newest_captured_at) * 1000)::bigint AS "newestCapturedAt", trouble,
      (extract(epoch FROM trouble_since) * 1000)::bigint AS "troubleSince",
      coalesce(lease_until > clock_timestamp(), false) AS held
    FROM capture_cursor WHERE corp_id = ${corp} AND source = ${source}
  `.execute(db)
  return rows[0] ?? null
}

/** Sources nobody has asked for five days hold nothing back any more. */
export async function selectCapturedUpTo(db: Db, corp: number): Promise<number | null> {
  const { rows } = await sql<{ at: number | null }>`
    SELECT (extract(epoch FROM min(pulled_at)) * 1000)::bigint AS at FROM capture_cursor
    WHERE corp_id = ${corp} AND pulled_at > clock_timestamp() - interval '5 days'`.execute(db)
  return rows[0]?.at ?? null
}

export type QuarantineRow = {
  id: string
  source: string
  seq: number | null
  msgid: string | null
  reason: string
  fingerprint: Buffer
  sealed: Buffer
  at: Date
}

/** The same record for the same reason stands once, however often it is pulled. Returns how many are new. */
export async function insertQuarantine(tx: Tx, corp: number, rows: QuarantineRow[]): Promise<number> {
  let fresh = 0
  for (const row of rows) {
    const { numAffectedRows } = await sql`
      INSERT INTO quarantine (corp_id, id, source, seq, src_msgid, reason, fingerprint, sealed, at)
      VALUES (${corp}, ${row.id}, ${row.source}, ${row.seq}, ${row.msgid}, ${row.reason}, ${row.fingerprint}, ${row.sealed}, ${row.at})
      ON CONFLICT DO NOTHING
    `.execute(tx)
    fresh += Number(numAffectedRows ?? 0)
  }
  return fresh
}

export type QuarantineListRow = {
  id: string
  source: string
  seq: number | null
  msgid: string | null
  reason: string
  at: number
}

export async function selectQuarantine(
  db: Db,
  corp: number,
  limit: number,
): Promise<{ items: QuarantineListRow[]; total: number }> {
  const { rows } = await sql<QuarantineListRow & { total: number }>`
    SELECT id::text, source, seq, src_msgid AS msgid, reason, (extract(epoch FROM at) * 1000)::bigint AS at, count(*) OVER () AS total
    FROM quarantine WHERE corp_id = ${corp} AND resolved_at IS NULL ORDER BY at DESC LIMIT ${limit}
  `.execute(db)
  return { items: rows, total: rows[0]?.total ?? 0 }
}

export async function waitingInQuarantine(db: Db, corp: number): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM quarantine WHERE corp_id = ${corp} AND resolved_at IS NULL`.execute(db)
  return rows[0]?.n ?? 0
}

export type HeldRow = { id: string; seq: number | null; sealed: Buffer }

/** Records that could not be decrypted, oldest first, held against another process until this transaction ends. */
export async function lockUndecrypted(tx: Tx, corp: number, limit: number): Promise<HeldRow[]> {
  const { rows } = await sql<HeldRow>`
    SELECT id::text, seq, sealed FROM quarantine
    WHERE corp_id = ${corp} AND resolved_at IS NULL AND reason IN ('no_private_key', 'wrong_private_key', 'sdk_crashed')
    ORDER BY seq, id LIMIT ${limit} FOR UPDATE SKIP LOCKED
  `.execute(tx)
  return rows
}

export async function markResolved(tx: Tx, corp: number, ids: string[], by: string): Promise<void> {
  await sql`UPDATE quarantine SET resolved_at = clock_timestamp(), resolved_by = ${by}
    WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])`.execute(tx)
}
