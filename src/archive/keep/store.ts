import { type Db, epochMs, hash63, sql, type Tx, wholeMs } from '../../base/index.ts'
import type { Anchor, Cause, Material } from './contract.ts'
import type { AnchorEvent, OpenClass } from './due.ts'

/** Rows of classes, holds and anchors; all are only ever added to. */

export const when = (ms: number): string => new Date(ms).toISOString()

/**
 * One at a time, across processes: whoever changes what may be destroyed, and whoever destroys. It must be the first
 * statement of its transaction, so that everything read after it is as the one before left it: that a hold placed
 * meanwhile wins rests on this.
 */
export async function keepLock(tx: Tx, corp: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${hash63('tongjian keep v1', String(corp))}::bigint)`.execute(tx)
}

export type ClassRow = {
  id: string
  material: Material
  years: number
  sealed: Buffer
  proposedBy: string
  proposedAt: number
  approvedBy: string | null
  approvedAt: number | null
  endedBy: string | null
  endedAt: number | null
}

export async function selectClasses(db: Db, corp: number): Promise<ClassRow[]> {
  const { rows } = await sql<ClassRow>`
    SELECT c.id::text, c.material, c.years, c.note_sealed AS sealed, c.proposed_by AS "proposedBy", ${epochMs('c.proposed_at')} AS "proposedAt",
      a.approved_by AS "approvedBy", ${epochMs('a.approved_at')} AS "approvedAt", e.ended_by AS "endedBy", ${epochMs('e.ended_at')} AS "endedAt"
    FROM retention_class c
    LEFT JOIN retention_class_approval a ON a.corp_id = c.corp_id AND a.class_id = c.id
    LEFT JOIN retention_class_end e ON e.corp_id = c.corp_id AND e.class_id = c.id
    WHERE c.corp_id = ${corp} ORDER BY c.proposed_at DESC, c.id DESC`.execute(db)
  return rows
}

/** Classes in force: approved and not ended. */
export async function openClasses(db: Db, corp: number): Promise<OpenClass[]> {
  return (await selectClasses(db, corp)).filter(row => row.approvedBy !== null && row.endedBy === null)
}

export async function insertClass(
  tx: Tx,
  corp: number,
  row: Pick<ClassRow, 'id' | 'material' | 'years' | 'sealed' | 'proposedBy' | 'proposedAt'>,
): Promise<void> {
  await sql`INSERT INTO retention_class (corp_id, id, material, years, note_sealed, proposed_by, proposed_at)
    VALUES (${corp}, ${row.id}, ${row.material}, ${row.years}, ${row.sealed}, ${row.proposedBy}, ${when(row.proposedAt)})`.execute(
    tx,
  )
}

export async function insertApproval(
  tx: Tx,
  corp: number,
  row: { id: string; proposedBy: string; by: string; at: number },
): Promise<void> {
  await sql`INSERT INTO retention_class_approval (corp_id, class_id, proposed_by, approved_by, approved_at)
    VALUES (${corp}, ${row.id}, ${row.proposedBy}, ${row.by}, ${when(row.at)})`.execute(tx)
}

export async function insertClassEnd(
  tx: Tx,
  corp: number,
  row: { id: string; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`INSERT INTO retention_class_end (corp_id, class_id, ended_by, reason_sealed, ended_at)
    VALUES (${corp}, ${row.id}, ${row.by}, ${row.sealed}, ${when(row.at)})`.execute(tx)
}

/** What of a scope may stand in clear: ids and times. A search's words are sealed with the reason. */
export type ClearScope = {
  kind: 'person' | 'customer' | 'conversation' | 'search'
  id?: string
  staff?: string
  customer?: string
  from?: number
  to?: number
}
export type HoldRow = {
  id: string
  scope: ClearScope
  cause: Cause
  sealed: Buffer
  placedBy: string
  placedAt: number
  releasedBy: string | null
  releasedAt: number | null
  releaseSealed: Buffer | null
}

export async function selectHolds(db: Db, corp: number, only: 'open' | 'all'): Promise<HoldRow[]> {
  const { rows } = await sql<HoldRow>`
    SELECT h.id::text, h.scope, h.cause, h.reason_sealed AS sealed, h.placed_by AS "placedBy", ${wholeMs('h.placed_at')} AS "placedAt",
      r.released_by AS "releasedBy", ${wholeMs('r.released_at')} AS "releasedAt", r.reason_sealed AS "releaseSealed"
    FROM hold h LEFT JOIN hold_release r ON r.corp_id = h.corp_id AND r.hold_id = h.id AND r.placed_by = h.placed_by
    WHERE h.corp_id = ${corp} ${only === 'open' ? sql`AND r.hold_id IS NULL` : sql``}
    ORDER BY h.placed_at DESC, h.id DESC`.execute(db)
  return rows
}

export async function insertHold(
  tx: Tx,
  corp: number,
  row: Pick<HoldRow, 'id' | 'scope' | 'cause' | 'sealed' | 'placedBy' | 'placedAt'>,
): Promise<void> {
  await sql`INSERT INTO hold (corp_id, id, scope, cause, reason_sealed, placed_by, placed_at)
    VALUES (${corp}, ${row.id}, ${JSON.stringify(row.scope)}::jsonb, ${row.cause}, ${row.sealed}, ${row.placedBy}, ${when(row.placedAt)})`.execute(
    tx,
  )
}

export async function insertRelease(
  tx: Tx,
  corp: number,
  row: { id: string; placedBy: string; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`INSERT INTO hold_release (corp_id, hold_id, placed_by, released_by, reason_sealed, released_at)
    VALUES (${corp}, ${row.id}, ${row.placedBy}, ${row.by}, ${row.sealed}, ${when(row.at)})`.execute(tx)
}

export async function insertAnchor(
  tx: Tx,
  corp: number,
  row: {
    id: string
    convId: string
    anchor: Anchor
    startsOn: string
    resumed: boolean
    basis: string
    by: string
    at: number
  },
): Promise<void> {
  await sql`INSERT INTO retention_anchor (corp_id, id, conv_id, anchor, starts_on, resumed, basis, recorded_by, recorded_at)
    VALUES (${corp}, ${row.id}, ${row.convId}::bigint, ${row.anchor}, ${row.startsOn}::date, ${row.resumed}, ${row.basis}, ${row.by},
      ${when(row.at)})`.execute(tx)
}

/** Oldest first; ids grow with time, so two of one millisecond keep their order. */
export async function selectAnchors(db: Db, corp: number, convId: string): Promise<AnchorEvent[]> {
  const { rows } = await sql<AnchorEvent>`
    SELECT anchor, starts_on::text AS "startsOn", resumed FROM retention_anchor
    WHERE corp_id = ${corp} AND conv_id = ${convId}::bigint ORDER BY recorded_at, id`.execute(db)
  return rows
}

/** Is there such a conversation? */
export async function conversationExists(db: Db, corp: number, convId: string): Promise<boolean> {
  const { rows } =
    await sql`SELECT 1 FROM message WHERE corp_id = ${corp} AND conv_id = ${convId}::bigint LIMIT 1`.execute(
      db,
    )
  return rows.length > 0
}
