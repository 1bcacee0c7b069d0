import { type Db, epochMs, sql, type Tx } from '../base/index.ts'
import type { PENALTY_KINDS, PenaltyState, STATEMENT_WAYS } from './contract.ts'

export type PenaltyRow = {
  id: string
  number: string
  staff: string
  departments: number[]
  kind: (typeof PENALTY_KINDS)[number]
  violations: string[]
  evidence: string
  state: PenaltyState
  groundsSealed: Buffer
  proposedBy: string
  proposedAt: number
  statementDueAt: number
  statedAt: number | null
  decidedBy: string | null
  decidedAt: number | null
  decisionSealed: Buffer | null
  withdrawnBy: string | null
  withdrawnAt: number | null
  withdrawalSealed: Buffer | null
}

const COLUMNS = sql`id::text, number, staff, departments, kind, violations::text[] AS violations, evidence, state,
  grounds_sealed AS "groundsSealed", proposed_by AS "proposedBy", ${epochMs('proposed_at')} AS "proposedAt",
  ${epochMs('statement_due_at')} AS "statementDueAt", ${epochMs('stated_at')} AS "statedAt", decided_by AS "decidedBy",
  ${epochMs('decided_at')} AS "decidedAt", decision_sealed AS "decisionSealed", withdrawn_by AS "withdrawnBy",
  ${epochMs('withdrawn_at')} AS "withdrawnAt", withdrawal_sealed AS "withdrawalSealed"`

/** Numbers of a year are given one after another; held until the transaction ends. */
export async function nextPenaltyNumber(tx: Tx, corp: number, year: string): Promise<string> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`tongjian penalty ${corp} ${year}`}))`.execute(tx)
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM penalty
    WHERE corp_id = ${corp} AND number LIKE ${`CF-${year}-%`}`.execute(tx)
  return `CF-${year}-${String((rows[0]?.n ?? 0) + 1).padStart(4, '0')}`
}

type PenaltyInsert = Pick<
  PenaltyRow,
  | 'id'
  | 'number'
  | 'staff'
  | 'departments'
  | 'kind'
  | 'violations'
  | 'evidence'
  | 'groundsSealed'
  | 'proposedBy'
  | 'proposedAt'
  | 'statementDueAt'
>
export async function insertPenalty(tx: Tx, corp: number, row: PenaltyInsert): Promise<void> {
  await sql`
    INSERT INTO penalty (corp_id, id, number, staff, departments, kind, violations, evidence, state, grounds_sealed, proposed_by,
      proposed_at, statement_due_at)
    VALUES (${corp}, ${row.id}, ${row.number}, ${row.staff}, ${row.departments}::int[], ${row.kind}, ${row.violations}::uuid[],
      ${row.evidence}, 'proposed', ${row.groundsSealed}, ${row.proposedBy}, ${new Date(row.proposedAt)},
      ${new Date(row.statementDueAt)})`.execute(tx)
}

type PenaltyFilter = { departments: readonly number[]; staff?: string; id?: string; state?: PenaltyState }

/** Those that wait first, then newest first. */
export async function selectPenalties(db: Db, corp: number, filter: PenaltyFilter): Promise<PenaltyRow[]> {
  const { rows } = await sql<PenaltyRow>`
    SELECT ${COLUMNS} FROM penalty WHERE corp_id = ${corp}
      ${filter.departments.length === 0 ? sql`` : sql`AND departments && ${[...filter.departments]}::int[]`}
      ${filter.staff === undefined ? sql`` : sql`AND staff = ${filter.staff}`}
      ${filter.id === undefined ? sql`` : sql`AND id = ${filter.id}::uuid`}
      ${filter.state === undefined ? sql`` : sql`AND state = ${filter.state}`}
    ORDER BY state NOT IN ('proposed', 'stated'), proposed_at DESC, id`.execute(db)
  return rows
}

/** The row, held against a second decision until this transaction ends. */
export async function lockPenalty(tx: Tx, corp: number, id: string): Promise<PenaltyRow | null> {
  const { rows } = await sql<PenaltyRow>`
    SELECT ${COLUMNS} FROM penalty WHERE corp_id = ${corp} AND id = ${id}::uuid FOR UPDATE`.execute(tx)
  return rows[0] ?? null
}

/** Violations that a penalty in force, or one under way, rests on already. */
export async function restedOn(tx: Tx, corp: number, violations: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{ number: string }>`
    SELECT number FROM penalty WHERE corp_id = ${corp} AND state IN ('proposed', 'stated', 'signed')
      AND violations && ${[...violations]}::uuid[] ORDER BY number`.execute(tx)
  return rows.map(row => row.number)
}

export async function markStated(tx: Tx, corp: number, id: string, at: number): Promise<void> {
  await sql`UPDATE penalty SET state = 'stated', stated_at = ${new Date(at)}
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

type Act = { by: string; at: number; sealed: Buffer }
export async function markDecided(
  tx: Tx,
  corp: number,
  id: string,
  act: Act & { state: 'signed' | 'rejected' },
): Promise<void> {
  await sql`UPDATE penalty SET state = ${act.state}, decided_by = ${act.by}, decided_at = ${new Date(act.at)},
    decision_sealed = ${act.sealed} WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

export async function markWithdrawn(tx: Tx, corp: number, id: string, act: Act): Promise<void> {
  await sql`UPDATE penalty SET state = 'withdrawn', withdrawn_by = ${act.by}, withdrawn_at = ${new Date(act.at)},
    withdrawal_sealed = ${act.sealed} WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

export type StatementRow = {
  id: string
  penaltyId: string
  how: (typeof STATEMENT_WAYS)[number]
  sealed: Buffer
  by: string
  at: number
}
export async function insertStatement(tx: Tx, corp: number, row: StatementRow): Promise<void> {
  await sql`
    INSERT INTO penalty_statement (corp_id, id, penalty_id, how, text_sealed, given_by, given_at)
    VALUES (${corp}, ${row.id}, ${row.penaltyId}, ${row.how}, ${row.sealed}, ${row.by}, ${new Date(row.at)})`.execute(
    tx,
  )
}

export async function selectStatements(db: Db, corp: number, ids: string[]): Promise<StatementRow[]> {
  const { rows } = await sql<StatementRow>`
    SELECT id::text, penalty_id::text AS "penaltyId", how, text_sealed AS sealed, given_by AS by, ${epochMs('given_at')} AS at
    FROM penalty_statement WHERE corp_id = ${corp} AND penalty_id = ANY(${ids}::uuid[]) ORDER BY given_at, id`.execute(
    db,
  )
  return rows
}
