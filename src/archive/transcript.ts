import { type Actor, type Db, fail, inTransaction, sql, type Tx } from '../base/index.ts'
import { consentOf, partiesOf, type TalkThen, talkThen } from '../contacts/index.ts'
import { authorise, departmentsOf, type Party, staffThen } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { isExternal } from '../wecom/index.ts'
import type { Transcript, TranscriptQuery } from './contract.ts'
import { withDerived } from './derived.ts'
import { inSight, type Page, pageOf, type Sight } from './pages.ts'
import { quotedBefore } from './quotes.ts'
import { type MessageRow, openRows } from './read.ts'
import { folded, linkQuotes, partyIn, viewsOf } from './view.ts'

type Participants = {
  parties: string[]
  room: string | null
  kind: 'single' | 'group' | 'internal' | 'switch'
}

/**
 * A conversation as it looked, around a moment or onward from a cursor: messages, and what happened between them. With
 * `at` nothing later shows, a recall that came later is undone, and people, consent and names are those of then; with
 * `knownAt` only what had reached us counts. Every look is in the trail. `thing.missing`, `auth.denied`.
 */
export async function readTranscript(
  db: Db,
  actor: Actor,
  convId: string,
  query: TranscriptQuery,
): Promise<Transcript> {
  return inTransaction(db, async tx => {
    const who = await authoriseConversation(tx, actor, convId)
    const sight: Sight = {
      corp: actor.house.corp,
      convId,
      at: query.at ?? null,
      knownAt: query.knownAt ?? null,
    }
    const page = await pageOf(tx, sight, query)
    const rows = await recallsThen(tx, sight, page.rows)
    const opened = await withDerived(tx, actor.house, await openRows(tx, actor.house, rows))
    const quoting = await quotedBefore(tx, actor.house, sight, opened)
    const views = linkQuotes(await viewsOf(tx, actor.house, opened), quoting)
    const shown = query.recalled === 'folded' ? views.map(folded) : views
    // Asking whether something new has come, and seeing nothing, is no look.
    if (shown.length > 0) {
      await record(tx, actor, {
        verb: 'conversation.opened',
        thing: { kind: 'conversation', id: convId },
        detail: {
          shown: shown.length,
          from: shown[0]?.key.sentAt ?? null,
          to: shown.at(-1)?.key.sentAt ?? null,
          ...(sight.at === null ? {} : { at: sight.at }),
          ...(sight.knownAt === null ? {} : { knownAt: sight.knownAt }),
        },
      })
    }
    return assemble(tx, actor, who, sight, page, shown)
  })
}

async function assemble(
  tx: Tx,
  actor: Actor,
  who: Participants,
  sight: Sight,
  page: Page,
  shown: Transcript['items'],
): Promise<Transcript> {
  const moment = { at: sight.at, knownAt: sight.knownAt }
  const newest = sight.at === null ? who.parties : await partiesAt(tx, sight)
  const then = await talkThen(tx, actor.house, { room: who.room, parties: who.parties }, moment)
  const last = page.rows.at(-1)?.sentAt ?? page.floor
  const events = then.events.filter(
    event => event.at > (page.floor ?? Number.NEGATIVE_INFINITY) && (page.end || event.at <= (last ?? 0)),
  )
  const ids = [
    ...who.parties,
    ...newest,
    ...(then.members?.keys() ?? []),
    ...events.flatMap(event => event.parties),
    ...(who.room === null ? [] : [who.room]),
  ]
  const names = await namesThen(tx, actor, [...ids, ...shown.map(item => item.from.id)], sight)
  return {
    head: await headOf(tx, actor, who, sight, then, newest, names),
    items: shown.map(item => ({ ...item, from: partyIn(names, item.from.id) })),
    events: events.map(event => ({ ...event, parties: event.parties.map(id => partyIn(names, id)) })),
    before: page.before,
    after: page.after,
  }
}

/** As people were called then; of today's view the directory of today is asked, which every screen shares. */
async function namesThen(tx: Tx, actor: Actor, ids: string[], { at }: Sight): Promise<Map<string, Party>> {
  const names = await partiesOf(tx, actor.house, ids)
  if (at === null) return names
  const staff = [...names.values()].filter(party => party.kind === 'staff').map(party => party.id)
  return new Map([...names, ...(await staffThen(tx, actor.house, staff, at))])
}

/** May this person read this conversation? A supervisor only where his own departments take part. */
export async function authoriseConversation(db: Db, actor: Actor, convId: string): Promise<Participants> {
  authorise(actor, 'message.read')
  const who = await participants(db, actor, convId)
  authorise(actor, 'message.read', { departments: await departmentsOf(db, actor.house, who.parties) })
  return who
}

async function participants(tx: Db, actor: Actor, convId: string): Promise<Participants> {
  const row = await newestOf(tx, { corp: actor.house.corp, convId, at: null, knownAt: null })
  if (!row) throw fail('thing.missing', { conversation: convId })
  const parties = partiesIn(row)
  if (row.direction === 'system') return { parties, room: null, kind: 'switch' }
  const outside = parties.some(isExternal)
  return { parties, room: row.room, kind: row.room !== null ? 'group' : outside ? 'single' : 'internal' }
}

