import { type Db, sql, type Tx } from '../base/index.ts'
import type { Severity } from '../monitor/index.ts'
import type { Conclusion, ReviewState } from './contract.ts'

export type ReviewRow = {
  alertId: string
  number: string
  state: ReviewState
  severity: Severity
  rules: string[]
  staff: string
  departments: number[]
  counterpart: string
  room: boolean
  convId: string
  sentAt: number
  msgid: string
  raisedAt: number
  dueAt: number
  decidedAt: number | null
  decidedBy: string | null
}

const COLUMNS = sql`alert_id::text AS "alertId", number, state, severity, rules, staff, departments, counterpart, room,
  conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid,
  (extract(epoch FROM raised_at) * 1000)::bigint AS "raisedAt", (extract(epoch FROM due_at) * 1000)::bigint AS "dueAt",
  (extract(epoch FROM decided_at) * 1000)::bigint AS "decidedAt", decided_by AS "decidedBy"`

/** Numbers of a day are given one after another: the lock lasts to the end of this transaction. */
export async function nextNumber(tx: Tx, corp: number, prefix: string): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`review number ${corp} ${prefix}`}))`.execute(tx)
  const { rows } = await sql<{ n: number }>`
    SELECT coalesce(max(substr(number, ${prefix.length + 1})::int), 0) AS n FROM review WHERE corp_id = ${corp} AND number LIKE ${`${prefix}%`}
  `.execute(tx)
  return (rows[0]?.n ?? 0) + 1
}

/** Insert unless the alert is under review already; true when it was new. */
export async function insertReview(
  tx: Tx,
  corp: number,
  row: Omit<ReviewRow, 'state' | 'decidedAt' | 'decidedBy'>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO review (corp_id, alert_id, number, severity, rules, staff, departments, counterpart, room, conv_id, sent_at, src_msgid,
      raised_at, due_at)
    VALUES (${corp}, ${row.alertId}, ${row.number}, ${row.severity}, ${row.rules}::text[], ${row.staff}, ${row.departments}::int[],
      ${row.counterpart}, ${row.room}, ${row.convId}::bigint, ${new Date(row.sentAt)}, ${row.msgid}, ${new Date(row.raisedAt)}, ${new Date(row.dueAt)})
    ON CONFLICT (corp_id, alert_id) DO NOTHING
  `.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

export async function reviewedAmong(tx: Tx, corp: number, ids: string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    SELECT alert_id::text AS id FROM review WHERE corp_id = ${corp} AND alert_id = ANY(${ids}::uuid[])`.execute(
    tx,
  )
  return new Set(rows.map(row => row.id))
}

export type ListFilter = {
  state: ReviewState | 'all'
  severity?: Severity
  staff?: string
  rule?: string
  departments: number[]
  after: { severity: string; sentAt: number; alertId: string } | null
  limit: number
}

function scope(departments: number[]): ReturnType<typeof sql> {
  return departments.length === 0 ? sql`` : sql`AND departments && ${departments}::int[]`
}

/** Severity first, then newest first. */
export async function selectReviews(db: Db, corp: number, filter: ListFilter): Promise<ReviewRow[]> {
  const { after } = filter
  const later = after
    ? sql`AND (severity > ${after.severity} OR (severity = ${after.severity}
        AND (sent_at, alert_id) < (${new Date(after.sentAt)}::timestamptz, ${after.alertId}::uuid)))`
    : sql``
  const { rows } = await sql<ReviewRow>`
    SELECT ${COLUMNS} FROM review WHERE corp_id = ${corp} ${scope(filter.departments)}
      ${filter.state === 'all' ? sql`` : sql`AND state = ${filter.state}`}
      ${filter.severity === undefined ? sql`` : sql`AND severity = ${filter.severity}`}
      ${filter.staff === undefined ? sql`` : sql`AND staff = ${filter.staff}`}
      ${filter.rule === undefined ? sql`` : sql`AND ${filter.rule} = ANY(rules)`} ${later}
    ORDER BY severity, sent_at DESC, alert_id DESC LIMIT ${filter.limit}
  `.execute(db)
  return rows
}

export async function selectReview(db: Db, corp: number, alertId: string): Promise<ReviewRow | null> {
  const { rows } =
    await sql<ReviewRow>`SELECT ${COLUMNS} FROM review WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid`.execute(
      db,
    )
  return rows[0] ?? null
}

/** The row, held against a second decision until this transaction ends. */
export async function lockReview(tx: Tx, corp: number, alertId: string): Promise<ReviewRow | null> {
  const { rows } =
    await sql<ReviewRow>`SELECT ${COLUMNS} FROM review WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid FOR UPDATE`.execute(
      tx,
    )
  return rows[0] ?? null
}

export type Counts = { state: ReviewState; severity: Severity; n: number }[]
export async function countReviews(db: Db, corp: number, departments: number[]): Promise<Counts> {
  const { rows } = await sql<{ state: ReviewState; severity: Severity; n: number }>`
    SELECT state, severity, count(*) AS n FROM review WHERE corp_id = ${corp} ${scope(departments)} GROUP BY state, severity
  `.execute(db)
  return rows
}

export type Decision = { id: string; conclusion: Conclusion; sealed: Buffer; by: string; at: number }
export async function selectDecisions(db: Db, corp: number, alertId: string): Promise<Decision[]> {
  const { rows } = await sql<Decision>`
    SELECT id::text, conclusion, note_sealed AS sealed, decided_by AS by, (extract(epoch FROM decided_at) * 1000)::bigint AS at
    FROM decision WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid ORDER BY decided_at, id
  `.execute(db)
  return rows
}

export async function insertDecision(
  tx: Tx,
  corp: number,
  alertId: string,
  decision: Decision,
): Promise<void> {
  await sql`
    INSERT INTO decision (corp_id, id, alert_id, conclusion, note_sealed, decided_by, decided_at)
    VALUES (${corp}, ${decision.id}, ${alertId}, ${decision.conclusion}, ${decision.sealed}, ${decision.by}, ${new Date(decision.at)})
  `.execute(tx)
  await sql`
    UPDATE review SET state = ${decision.conclusion}, decided_at = ${new Date(decision.at)}, decided_by = ${decision.by}
    WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid
  `.execute(tx)
}

export type History = { last30Days: number; sameRule: number; confirmed: number }
export async function selectHistory(db: Db, corp: number, review: ReviewRow): Promise<History> {
  const { rows } = await sql<History>`
    SELECT count(*) AS "last30Days", count(*) FILTER (WHERE rules && ${review.rules}::text[]) AS "sameRule",
      count(*) FILTER (WHERE state = 'violation') AS confirmed
    FROM review WHERE corp_id = ${corp} AND staff = ${review.staff}
      AND sent_at > ${new Date(review.sentAt - 30 * 86_400_000)} AND sent_at <= ${new Date(review.sentAt)}
  `.execute(db)
  return rows[0] ?? { last30Days: 0, sameRule: 0, confirmed: 0 }
}

/** Boards listen on this channel; the payload is an id, delivered on commit. */
export const BOARD_CHANNEL = 'tongjian_board'
export async function announce(
  tx: Tx,
  message: { kind: 'alert' | 'decision'; corp: number; id: string },
): Promise<void> {
  await sql`SELECT pg_notify(${BOARD_CHANNEL}, ${JSON.stringify(message)})`.execute(tx)
}
