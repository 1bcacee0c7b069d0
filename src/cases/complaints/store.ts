import type { MessageKey } from '../../archive/index.ts'
import { type Db, epochMs, sql, type Tx } from '../../base/index.ts'
import type { Severity } from '../../monitor/index.ts'
import type {
  COMPLAINT_CHANNELS,
  COMPLAINT_KINDS,
  COMPLAINT_PRODUCTS,
  COMPLAINT_SOURCES,
  ComplaintState,
  GRADES,
  OUTCOMES,
} from './contract.ts'

export type Stored = {
  id: string
  number: string
  source: (typeof COMPLAINT_SOURCES)[number]
  kind: keyof typeof COMPLAINT_KINDS
  product: (typeof COMPLAINT_PRODUCTS)[number]
  channel: (typeof COMPLAINT_CHANNELS)[number]
  grade: (typeof GRADES)[number]
  state: ComplaintState
  staff: string | null
  departments: number[]
  customer: string | null
  alertId: string | null
  message: MessageKey | null
  wordsSealed: Buffer
  receivedAt: number
  registeredBy: string
  registeredAt: number
  dueAt: number
  handler: string | null
  outcome: (typeof OUTCOMES)[number] | null
  severity: Severity | null
  answeredAt: number | null
  endedAt: number | null
  extended: boolean
}

const when = (at: number | null): Date | null => (at === null ? null : new Date(at))
const COLUMNS = sql`c.id::text, c.number, c.source, c.kind, c.product, c.channel, c.grade, c.state, c.staff, c.departments,
  c.customer, c.alert_id::text AS "alertId", CASE WHEN c.conv_id IS NULL THEN NULL ELSE jsonb_build_object('convId', c.conv_id::text,
  'sentAt', ${epochMs('c.sent_at')}, 'msgid', c.src_msgid) END AS message, c.words_sealed AS "wordsSealed", ${epochMs('c.received_at')} AS "receivedAt",
  c.registered_by AS "registeredBy", ${epochMs('c.registered_at')} AS "registeredAt", ${epochMs('c.due_at')} AS "dueAt", c.handler, c.outcome,
  c.severity, ${epochMs('c.answered_at')} AS "answeredAt", ${epochMs('c.ended_at')} AS "endedAt",
  EXISTS (SELECT FROM complaint_extension e WHERE e.corp_id = c.corp_id AND e.complaint_id = c.id AND e.verdict = 'approved') AS extended`

/** Numbers of a year are given one after another; held until the transaction ends. */
export async function nextNumber(tx: Tx, corp: number, year: string): Promise<string> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`tongjian complaint ${corp} ${year}`}))`.execute(tx)
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM complaint
    WHERE corp_id = ${corp} AND number LIKE ${`TS-${year}-%`}`.execute(tx)
  return `TS-${year}-${String((rows[0]?.n ?? 0) + 1).padStart(4, '0')}`
}

type Insert = Omit<
  Stored,
  'state' | 'grade' | 'handler' | 'outcome' | 'severity' | 'answeredAt' | 'endedAt' | 'extended'
