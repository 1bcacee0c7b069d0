import { type Db, sql, type Tx } from '../../base/index.ts'

export type NewSearch = {
  id: string
  ownerId: string
  owner: string
  shared: boolean
  sealed: Buffer
  createdAt: number
}
export type StoredSearch = NewSearch & { runAt: number | null }
export type Recent = { fingerprint: Buffer; sealed: Buffer; at: number }

/** What the empty page shows; the trail keeps the rest. */
const MOST_RECENT = 12
const when = (ms: number): string => new Date(ms).toISOString()
const COLUMNS = sql`id::text AS id, owner_id::text AS "ownerId", owner, shared, sealed,
  (extract(epoch FROM created_at) * 1000)::bigint AS "createdAt", (extract(epoch FROM run_at) * 1000)::bigint AS "runAt"`

export async function insertSaved(tx: Tx, corp: number, s: NewSearch): Promise<void> {
  await sql`INSERT INTO saved_search (corp_id, id, owner_id, owner, shared, sealed, created_at)
    VALUES (${corp}, ${s.id}, ${s.ownerId}, ${s.owner}, ${s.shared}, ${s.sealed}, ${when(s.createdAt)}::timestamptz)`.execute(
    tx,
  )
}

export async function selectSavedOf(db: Db, corp: number, ownerId: string): Promise<StoredSearch[]> {
  const { rows } = await sql<StoredSearch>`SELECT ${COLUMNS} FROM saved_search
    WHERE corp_id = ${corp} AND deleted_at IS NULL AND (owner_id = ${ownerId}::uuid OR shared)
    ORDER BY coalesce(run_at, created_at) DESC, id`.execute(db)
  return rows
}

/** Deleted ones too: deleting can be taken back. */
export async function selectSaved(db: Db, corp: number, id: string): Promise<StoredSearch | null> {
  const { rows } =
    await sql<StoredSearch>`SELECT ${COLUMNS} FROM saved_search WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(
      db,
    )
  return rows[0] ?? null
}

export async function setRun(db: Db, corp: number, id: string, at: number): Promise<void> {
  await sql`UPDATE saved_search SET run_at = ${when(at)}::timestamptz WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(
    db,
  )
}

export async function setDeleted(tx: Tx, corp: number, id: string, at: number | null): Promise<void> {
  await sql`UPDATE saved_search SET deleted_at = ${at === null ? null : when(at)}::timestamptz
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

export async function selectRecent(db: Db, corp: number, accountId: string): Promise<Recent[]> {
  const { rows } =
    await sql<Recent>`SELECT fingerprint, sealed, (extract(epoch FROM at) * 1000)::bigint AS at FROM recent_search
    WHERE corp_id = ${corp} AND account_id = ${accountId}::uuid ORDER BY at DESC LIMIT ${MOST_RECENT}`.execute(
      db,
    )
  return rows
}

export async function noteRecent(db: Db, corp: number, accountId: string, r: Recent): Promise<void> {
  await sql`
    WITH kept AS (
      INSERT INTO recent_search (corp_id, account_id, fingerprint, sealed, at)
      SELECT ${corp}, ${accountId}::uuid, ${r.fingerprint}::bytea, ${r.sealed}::bytea,
        -- Two within one millisecond have an order all the same.
        greatest(${when(r.at)}::timestamptz, max(at) + interval '1 millisecond') FROM recent_search
        WHERE corp_id = ${corp} AND account_id = ${accountId}::uuid
      ON CONFLICT (corp_id, account_id, fingerprint) DO UPDATE SET at = excluded.at, sealed = excluded.sealed
    )
    DELETE FROM recent_search WHERE corp_id = ${corp} AND account_id = ${accountId}::uuid AND fingerprint IN (
      SELECT fingerprint FROM recent_search WHERE corp_id = ${corp} AND account_id = ${accountId}::uuid
        AND fingerprint <> ${r.fingerprint} ORDER BY at DESC OFFSET ${MOST_RECENT - 1})`.execute(db)
}
