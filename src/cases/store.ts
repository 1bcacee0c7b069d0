import { type Db, sql, type Tx } from '../base/index.ts'
import type { Severity } from '../monitor/index.ts'
import type { ReviewState, Tag } from './contract.ts'

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
  level: number
  assignee: string | null
  claimedAt: number | null
  acceptedAt: number | null
  acceptDueAt: number | null
  closeDueAt: number
  concealed: boolean
  tags: Tag[]
  leadId: string | null
  upgraded: 'repeat' | 'merge' | null
  moves: number
}

export const REVIEW_COLUMNS = sql`alert_id::text AS "alertId", number, state, severity, rules, staff, departments, counterpart, room,
  conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid,
  (extract(epoch FROM raised_at) * 1000)::bigint AS "raisedAt", (extract(epoch FROM due_at) * 1000)::bigint AS "dueAt",
  (extract(epoch FROM decided_at) * 1000)::bigint AS "decidedAt", decided_by AS "decidedBy", level, assignee,
  (extract(epoch FROM claimed_at) * 1000)::bigint AS "claimedAt", (extract(epoch FROM accepted_at) * 1000)::bigint AS "acceptedAt",
  (extract(epoch FROM accept_due_at) * 1000)::bigint AS "acceptDueAt",
  (extract(epoch FROM coalesce(close_due_at, due_at)) * 1000)::bigint AS "closeDueAt", concealed, tags,
  lead_id::text AS "leadId", upgraded, moves`

