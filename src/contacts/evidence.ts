import { type Db, type House, sql } from '../base/index.ts'
import { directoryOf, type Party } from '../people/index.ts'
import { isExternal } from '../wecom/index.ts'
import { noticeTexts } from './notice-text.ts'
import { partiesOf } from './parties.ts'
import { openPart } from './sealed.ts'
import { selectContacts } from './store.ts'

/** Who somebody is, as far as the institution knows: what a package says of the people in it. */
export type Identity = Party & {
  title: string | null
  departments: string[]
  /** As WeCom counts: 1 active, 2 disabled, 4 not activated, 5 left; null for those outside. */
  status: number | null
  company: string | null
  /** Whether the name stands masked. */
  masked: boolean
}

/** Everybody among `ids`. Customers' names in clear only where that was asked for and approved. */
export async function identitiesOf(
  db: Db,
  house: House,
  ids: readonly string[],
  clear: boolean,
): Promise<Identity[]> {
  const [parties, directory] = [await partiesOf(db, house, ids), await directoryOf(db, house)]
  const names = clear ? await clearNames(db, house, ids.filter(isExternal)) : new Map()
  return [...parties.values()].map(party => {
    const person = directory.people.get(party.id)
    const known = names.get(party.id)
    return {
      ...party,
      ...(known ? { name: known.name } : {}),
      title: person ? person.title || null : null,
      departments: (person?.departments ?? []).map(
        department => directory.departments.get(department)?.name ?? String(department),
      ),
      status: person?.status ?? null,
      company: known?.corpName || null,
      masked: party.kind === 'customer' && known === undefined,
    }
  })
}

async function clearNames(
  db: Db,
  house: House,
  ids: string[],
): Promise<Map<string, { name: string; corpName: string }>> {
  const { key } = await house.keys.own(db)
  const rows = await selectContacts(db, house.corp, ids)
  return new Map(rows.map(row => [row.id, openPart(house, key, 'contact', row)]))
}

export type NoticeGiven = {
  kind: string
  staff: string
  party: string
  state: string
  version: string | null
  dueAt: number
  sentAt: number | null
  provedMsgid: string | null
  provedAt: number | null
}

/** Notices about archiving that were due to these customers or rooms, and what came of them. */
export async function noticesOf(db: Db, house: House, parties: string[]): Promise<NoticeGiven[]> {
  const { rows } = await sql<NoticeGiven>`
    SELECT kind, staff, party, state, version, (extract(epoch FROM due_at) * 1000)::bigint AS "dueAt",
      (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", proved_msgid AS "provedMsgid",
      (extract(epoch FROM proved_at) * 1000)::bigint AS "provedAt"
    FROM notice WHERE corp_id = ${house.corp} AND party = ANY(${parties}::text[]) ORDER BY due_at, party, staff`.execute(
    db,
  )
  return rows
}

/** The wordings of the notice that these versions name. */
export async function noticeWordings(
  db: Db,
  house: House,
  versions: string[],
): Promise<{ version: string; text: string }[]> {
  const texts = await noticeTexts(db, house)
  return texts.filter(text => versions.includes(text.version)).map(({ version, text }) => ({ version, text }))
}

export type Stay = { room: string; party: string; joinedAt: number; leftAt: number | null }

/** Who belonged to a room at any time between two moments. */
export async function staysIn(db: Db, house: House, room: string, from: number, to: number): Promise<Stay[]> {
  const { rows } = await sql<Stay>`
    SELECT chat_id AS room, party, (extract(epoch FROM joined_at) * 1000)::bigint AS "joinedAt",
      (extract(epoch FROM left_at) * 1000)::bigint AS "leftAt"
    FROM customer_group_member WHERE corp_id = ${house.corp} AND chat_id = ${room}
      AND joined_at <= ${new Date(to).toISOString()}::timestamptz
      AND coalesce(left_at, 'infinity') >= ${new Date(from).toISOString()}::timestamptz ORDER BY joined_at, party`.execute(
    db,
  )
  return rows
}
