import { readCursor, sql, type Tx, writeCursor } from '../base/index.ts'
import type { TranscriptQuery } from './contract.ts'
import { MESSAGE_COLUMNS, type MessageRow } from './read.ts'

/** A conversation looked at as of a moment: what was sent later, or reached us later, is not there. */
export type Sight = { corp: number; convId: string; at: number | null; knownAt: number | null }
type Place = { sentAt: number; msgid: string }

/**
 * Messages in order, and where they lie: `floor` is when the message before them was sent (null: there is none), `end`
 * whether they reach the newest one. Events in between belong to the message that follows them.
 */
export type Page = {
  rows: MessageRow[]
  before: string | null
  after: string | null
  floor: number | null
  end: boolean
}

/** One page of the keyset: older than a cursor, newer than one, around a moment, or the newest. */
export async function pageOf(tx: Tx, sight: Sight, query: TranscriptQuery): Promise<Page> {
  const { limit } = query
  if (query.before !== undefined) {
    const older = await side(tx, sight, placeOf(query.before), 'older', limit + 1)
    return pageFrom(older, [], limit, false)
  }
  if (query.after !== undefined) {
    const from = placeOf(query.after)
    const newer = await side(tx, sight, from, 'newer', limit)
    const after = newer.length > 0 ? cursorOf(newer.at(-1)) : query.after
    return { rows: newer, before: cursorOf(newer[0]), after, floor: from.sentAt, end: newer.length < limit }
  }
  if (query.around === undefined)
    return pageFrom(await side(tx, sight, FAR, 'older', limit + 1), [], limit, true)
  const half = Math.max(1, Math.floor(limit / 2))
  const around = { sentAt: query.around, msgid: query.msgid ?? '' }
  const older = await side(tx, sight, around, 'older', half + 1)
  const newer = await side(tx, sight, around, 'from', half + 1)
  return pageFrom(older, newer, half, newer.length < half + 1)
}

/** `older` comes newest first and holds one message more than is kept, when there is one. */
function pageFrom(older: MessageRow[], newer: MessageRow[], keep: number, end: boolean): Page {
  const rows = [...older.slice(0, keep).reverse(), ...newer]
  const more = older.length > keep
  return {
    rows,
    before: more ? cursorOf(rows[0]) : null,
    after: cursorOf(rows.at(-1)),
    floor: more ? (older[keep]?.sentAt ?? null) : null,
    end,
  }
}

const FAR: Place = { sentAt: Date.UTC(9999, 11, 31), msgid: '' }
const COMPARE = { older: sql`<`, newer: sql`>`, from: sql`>=` }

async function side(
  tx: Tx,
  sight: Sight,
  place: Place,
  way: keyof typeof COMPARE,
  limit: number,
): Promise<MessageRow[]> {
  const at = new Date(place.sentAt).toISOString()
  const where = sql`(m.sent_at, m.src_msgid) ${COMPARE[way]} (${at}::timestamptz, ${place.msgid})`
  const order = way === 'older' ? sql`m.sent_at DESC, m.src_msgid DESC` : sql`m.sent_at, m.src_msgid`
  const { rows } = await sql<MessageRow>`
    SELECT ${MESSAGE_COLUMNS} FROM message m
    WHERE ${inSight(sight)} AND ${where}
    ORDER BY ${order} LIMIT ${limit}
  `.execute(tx)
  return rows
}

/** Condition on the message row `m`. */
export function inSight({ corp, convId, at, knownAt }: Sight): ReturnType<typeof sql> {
  const sent = at === null ? sql`true` : sql`m.sent_at <= ${new Date(at).toISOString()}::timestamptz`
  const known =
    knownAt === null ? sql`true` : sql`m.captured_at <= ${new Date(knownAt).toISOString()}::timestamptz`
  return sql`m.corp_id = ${corp} AND m.conv_id = ${convId}::bigint AND ${sent} AND ${known}`
}

function cursorOf(row: MessageRow | undefined): string | null {
  return row ? writeCursor([row.sentAt, row.msgid]) : null
}

function placeOf(cursor: string): Place {
  return readCursor(cursor, ([sentAt, msgid]) =>
    typeof sentAt === 'number' && typeof msgid === 'string' ? { sentAt, msgid } : null,
  )
}