>
/** False when this message is a complaint already. */
export async function insertComplaint(tx: Tx, corp: number, row: Insert): Promise<boolean> {
  const { message } = row
  const { numAffectedRows } = await sql`
    INSERT INTO complaint (corp_id, id, number, source, kind, product, channel, grade, state, staff, departments, customer, alert_id,
      conv_id, sent_at, src_msgid, words_sealed, received_at, registered_by, registered_at, due_at)
    VALUES (${corp}, ${row.id}, ${row.number}, ${row.source}, ${row.kind}, ${row.product}, ${row.channel}, 'normal', 'registered',
      ${row.staff}, ${row.departments}::int[], ${row.customer}, ${row.alertId}::uuid, ${message?.convId ?? null}::bigint,
      ${when(message?.sentAt ?? null)}, ${message?.msgid ?? null}, ${row.wordsSealed}, ${when(row.receivedAt)},
      ${row.registeredBy}, ${when(row.registeredAt)}, ${when(row.dueAt)})
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

/** Open ones by deadline, then those ended, newest first. */
export async function selectComplaints(
  db: Db,
  corp: number,
  departments: readonly number[],
): Promise<Stored[]> {
  const { rows } = await sql<Stored>`
    SELECT ${COLUMNS} FROM complaint c WHERE c.corp_id = ${corp}
      ${departments.length === 0 ? sql`` : sql`AND c.departments && ${[...departments]}::int[]`}
    ORDER BY c.state IN ('closed', 'withdrawn'), CASE WHEN c.state NOT IN ('closed', 'withdrawn') THEN c.due_at END,
      c.received_at DESC, c.id`.execute(db)
  return rows
}

export async function selectComplaint(db: Db, corp: number, id: string): Promise<Stored | null> {
  const { rows } =
    await sql<Stored>`SELECT ${COLUMNS} FROM complaint c WHERE c.corp_id = ${corp} AND c.id = ${id}::uuid`.execute(
      db,
    )
  return rows[0] ?? null
}

/** Held until this transaction ends: every change of a complaint begins with it. */
export async function lockComplaint(tx: Tx, corp: number, id: string): Promise<Stored | null> {
  await sql`SELECT 1 FROM complaint WHERE corp_id = ${corp} AND id = ${id}::uuid FOR UPDATE`.execute(tx)
  return selectComplaint(tx, corp, id)
}

type Change = Partial<
  Pick<Stored, 'state' | 'grade' | 'dueAt' | 'handler' | 'outcome' | 'severity' | 'answeredAt' | 'endedAt'>
> & { handlerUserid?: string | null }
/** The whole of what may move, written as it stands after the change. */
export async function updateComplaint(tx: Tx, corp: number, row: Stored, change: Change): Promise<void> {
  const next = { ...row, ...change }
  await sql`
    UPDATE complaint SET state = ${next.state}, grade = ${next.grade}, due_at = ${when(next.dueAt)}, handler = ${next.handler},
      outcome = ${next.outcome}, severity = ${next.severity}, answered_at = ${when(next.answeredAt)}, ended_at = ${when(next.endedAt)}
      ${change.handlerUserid === undefined ? sql`` : sql`, handler_userid = ${change.handlerUserid}`}
    WHERE corp_id = ${corp} AND id = ${row.id}::uuid`.execute(tx)
}

export type StepRow = {
  id: string
  act: string
  from: string
  to: string
  sealed: Buffer
  by: string
  at: number
}
export async function insertStep(tx: Tx, corp: number, complaintId: string, row: StepRow): Promise<void> {
  await sql`
    INSERT INTO complaint_step (corp_id, id, complaint_id, act, from_state, to_state, note_sealed, made_by, made_at)
    VALUES (${corp}, ${row.id}, ${complaintId}::uuid, ${row.act}, ${row.from}, ${row.to}, ${row.sealed}, ${row.by}, ${when(row.at)})`.execute(
    tx,
  )
}

export async function selectSteps(db: Db, corp: number, complaintId: string): Promise<StepRow[]> {
  const { rows } = await sql<StepRow>`
    SELECT id::text, act, from_state AS "from", to_state AS "to", note_sealed AS sealed, made_by AS by, ${epochMs('made_at')} AS at
    FROM complaint_step WHERE corp_id = ${corp} AND complaint_id = ${complaintId}::uuid ORDER BY made_at, id`.execute(
    db,
  )
  return rows
}

export type ExtensionRow = {
  id: string
  handler: string
  askedAt: number
  reasonSealed: Buffer
  verdict: 'approved' | 'refused' | null
  decidedBy: string | null
  decisionSealed: Buffer | null
}
/** False when one is granted or waits already. */
export async function insertExtension(
  tx: Tx,
  corp: number,
  complaintId: string,
  row: Pick<ExtensionRow, 'id' | 'handler' | 'askedAt' | 'reasonSealed'>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO complaint_extension (corp_id, complaint_id, id, handler, asked_at, reason_sealed)
    VALUES (${corp}, ${complaintId}::uuid, ${row.id}, ${row.handler}, ${when(row.askedAt)}, ${row.reasonSealed})
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

export async function newestExtension(
  db: Db,
  corp: number,
  complaintId: string,
): Promise<ExtensionRow | null> {
  const { rows } = await sql<ExtensionRow>`
    SELECT id::text, handler, ${epochMs('asked_at')} AS "askedAt", reason_sealed AS "reasonSealed", verdict, decided_by AS "decidedBy",
      decision_sealed AS "decisionSealed"
    FROM complaint_extension WHERE corp_id = ${corp} AND complaint_id = ${complaintId}::uuid ORDER BY asked_at DESC, id DESC LIMIT 1`.execute(
    db,
  )
  return rows[0] ?? null
}

export async function markExtension(
  tx: Tx,
  corp: number,
  complaintId: string,
  id: string,
  act: { verdict: 'approved' | 'refused'; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`UPDATE complaint_extension SET verdict = ${act.verdict}, decided_by = ${act.by}, decided_at = ${when(act.at)},
    decision_sealed = ${act.sealed} WHERE corp_id = ${corp} AND complaint_id = ${complaintId}::uuid AND id = ${id}::uuid`.execute(
    tx,
  )
}

/** Messages that are complaints already. */
export async function complainedIn(db: Db, corp: number, keys: readonly MessageKey[]): Promise<Set<string>> {
  const { rows } = await sql<{ msgid: string }>`
    SELECT src_msgid AS msgid FROM complaint WHERE corp_id = ${corp} AND src_msgid = ANY(${keys.map(key => key.msgid)}::text[])`.execute(
    db,
  )
  return new Set(rows.map(row => row.msgid))
}
