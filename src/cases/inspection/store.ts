import { type Db, epochMs, sql, type Tx } from '../../base/index.ts'
import type { FindingState, InspectionState } from './contract.ts'

/** SQL on the tables of inspections. */

const when = (at: number): string => new Date(at).toISOString()

export async function insertInspection(
  tx: Tx,
  corp: number,
  row: { plan: string; by: string; at: number },
): Promise<void> {
  await sql`INSERT INTO inspection (corp_id, plan_id, moved_by, moved_at)
    VALUES (${corp}, ${row.plan}::uuid, ${row.by}, ${when(row.at)}::timestamptz)`.execute(tx)
}

export type InspectionStored = { plan: string; state: InspectionState; movedBy: string; movedAt: number }

export async function selectInspection(
  db: Db,
  corp: number,
  plan: string,
  options: { lock: boolean } = { lock: false },
): Promise<InspectionStored | null> {
  const { rows } = await sql<InspectionStored>`
    SELECT plan_id::text AS plan, state, moved_by AS "movedBy", ${epochMs('moved_at')} AS "movedAt" FROM inspection
    WHERE corp_id = ${corp} AND plan_id::text = ${plan} ${options.lock ? sql`FOR UPDATE` : sql``}`.execute(db)
  return rows[0] ?? null
}

export async function inspectionStates(db: Db, corp: number): Promise<Map<string, InspectionState>> {
  const { rows } = await sql<{ plan: string; state: InspectionState }>`
    SELECT plan_id::text AS plan, state FROM inspection WHERE corp_id = ${corp}`.execute(db)
  return new Map(rows.map(row => [row.plan, row.state]))
}

export async function updateInspection(
  tx: Tx,
  corp: number,
  row: { plan: string; state: InspectionState; by: string; at: number },
): Promise<void> {
  await sql`UPDATE inspection SET state = ${row.state}, moved_by = ${row.by}, moved_at = ${when(row.at)}::timestamptz
    WHERE corp_id = ${corp} AND plan_id::text = ${row.plan}`.execute(tx)
}

export type FindingStored = {
  id: string
  plan: string
  unit: string
  number: string
  staff: string
  departments: number[]
  severity: 'P0' | 'P1' | 'P2' | 'P3'
  rule: string
  convId: string
  happenedAt: number
  state: FindingState
  noteSealed: Buffer
  foundBy: string
  foundAt: number
  decidedBy: string | null
  decidedAt: number | null
  decisionSealed: Buffer | null
  dueAt: number | null
  rectifiedBy: string | null
  rectifiedAt: number | null
  rectifiedSealed: Buffer | null
  checkedBy: string | null
  checkedAt: number | null
  checkedSealed: Buffer | null
}
const FINDING = sql`id::text, plan_id::text AS plan, unit, number, staff, departments, severity, rule, conv_id::text AS "convId",
  ${epochMs('happened_at')} AS "happenedAt", state, note_sealed AS "noteSealed", found_by AS "foundBy", ${epochMs('found_at')} AS "foundAt",
  decided_by AS "decidedBy", ${epochMs('decided_at')} AS "decidedAt", decision_sealed AS "decisionSealed", ${epochMs('due_at')} AS "dueAt",
  rectified_by AS "rectifiedBy", ${epochMs('rectified_at')} AS "rectifiedAt", rectified_sealed AS "rectifiedSealed",
  checked_by AS "checkedBy", ${epochMs('checked_at')} AS "checkedAt", checked_sealed AS "checkedSealed"`

export type FindingInsert = Pick<
  FindingStored,
  | 'id'
  | 'plan'
  | 'unit'
  | 'number'
  | 'staff'
  | 'departments'
  | 'severity'
  | 'rule'
  | 'convId'
  | 'happenedAt'
  | 'noteSealed'
  | 'foundBy'
  | 'foundAt'
>

export async function countFindings(db: Db, corp: number, plan: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM finding
    WHERE corp_id = ${corp} AND plan_id::text = ${plan}`.execute(db)
  return rows[0]?.n ?? 0
}

/** True unless this unit, person and rule stand as a finding already. */
export async function insertFinding(tx: Tx, corp: number, row: FindingInsert): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO finding (corp_id, id, plan_id, unit, number, staff, departments, severity, rule, conv_id, happened_at, note_sealed,
      found_by, found_at)
    VALUES (${corp}, ${row.id}, ${row.plan}::uuid, ${row.unit}, ${row.number}, ${row.staff}, ${row.departments}::int[], ${row.severity},
      ${row.rule}, ${row.convId}::bigint, ${when(row.happenedAt)}::timestamptz, ${row.noteSealed}, ${row.foundBy},
      ${when(row.foundAt)}::timestamptz) ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

export async function selectFindings(db: Db, corp: number, plan: string): Promise<FindingStored[]> {
  const { rows } =
    await sql<FindingStored>`SELECT ${FINDING} FROM finding WHERE corp_id = ${corp} AND plan_id::text = ${plan}
    ORDER BY found_at, id`.execute(db)
  return rows
}

export async function lockFinding(tx: Tx, corp: number, id: string): Promise<FindingStored | null> {
  const { rows } =
    await sql<FindingStored>`SELECT ${FINDING} FROM finding WHERE corp_id = ${corp} AND id::text = ${id}
    FOR UPDATE`.execute(tx)
  return rows[0] ?? null
}

type Step = { id: string; by: string; at: number; sealed: Buffer }

export async function updateDecision(
  tx: Tx,
  corp: number,
  step: Step & { state: 'confirmed' | 'dismissed' },
): Promise<void> {
  await sql`UPDATE finding SET state = ${step.state}, decided_by = ${step.by}, decided_at = ${when(step.at)}::timestamptz,
    decision_sealed = ${step.sealed} WHERE corp_id = ${corp} AND id::text = ${step.id}`.execute(tx)
}

export async function updateDue(tx: Tx, corp: number, id: string, dueAt: number): Promise<void> {
  await sql`UPDATE finding SET state = 'rectifying', due_at = ${when(dueAt)}::timestamptz
    WHERE corp_id = ${corp} AND id::text = ${id}`.execute(tx)
}

/** What was submitted now is for a new look: an earlier check that sent it back no longer stands beside it. */
export async function updateRectified(tx: Tx, corp: number, step: Step): Promise<void> {
  await sql`UPDATE finding SET state = 'submitted', rectified_by = ${step.by}, rectified_at = ${when(step.at)}::timestamptz,
    rectified_sealed = ${step.sealed}, checked_by = NULL, checked_at = NULL, checked_sealed = NULL
    WHERE corp_id = ${corp} AND id::text = ${step.id}`.execute(tx)
}

export async function updateChecked(
  tx: Tx,
  corp: number,
  step: Step & { state: 'closed' | 'rectifying' },
): Promise<void> {
  await sql`UPDATE finding SET state = ${step.state}, checked_by = ${step.by}, checked_at = ${when(step.at)}::timestamptz,
    checked_sealed = ${step.sealed} WHERE corp_id = ${corp} AND id::text = ${step.id}`.execute(tx)
}
