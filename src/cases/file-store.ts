import { type Db, sql, type Tx } from '../base/index.ts'
import type { Severity } from '../monitor/index.ts'
import type { CaseMove, CaseState } from './file-contract.ts'
import { type Sight, within } from './store.ts'

export type CaseRow = {
  id: string
  number: string
  state: CaseState
  severity: Severity
  origin: 'hand' | 'merge' | 'escalation'
  staff: string
  departments: number[]
  concealed: boolean
  openedBy: string
  openedAt: number
  dueAt: number
  closedBy: string | null
  closedAt: number | null
  alerts: number
  undecided: number
}

const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

const COLUMNS = sql`id::text, number, state, severity, origin, staff, departments, concealed, opened_by AS "openedBy",
  (extract(epoch FROM opened_at) * 1000)::bigint AS "openedAt", (extract(epoch FROM due_at) * 1000)::bigint AS "dueAt",
  closed_by AS "closedBy", (extract(epoch FROM closed_at) * 1000)::bigint AS "closedAt",
  (SELECT count(*) FROM case_alert a WHERE a.corp_id = case_file.corp_id AND a.case_id = case_file.id) AS alerts,
  (SELECT count(*) FROM case_alert a JOIN review r ON r.corp_id = a.corp_id AND r.alert_id = a.alert_id
    WHERE a.corp_id = case_file.corp_id AND a.case_id = case_file.id AND r.state NOT IN ('violation', 'false_positive')) AS undecided`

/** Numbers of a day are given one after another: the lock lasts to the end of this transaction. */
export async function nextCaseNumber(tx: Tx, corp: number, prefix: string): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`case number ${corp} ${prefix}`}))`.execute(tx)
  const { rows } = await sql<{ n: number }>`
    SELECT coalesce(max(substr(number, ${prefix.length + 1})::int), 0) AS n FROM case_file WHERE corp_id = ${corp} AND number LIKE ${`${prefix}%`}
  `.execute(tx)
  return (rows[0]?.n ?? 0) + 1
}

type CaseInsert = Omit<CaseRow, 'state' | 'closedBy' | 'closedAt' | 'alerts' | 'undecided'>
export async function insertCase(tx: Tx, corp: number, row: CaseInsert): Promise<void> {
  await sql`
    INSERT INTO case_file (corp_id, id, number, severity, origin, staff, departments, concealed, opened_by, opened_at, due_at)
    VALUES (${corp}, ${row.id}, ${row.number}, ${row.severity}, ${row.origin}, ${row.staff}, ${row.departments}::int[],
      ${row.concealed}, ${row.openedBy}, ${iso(row.openedAt)}, ${iso(row.dueAt)})`.execute(tx)
}

export async function insertCaseAlert(
  tx: Tx,
  corp: number,
  row: { caseId: string; alertId: string; by: string; at: number },
): Promise<void> {
  await sql`
    INSERT INTO case_alert (corp_id, alert_id, case_id, added_by, added_at)
    VALUES (${corp}, ${row.alertId}, ${row.caseId}, ${row.by}, ${iso(row.at)})`.execute(tx)
}

export type CaseMoveRow = {
  id: string
  caseId: string
  at: number
  move: CaseMove | 'open' | 'add'
  from: string | null
  to: string
  by: string
  role: string
  undoes: string | null
  sealed: Buffer | null
}
export async function insertCaseMove(tx: Tx, corp: number, move: CaseMoveRow): Promise<void> {
  await sql`
    INSERT INTO case_move (corp_id, id, case_id, at, move, from_state, to_state, by_account, by_role, undoes, note_sealed)
    VALUES (${corp}, ${move.id}, ${move.caseId}, ${iso(move.at)}, ${move.move}, ${move.from}, ${move.to}, ${move.by}, ${move.role},
      ${move.undoes}, ${move.sealed})`.execute(tx)
}

/** A case becomes as grave, and as hidden, as the gravest alert in it. */
export async function weighCase(
  tx: Tx,
  corp: number,
  id: string,
  severity: Severity,
  concealed: boolean,
): Promise<void> {
  await sql`UPDATE case_file SET severity = least(severity, ${severity}), concealed = concealed OR ${concealed}
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

