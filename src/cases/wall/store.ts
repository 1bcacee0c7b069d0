import type { MessageKey } from '../../archive/index.ts'
import { type Db, sql, type Tx } from '../../base/index.ts'
import { REVIEW_COLUMNS as COLUMNS, type ReviewRow } from '../store.ts'

/** Reviews raised since a moment that nobody has settled. */
export async function selectOpenSince(
  db: Db,
  corp: number,
  since: number,
  most: number,
): Promise<ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`
    SELECT ${COLUMNS} FROM review WHERE corp_id = ${corp} AND state IN ('open', 'watch') AND severity IN ('P0', 'P1', 'P2')
      AND sent_at > ${new Date(since)} ORDER BY severity, sent_at DESC LIMIT ${most}`.execute(db)
  return rows
}

/** The rules of every alert of a conversation, settled or not. */
export async function rulesIn(db: Db, corp: number, convId: string): Promise<string[]> {
  const { rows } = await sql<{ rule: string }>`
    SELECT DISTINCT unnest(rules) AS rule FROM review WHERE corp_id = ${corp} AND conv_id = ${convId}::bigint`.execute(
    db,
  )
  return rows.map(row => row.rule)
}

export type Note = { id: string; key: MessageKey; sealed: Buffer; by: string; at: number }
export async function insertNote(tx: Tx, corp: number, note: Note): Promise<void> {
  await sql`
    INSERT INTO wall_note (corp_id, conv_id, sent_at, src_msgid, id, note_sealed, noted_by, noted_at)
    VALUES (${corp}, ${note.key.convId}::bigint, ${new Date(note.key.sentAt)}, ${note.key.msgid}, ${note.id}, ${note.sealed}, ${note.by},
      ${new Date(note.at)})`.execute(tx)
}

const KEY = sql`jsonb_build_object('convId', conv_id::text, 'sentAt', (extract(epoch FROM sent_at) * 1000)::bigint, 'msgid', src_msgid) AS key`

export async function selectNotes(db: Db, corp: number, convId: string): Promise<Note[]> {
  const { rows } = await sql<Note>`
    SELECT id::text, ${KEY}, note_sealed AS sealed, noted_by AS by, (extract(epoch FROM noted_at) * 1000)::bigint AS at
    FROM wall_note WHERE corp_id = ${corp} AND conv_id = ${convId}::bigint ORDER BY noted_at DESC LIMIT 100`.execute(
    db,
  )
  return rows
}

export async function countNotes(db: Db, corp: number, convs: string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ conv: string; n: number }>`
    SELECT conv_id::text AS conv, count(*) AS n FROM wall_note WHERE corp_id = ${corp} AND conv_id = ANY(${convs}::bigint[])
    GROUP BY conv_id`.execute(db)
  return new Map(rows.map(row => [row.conv, row.n]))
}

export type StepIn = {
  id: string
  key: MessageKey
  alert: string | null
  staff: string
  counterpart: string
  departments: number[]
  ask: Buffer
  askedBy: string
  askedAt: number
  answer: Buffer | null
  answeredBy: string | null
  answeredAt: number | null
}

const STEP_IN = sql`id::text, ${KEY}, alert_id::text AS alert, staff, counterpart, departments, ask_sealed AS ask, asked_by AS "askedBy",
  (extract(epoch FROM asked_at) * 1000)::bigint AS "askedAt", answer_sealed AS answer, answered_by AS "answeredBy",
  (extract(epoch FROM answered_at) * 1000)::bigint AS "answeredAt"`

/** False when this conversation's supervisor was asked already and has not answered. */
export async function insertStepIn(
  tx: Tx,
  corp: number,
  one: Omit<StepIn, 'answer' | 'answeredBy' | 'answeredAt'>,
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO step_in (corp_id, id, conv_id, sent_at, src_msgid, alert_id, staff, counterpart, departments, ask_sealed, asked_by, asked_at)
    VALUES (${corp}, ${one.id}, ${one.key.convId}::bigint, ${new Date(one.key.sentAt)}, ${one.key.msgid}, ${one.alert}, ${one.staff},
      ${one.counterpart}, ${one.departments}::int[], ${one.ask}, ${one.askedBy}, ${new Date(one.askedAt)})
    ON CONFLICT (corp_id, conv_id) WHERE answered_at IS NULL DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0n) === 1
}

/** Unanswered first, then newest; within these departments, or everywhere. */
export async function selectStepIns(
  db: Db,
  corp: number,
  filter: { departments?: readonly number[]; convs?: string[] },
): Promise<StepIn[]> {
  const scope = filter.departments?.length ? sql`AND departments && ${[...filter.departments]}::int[]` : sql``
  const convs = filter.convs ? sql`AND conv_id = ANY(${filter.convs}::bigint[])` : sql``
  const { rows } = await sql<StepIn>`
    SELECT ${STEP_IN} FROM step_in WHERE corp_id = ${corp} ${scope} ${convs}
    ORDER BY (answered_at IS NULL) DESC, asked_at DESC LIMIT 200`.execute(db)
  return rows
}

/** The row, held until this transaction ends. */
export async function lockStepIn(tx: Tx, corp: number, id: string): Promise<StepIn | null> {
  const { rows } = await sql<StepIn>`
    SELECT ${STEP_IN} FROM step_in WHERE corp_id = ${corp} AND id = ${id}::uuid FOR UPDATE`.execute(tx)
  return rows[0] ?? null
}

export async function answerStepIn(
  tx: Tx,
  corp: number,
  id: string,
  answer: { sealed: Buffer; by: string; at: number },
): Promise<void> {
  await sql`
    UPDATE step_in SET answer_sealed = ${answer.sealed}, answered_by = ${answer.by}, answered_at = ${new Date(answer.at)}
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}