/** The last number given on a day. The next ones are this transaction's until it ends: it holds the lock. */
export async function lastNumber(tx: Tx, corp: number, prefix: string): Promise<number> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`review number ${corp} ${prefix}`}))`.execute(tx)
  const { rows } = await sql<{ n: number }>`
    SELECT coalesce(max(substr(number, ${prefix.length + 1})::int), 0) AS n FROM review WHERE corp_id = ${corp} AND number LIKE ${`${prefix}%`}
  `.execute(tx)
  return rows[0]?.n ?? 0
}

type ReviewInsert = Pick<
  ReviewRow,
  | 'alertId'
  | 'number'
  | 'severity'
  | 'rules'
  | 'staff'
  | 'departments'
  | 'counterpart'
  | 'room'
  | 'convId'
  | 'sentAt'
  | 'msgid'
  | 'raisedAt'
  | 'dueAt'
  | 'acceptDueAt'
  | 'closeDueAt'
  | 'concealed'
  | 'leadId'
> & { textKey: Buffer | null }

const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

/** Insert unless the alert is under review already; true when it was new. */
export async function insertReview(tx: Tx, corp: number, row: ReviewInsert): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO review (corp_id, alert_id, number, severity, rules, staff, departments, counterpart, room, conv_id, sent_at, src_msgid,
      raised_at, due_at, accept_due_at, close_due_at, concealed, lead_id, text_key)
    VALUES (${corp}, ${row.alertId}, ${row.number}, ${row.severity}, ${row.rules}::text[], ${row.staff}, ${row.departments}::int[],
      ${row.counterpart}, ${row.room}, ${row.convId}::bigint, ${at(row.sentAt)}, ${row.msgid}, ${at(row.raisedAt)}, ${at(row.dueAt)},
      ${at(row.acceptDueAt)}, ${at(row.closeDueAt)}, ${row.concealed}, ${row.leadId}, ${row.textKey})
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

/** What one person may see of the queue: a supervisor's departments, and nothing that is hidden from him. */
export type Sight = {
  /** Limited to these; empty: not limited. */
  departments: number[]
  /** Sees what is hidden from the chain above. */
  concealed: boolean
  /** Hidden from whom it is about, whatever his role. */
  userid: string | null
  own: number[]
}

export type ListFilter = {
  state: ReviewState | 'mine' | 'all'
  by: string
  severity?: Severity
  staff?: string
  rule?: string
  sight: Sight
  after: { severity: string; sentAt: number; alertId: string } | null
  limit: number
}

export function within(sight: Sight): ReturnType<typeof sql> {
  const scope = sight.departments.length === 0 ? sql`` : sql`AND departments && ${sight.departments}::int[]`
  if (!sight.concealed) return sql`${scope} AND NOT concealed`
  return sql`${scope} AND NOT (concealed AND (staff = coalesce(${sight.userid}, '') OR departments && ${sight.own}::int[]))`
}

function inState(state: ListFilter['state'], by: string): ReturnType<typeof sql> {
  if (state === 'all') return sql``
  if (state === 'mine') return sql`AND assignee = ${by} AND state IN ('claimed', 'watch', 'escalated')`
  return sql`AND state = ${state}`
}

/** Severity first, then newest first. */
export async function selectReviews(db: Db, corp: number, filter: ListFilter): Promise<ReviewRow[]> {
  const { after } = filter
  const later = after
    ? sql`AND (severity > ${after.severity} OR (severity = ${after.severity}
        AND (sent_at, alert_id) < (${new Date(after.sentAt)}::timestamptz, ${after.alertId}::uuid)))`
    : sql``
  const { rows } = await sql<ReviewRow>`
    SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${corp} ${within(filter.sight)} ${inState(filter.state, filter.by)}
      ${filter.severity === undefined ? sql`` : sql`AND severity = ${filter.severity}`}
      ${filter.staff === undefined ? sql`` : sql`AND staff = ${filter.staff}`}
      ${filter.rule === undefined ? sql`` : sql`AND ${filter.rule} = ANY(rules)`} ${later}
    ORDER BY severity, sent_at DESC, alert_id DESC LIMIT ${filter.limit}
  `.execute(db)
  return rows
}

export async function selectReview(db: Db, corp: number, alertId: string): Promise<ReviewRow | null> {
  const { rows } =
    await sql<ReviewRow>`SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid`.execute(
      db,
    )
  return rows[0] ?? null
}

export async function reviewsOf(db: Db, corp: number, ids: string[]): Promise<ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`
    SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${corp} AND alert_id = ANY(${ids}::uuid[]) ORDER BY sent_at, alert_id`.execute(
    db,
  )
  return rows
}

/** The row, held against a second decision until this transaction ends. */
export async function lockReview(tx: Tx, corp: number, alertId: string): Promise<ReviewRow | null> {
  const { rows } =
    await sql<ReviewRow>`SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid FOR UPDATE`.execute(
      tx,
    )
  return rows[0] ?? null
}

/** Several rows, held likewise, in the order of their ids. */
export async function lockReviews(tx: Tx, corp: number, ids: string[]): Promise<ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`
    SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${corp} AND alert_id = ANY(${ids}::uuid[]) ORDER BY alert_id FOR UPDATE`.execute(
    tx,
  )
  return rows
}

/** Not concluded yet, by the first of each group of near-duplicates. */
export async function countNear(db: Db, corp: number, leads: string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ lead: string; n: number }>`
    SELECT coalesce(lead_id, alert_id)::text AS lead, count(*) AS n FROM review
    WHERE corp_id = ${corp} AND (lead_id = ANY(${leads}::uuid[]) OR alert_id = ANY(${leads}::uuid[]))
      AND state NOT IN ('violation', 'false_positive') GROUP BY 1`.execute(db)
  return new Map(rows.map(row => [row.lead, row.n]))
}

export type Counts = { state: ReviewState; severity: Severity; n: number; mine: number }[]
export async function countReviews(db: Db, corp: number, sight: Sight, by: string): Promise<Counts> {
  const { rows } = await sql<Counts[number]>`
    SELECT state, severity, count(*) AS n,
      count(*) FILTER (WHERE assignee = ${by} AND state IN ('claimed', 'watch', 'escalated')) AS mine
    FROM review WHERE corp_id = ${corp} ${within(sight)} GROUP BY state, severity
  `.execute(db)
  return rows
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
