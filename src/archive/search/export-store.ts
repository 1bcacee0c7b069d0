import { type Db, sql } from '../../base/index.ts'
import type { ExportState } from '../contract.ts'

export type NewExport = {
  id: string
  accountId: string | null
  askedBy: string
  askedAt: number
  format: 'csv' | 'jsonl'
  clearNames: boolean
  sealed: Buffer
}
export type StoredExport = NewExport & ExportState

const when = (ms: number | null | undefined): string | null =>
  ms === null || ms === undefined ? null : new Date(ms).toISOString()

export async function insertExport(db: Db, corp: number, e: NewExport): Promise<void> {
  await sql`INSERT INTO search_export (corp_id, id, account_id, asked_by, asked_at, format, clear_names, sealed)
    VALUES (${corp}, ${e.id}, ${e.accountId}, ${e.askedBy}, ${when(e.askedAt)}::timestamptz, ${e.format}, ${e.clearNames}, ${e.sealed})`.execute(
    db,
  )
}

export async function selectExport(db: Db, corp: number, id: string): Promise<StoredExport | null> {
  const { rows } = await sql<StoredExport>`
    SELECT id::text AS id, account_id::text AS "accountId", asked_by AS "askedBy",
      (extract(epoch FROM asked_at) * 1000)::bigint AS "askedAt", format, clear_names AS "clearNames", sealed, state, written,
      (extract(epoch FROM reached_at) * 1000)::bigint AS "reachedAt", (extract(epoch FROM ended_at) * 1000)::bigint AS "endedAt"
    FROM search_export WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

type Change = {
  from: 'asked' | 'running'
  state?: 'running' | 'done' | 'broken'
  written?: number
  reachedAt?: number | null
  startedAt?: number
  endedAt?: number
  sha256?: Buffer
}

/** Move an export on. False when it is no longer where it was thought to be. */
export async function updateExport(db: Db, corp: number, id: string, c: Change): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE search_export SET state = coalesce(${c.state ?? null}::text, state), written = coalesce(${c.written ?? null}::bigint, written),
      reached_at = coalesce(${when(c.reachedAt)}::timestamptz, reached_at), started_at = coalesce(${when(c.startedAt)}::timestamptz, started_at),
      ended_at = coalesce(${when(c.endedAt)}::timestamptz, ended_at), sha256 = coalesce(${c.sha256 ?? null}::bytea, sha256)
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND state = ${c.from}`.execute(db)
  return Number(numAffectedRows ?? 0) === 1
}