export type CaseOfAlert = {
  alertId: string
  caseId: string
  number: string
  state: CaseState
  severity: Severity
}
export async function caseOfAlerts(db: Db, corp: number, alertIds: string[]): Promise<CaseOfAlert[]> {
  if (alertIds.length === 0) return []
  const { rows } = await sql<CaseOfAlert>`
    SELECT a.alert_id::text AS "alertId", a.case_id::text AS "caseId", f.number, f.state, f.severity
    FROM case_alert a JOIN case_file f ON f.corp_id = a.corp_id AND f.id = a.case_id
    WHERE a.corp_id = ${corp} AND a.alert_id = ANY(${alertIds}::uuid[]) ORDER BY f.opened_at DESC`.execute(db)
  return rows
}

/** The newest case of this person that is not closed. */
export type OpenCase = Omit<CaseOfAlert, 'alertId'>
export async function openCaseOf(
  db: Db,
  corp: number,
  staff: string,
  concealed: boolean,
): Promise<OpenCase | undefined> {
  const { rows } = await sql<OpenCase>`
    SELECT id::text AS "caseId", number, state, severity FROM case_file
    WHERE corp_id = ${corp} AND staff = ${staff} AND concealed = ${concealed} AND state <> 'closed'
    ORDER BY opened_at DESC LIMIT 1`.execute(db)
  return rows[0]
}

/** Not closed first, then newest first. */
export async function selectCases(
  db: Db,
  corp: number,
  sight: Sight,
  { state, limit }: { state: CaseState | 'all'; limit: number },
): Promise<CaseRow[]> {
  const { rows } = await sql<CaseRow>`
    SELECT ${COLUMNS} FROM case_file WHERE corp_id = ${corp} ${within(sight)}
      ${state === 'all' ? sql`` : sql`AND state = ${state}`}
    ORDER BY state = 'closed', opened_at DESC, id LIMIT ${limit}`.execute(db)
  return rows
}

export async function countCases(db: Db, corp: number, sight: Sight): Promise<Map<CaseState, number>> {
  const { rows } = await sql<{ state: CaseState; n: number }>`
    SELECT state, count(*) AS n FROM case_file WHERE corp_id = ${corp} ${within(sight)} GROUP BY state`.execute(
    db,
  )
  return new Map(rows.map(row => [row.state, row.n]))
}

/** `lock`: held against a second move until this transaction ends. */
export async function selectCase(db: Db, corp: number, id: string, lock = false): Promise<CaseRow | null> {
  if (lock)
    await sql`SELECT 1 FROM case_file WHERE corp_id = ${corp} AND id = ${id}::uuid FOR UPDATE`.execute(db)
  const { rows } = await sql<CaseRow>`
    SELECT ${COLUMNS} FROM case_file WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

export async function alertsOfCase(db: Db, corp: number, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT alert_id::text AS id FROM case_alert WHERE corp_id = ${corp} AND case_id = ${id}::uuid ORDER BY added_at, alert_id`.execute(
    db,
  )
  return rows.map(row => row.id)
}

export async function updateCase(
  tx: Tx,
  corp: number,
  id: string,
  to: { state: CaseState; closedBy: string | null; closedAt: number | null },
): Promise<void> {
  await sql`UPDATE case_file SET state = ${to.state}, closed_by = ${to.closedBy}, closed_at = ${iso(to.closedAt)}
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

export async function selectCaseMoves(db: Db, corp: number, id: string): Promise<CaseMoveRow[]> {
  const { rows } = await sql<CaseMoveRow>`
    SELECT id::text, case_id::text AS "caseId", (extract(epoch FROM at) * 1000)::bigint AS at, move, from_state AS "from",
      to_state AS "to", by_account AS by, by_role AS role, undoes, note_sealed AS sealed
    FROM case_move WHERE corp_id = ${corp} AND case_id = ${id}::uuid ORDER BY at, id`.execute(db)
  return rows
}
