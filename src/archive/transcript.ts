import type { z } from 'zod'
import {
  type Actor,
  type Db,
  fail,
  inTransaction,
  readCursor,
  sql,
  type Tx,
  writeCursor,
} from '../base/index.ts'
import { consentOf, partiesOf } from '../contacts/index.ts'
import { authorise, departmentsOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { isExternal } from '../wecom/index.ts'
import type { Transcript, transcriptQuery } from './contract.ts'
import { withDerived } from './derived.ts'
import { MESSAGE_COLUMNS, type MessageRow, openRows } from './read.ts'
import { partyIn, viewsOf } from './view.ts'

type Query = z.infer<typeof transcriptQuery>
type Place = { sentAt: number; msgid: string }
type Participants = {
  parties: string[]
  room: string | null
  kind: 'single' | 'group' | 'internal' | 'switch'
}

/** A conversation as it looked, around a moment or onward from a cursor. Every look is in the trail. */
export async function readTranscript(
  db: Db,
  actor: Actor,
  convId: string,
  query: Query,
): Promise<Transcript> {
  return inTransaction(db, async tx => {
    const who = await authoriseConversation(tx, actor, convId)
    const page = await pageOf(tx, actor, convId, query)
    const opened = await withDerived(tx, actor.house, await openRows(tx, actor.house, page.rows))
    const items = await viewsOf(tx, actor.house, opened)
    // Asking whether something new has come, and seeing nothing, is no look.
    if (items.length > 0) {
      await record(tx, actor, {
        verb: 'conversation.opened',
        thing: { kind: 'conversation', id: convId },
        detail: {
          shown: items.length,
          from: items[0]?.key.sentAt ?? null,
          to: items.at(-1)?.key.sentAt ?? null,
        },
      })
    }
    return { head: await headOf(tx, actor, convId, who), items, before: page.before, after: page.after }
  })
}

/** May this person read this conversation? A supervisor only where his own departments take part. */
export async function authoriseConversation(db: Db, actor: Actor, convId: string): Promise<Participants> {
  authorise(actor, 'message.read')
  const who = await participants(db, actor, convId)
  authorise(actor, 'message.read', { departments: await departmentsOf(db, actor.house, who.parties) })
  return who
}

async function participants(tx: Db, actor: Actor, convId: string): Promise<Participants> {
  const { rows } = await sql<{ from: string; to: string[] | null; room: string | null; direction: string }>`
    SELECT from_party AS "from", ARRAY(SELECT jsonb_array_elements_text(meta -> 'to')) AS to, meta ->> 'room' AS room, direction
    FROM message WHERE corp_id = ${actor.house.corp} AND conv_id = ${convId}::bigint ORDER BY sent_at DESC LIMIT 1
  `.execute(tx)
  const row = rows[0]
  if (!row) throw fail('thing.missing', { conversation: convId })
  const parties = [...new Set([row.from, ...(row.to ?? [])])]
  if (row.direction === 'system') return { parties, room: null, kind: 'switch' }
  const outside = parties.some(isExternal)
  return { parties, room: row.room, kind: row.room !== null ? 'group' : outside ? 'single' : 'internal' }
}

async function headOf(tx: Tx, actor: Actor, convId: string, who: Participants): Promise<Transcript['head']> {
  const { house } = actor
  const names = await partiesOf(tx, house, who.room === null ? who.parties : [...who.parties, who.room])
  const parties = who.parties.map(id => partyIn(names, id))
  const customer = who.kind === 'single' ? who.parties.find(isExternal) : undefined
  const staff = who.parties.find(id => !isExternal(id))
  const consent = customer
    ? await consentOf(tx, house, { externalUserid: customer, userid: staff ?? null, at: null })
    : null
  const title =
    who.room === null ? parties.map(party => party.name).join(' ↔ ') : partyIn(names, who.room).name
  return { convId, kind: who.kind, title, parties, consent }
}

type Page = { rows: MessageRow[]; before: string | null; after: string | null }

async function pageOf(tx: Tx, actor: Actor, convId: string, query: Query): Promise<Page> {
  if (query.before !== undefined) {
    const older = await side(tx, actor, convId, placeOf(query.before), 'older', query.limit + 1)
    const rows = older.slice(0, query.limit).reverse()
    return {
      rows,
      before: older.length > query.limit ? cursorOf(rows[0]) : null,
      after: cursorOf(rows.at(-1)),
    }
  }
  if (query.after !== undefined) {
    const newer = await side(tx, actor, convId, placeOf(query.after), 'newer', query.limit)
    return {
      rows: newer,
      before: cursorOf(newer[0]),
      after: newer.length > 0 ? cursorOf(newer.at(-1)) : query.after,
    }
  }
  const around: Place =
    query.around === undefined
      ? { sentAt: FAR_FUTURE, msgid: '' }
      : { sentAt: query.around, msgid: query.msgid ?? '' }
  const half = Math.max(1, Math.floor(query.limit / 2))
  const older = await side(
    tx,
    actor,
    convId,
    around,
    'older',
    (query.around === undefined ? query.limit : half) + 1,
  )
  const keep = query.around === undefined ? query.limit : half
  const newer = query.around === undefined ? [] : await side(tx, actor, convId, around, 'from', half + 1)
  const rows = [...older.slice(0, keep).reverse(), ...newer]
  return { rows, before: older.length > keep ? cursorOf(rows[0]) : null, after: cursorOf(rows.at(-1)) }
}

const FAR_FUTURE = Date.UTC(9999, 11, 31)

const COMPARE = { older: sql`<`, newer: sql`>`, from: sql`>=` }

async function side(
  tx: Tx,
  actor: Actor,
  convId: string,
  place: Place,
  way: keyof typeof COMPARE,
  limit: number,
): Promise<MessageRow[]> {
  const at = new Date(place.sentAt).toISOString()
  const where = sql`(m.sent_at, m.src_msgid) ${COMPARE[way]} (${at}::timestamptz, ${place.msgid})`
  const order = way === 'older' ? sql`m.sent_at DESC, m.src_msgid DESC` : sql`m.sent_at, m.src_msgid`
  const { rows } = await sql<MessageRow>`
    SELECT ${MESSAGE_COLUMNS} FROM message m
    WHERE m.corp_id = ${actor.house.corp} AND m.conv_id = ${convId}::bigint AND ${where}
    ORDER BY ${order} LIMIT ${limit}
  `.execute(tx)
  return rows
}

function cursorOf(row: MessageRow | undefined): string | null {
  return row ? writeCursor([row.sentAt, row.msgid]) : null
}

function placeOf(cursor: string): Place {
  return readCursor(cursor, ([sentAt, msgid]) =>
    typeof sentAt === 'number' && typeof msgid === 'string' ? { sentAt, msgid } : null,
  )
}