type Newest = { from: string; to: string[] | null; room: string | null; direction: string }

const partiesIn = (row: Newest): string[] => [...new Set([row.from, ...(row.to ?? [])])]

/** The receivers of a message in a group are its members at that moment (wecom-api.md §3.5). */
async function partiesAt(tx: Db, sight: Sight): Promise<string[]> {
  const row = await newestOf(tx, sight)
  return row ? partiesIn(row) : []
}

async function newestOf(tx: Db, sight: Sight): Promise<Newest | undefined> {
  const { rows } = await sql<Newest>`
    SELECT m.from_party AS "from", ARRAY(SELECT jsonb_array_elements_text(m.meta -> 'to')) AS to, m.meta ->> 'room' AS room,
      m.direction
    FROM message m WHERE ${inSight(sight)} ORDER BY m.sent_at DESC LIMIT 1
  `.execute(tx)
  return rows[0]
}

/** A message that was recalled only later stands as it stood; so does one whose recall had not reached us. */
async function recallsThen(tx: Tx, sight: Sight, rows: MessageRow[]): Promise<MessageRow[]> {
  const { at, knownAt } = sight
  const recalled = rows.filter(row => row.recalledAt !== null).map(row => row.msgid)
  if (recalled.length === 0 || (at === null && knownAt === null)) return rows
  const { rows: seen } = await sql<{ target: string }>`
    SELECT l.target_msgid AS target FROM message_link l
    JOIN message m ON m.corp_id = l.corp_id AND m.conv_id = l.conv_id AND m.sent_at = l.sent_at AND m.src_msgid = l.src_msgid
    WHERE l.kind = 'recalls' AND l.target_msgid = ANY(${recalled}::text[]) AND ${inSight(sight)}`.execute(tx)
  const known = new Set(seen.map(row => row.target))
  return rows.map(row => (known.has(row.msgid) ? row : { ...row, recalledAt: null }))
}

async function headOf(
  tx: Tx,
  actor: Actor,
  who: Participants,
  sight: Sight,
  then: TalkThen,
  newest: string[],
  names: Map<string, Party>,
): Promise<Transcript['head']> {
  const parties = (who.room === null ? who.parties : newest).map(id => partyIn(names, id))
  const room = who.room === null ? null : partyIn(names, who.room).name
  const title = room === null ? parties.map(party => party.name).join(' ↔ ') : (then.name ?? room)
  const members = membersOf(who, then, newest)
  return {
    convId: sight.convId,
    kind: who.kind,
    title,
    parties,
    consent: await pairConsent(tx, actor, who, sight),
    moment: sight.at,
    knownAt: sight.knownAt,
    dismissed: then.dismissed,
    membersBy: who.room === null ? 'pair' : then.members ? 'history' : 'message',
    members: members.map(({ id, since }) => ({
      party: partyIn(names, id),
      since,
      owner: id === then.owner,
      consent: isExternal(id) ? (then.consents.get(id) ?? { state: 'unknown', at: null }) : null,
    })),
    ...(await spanOf(tx, sight)),
  }
}

function membersOf(
  who: Participants,
  then: TalkThen,
  newest: string[],
): { id: string; since: number | null }[] {
  if (who.room !== null && then.members)
    return [...then.members].map(([id, { since }]) => ({ id, since })).sort(staffFirst)
  const ids = who.room === null ? who.parties : newest
  return ids.map(id => ({ id, since: null })).sort(staffFirst)
}

const staffFirst = (a: { id: string }, b: { id: string }): number =>
  Number(isExternal(a.id)) - Number(isExternal(b.id)) || (a.id < b.id ? -1 : 1)

async function pairConsent(
  tx: Tx,
  actor: Actor,
  who: Participants,
  { at, knownAt }: Sight,
): Promise<Transcript['head']['consent']> {
  const customer = who.kind === 'single' ? who.parties.find(isExternal) : undefined
  if (!customer) return null
  const staff = who.parties.find(id => !isExternal(id)) ?? null
  const known = knownAt === null ? {} : { knownAt }
  const found = await consentOf(tx, actor.house, { externalUserid: customer, userid: staff, at, ...known })
  return { state: found.state, at: found.at }
}

/** From the first message to the last, whatever the moment: the reach of the time slider. */
async function spanOf(tx: Tx, sight: Sight): Promise<{ first: number | null; last: number | null }> {
  const all = inSight({ ...sight, at: null, knownAt: null })
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    SELECT (extract(epoch FROM min(m.sent_at)) * 1000)::bigint AS first,
      (extract(epoch FROM max(m.sent_at)) * 1000)::bigint AS last FROM message m WHERE ${all}`.execute(tx)
  return rows[0] ?? { first: null, last: null }
}
