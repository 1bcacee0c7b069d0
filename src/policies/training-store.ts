import { type Db, epochMs, sql, type Tx } from '../base/index.ts'
import type { TASK_STATES } from './contract.ts'

export type TaskInsert = {
  id: string
  /** Null where a lead assigned it by hand. */
  violationId: string | null
  staff: string
  course: string
  dueAt: number
  assignedAt: number
  assignedBy: string
  reasonSealed: Buffer | null
}

/** False when the same course already waits for this person by hand. */
export async function insertTask(tx: Tx, corp: number, task: TaskInsert): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO training_task (corp_id, id, violation_id, staff, course, due_at, assigned_at, assigned_by, reason_sealed)
    VALUES (${corp}, ${task.id}, ${task.violationId}::uuid, ${task.staff}, ${task.course}, ${new Date(task.dueAt)},
      ${new Date(task.assignedAt)}, ${task.assignedBy}, ${task.reasonSealed})
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

/** Training of a violation that nobody has done yet is not to be done any more. */
export async function cancelTasks(tx: Tx, corp: number, violationId: string, at: number): Promise<void> {
  await sql`
    UPDATE training_task SET state = 'cancelled', ended_at = ${new Date(at)}
    WHERE corp_id = ${corp} AND violation_id = ${violationId}::uuid AND state = 'assigned'`.execute(tx)
}

export type TaskRow = {
  id: string
  staff: string
  course: string
  state: (typeof TASK_STATES)[number]
  dueAt: number
  assignedAt: number
  assignedBy: string | null
  violationId: string | null
  reasonSealed: Buffer | null
  endedAt: number | null
  attempts: number
  best: number | null
}

/** `hidden`: violations this reader must not learn of; their tasks are left out with them. */
type TaskFilter = { staff?: readonly string[]; id?: string; concealed: boolean }

/** Open ones first, the most urgent on top; then those ended, newest first. */
export async function selectTasks(db: Db, corp: number, filter: TaskFilter): Promise<TaskRow[]> {
  const { rows } = await sql<TaskRow>`
    SELECT t.id::text, t.staff, t.course, t.state, ${epochMs('t.due_at')} AS "dueAt", ${epochMs('t.assigned_at')} AS "assignedAt",
      coalesce(t.assigned_by, v.confirmed_by) AS "assignedBy", t.violation_id::text AS "violationId", t.reason_sealed AS "reasonSealed",
      ${epochMs('t.ended_at')} AS "endedAt", a.n AS attempts, a.best
    FROM training_task t LEFT JOIN violation v ON v.corp_id = t.corp_id AND v.id = t.violation_id
    CROSS JOIN LATERAL (SELECT count(*) AS n, max(correct::float8 / asked) AS best FROM training_attempt x
      WHERE x.corp_id = t.corp_id AND x.task_id = t.id) a
    WHERE t.corp_id = ${corp}
      ${filter.concealed ? sql`` : sql`AND NOT coalesce(v.concealed, false)`}
      ${filter.staff === undefined ? sql`` : sql`AND t.staff = ANY(${[...filter.staff]}::text[])`}
      ${filter.id === undefined ? sql`` : sql`AND t.id = ${filter.id}::uuid`}
    ORDER BY t.state <> 'assigned', CASE WHEN t.state = 'assigned' THEN t.due_at END, t.ended_at DESC, t.id`.execute(
    db,
  )
  return rows
}

/** The open tasks of this course, held until this transaction ends. */
export async function lockOpenTasks(tx: Tx, corp: number, staff: string, course: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT id::text FROM training_task WHERE corp_id = ${corp} AND staff = ${staff} AND course = ${course}
      AND state = 'assigned' ORDER BY id FOR UPDATE`.execute(tx)
  return rows.map(row => row.id)
}

export async function finishTasks(tx: Tx, corp: number, ids: string[], at: number): Promise<void> {
  await sql`UPDATE training_task SET state = 'done', ended_at = ${new Date(at)}
    WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])`.execute(tx)
}

type AttemptInsert = {
  id: string
  taskId: string
  staff: string
  course: string
  version: string
  answers: number[]
  correct: number
  asked: number
  passed: boolean
  at: number
}
export async function insertAttempt(tx: Tx, corp: number, row: AttemptInsert): Promise<void> {
  await sql`
    INSERT INTO training_attempt (corp_id, id, task_id, staff, course, course_version, answers, correct, asked, passed, made_at)
    VALUES (${corp}, ${row.id}, ${row.taskId}, ${row.staff}, ${row.course}, ${row.version}, ${row.answers}::int[],
      ${row.correct}, ${row.asked}, ${row.passed}, ${new Date(row.at)})`.execute(tx)
}
