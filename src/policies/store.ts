import { type Db, epochMs, sql, type Tx } from '../base/index.ts'
import type { POINTS, ViolationSource } from './contract.ts'

type ViolationInsert = {
  id: string
  source: ViolationSource
  staff: string
  departments: readonly number[]
  severity: string
  rules: readonly string[]
  happenedAt: number
  points: number
  concealed: boolean
  confirmedBy: string
  confirmedAt: number
}

/** True when the source did not count yet. */
export async function insertViolation(tx: Tx, corp: number, row: ViolationInsert): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO violation (corp_id, id, staff, departments, severity, rules, source_kind, source_id, happened_at, points,
      concealed, confirmed_by, confirmed_at)
    VALUES (${corp}, ${row.id}, ${row.staff}, ${[...row.departments]}::int[], ${row.severity}, ${[...row.rules]}::text[],
      ${row.source.kind}, ${row.source.id}, ${new Date(row.happenedAt)}, ${row.points}, ${row.concealed}, ${row.confirmedBy}, ${new Date(row.confirmedAt)})
    ON CONFLICT (corp_id, source_kind, source_id) WHERE reversed_at IS NULL DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

/** Take back what counts for a source: the id of the violation taken back, or null where nothing counts. */
export async function reverseRow(
  tx: Tx,
  corp: number,
  source: ViolationSource,
  reversal: { by: string; at: number; sealed: Buffer },
): Promise<string | null> {
  const { rows } = await sql<{ id: string }>`
    UPDATE violation SET reversed_by = ${reversal.by}, reversed_at = ${new Date(reversal.at)}, reason_sealed = ${reversal.sealed}
    WHERE corp_id = ${corp} AND source_kind = ${source.kind} AND source_id = ${source.id} AND reversed_at IS NULL
    RETURNING id::text`.execute(tx)
  return rows[0]?.id ?? null
}

/** Whether this source counts as a violation now. */
export async function countsFor(db: Db, corp: number, source: ViolationSource): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM violation WHERE corp_id = ${corp} AND source_kind = ${source.kind} AND source_id = ${source.id}
      AND reversed_at IS NULL`.execute(db)
  return rows.length > 0
}

export type ViolationRow = {
  id: string
  staff: string
  departments: number[]
  severity: keyof typeof POINTS
  rules: string[]
  sourceKind: ViolationSource['kind']
  sourceId: string
  happenedAt: number
  points: number
  concealed: boolean
  confirmedBy: string
  confirmedAt: number
  reversedBy: string | null
  reversedAt: number | null
  reasonSealed: Buffer | null
}

/** Whose violations are asked for. `departments` empty: everybody's. `concealed` false leaves out what he must not learn of. */
export type ViolationFilter = {
  departments: readonly number[]
  concealed: boolean
  staff?: string
  ids?: readonly string[]
  /** Deeds from this moment on. */
  since?: number
}

/** Newest deed first; those taken back included. */
export async function selectViolations(
  db: Db,
  corp: number,
  filter: ViolationFilter,
): Promise<ViolationRow[]> {
  const { rows } = await sql<ViolationRow>`
    SELECT id::text, staff, departments, severity, rules, source_kind AS "sourceKind", source_id AS "sourceId",
      ${epochMs('happened_at')} AS "happenedAt", points, concealed, confirmed_by AS "confirmedBy", ${epochMs('confirmed_at')} AS "confirmedAt",
      reversed_by AS "reversedBy", ${epochMs('reversed_at')} AS "reversedAt", reason_sealed AS "reasonSealed"
    FROM violation WHERE corp_id = ${corp}
      ${filter.departments.length === 0 ? sql`` : sql`AND departments && ${[...filter.departments]}::int[]`}
      ${filter.concealed ? sql`` : sql`AND NOT concealed`}
      ${filter.staff === undefined ? sql`` : sql`AND staff = ${filter.staff}`}
      ${filter.ids === undefined ? sql`` : sql`AND id = ANY(${[...filter.ids]}::uuid[])`}
      ${filter.since === undefined ? sql`` : sql`AND happened_at >= ${new Date(filter.since)}`}
    ORDER BY happened_at DESC, id`.execute(db)
  return rows
}
