import type { KeyObject } from 'node:crypto'
import type { Actor, Db, House } from '../base/index.ts'
import { authorise, directoryOf, findStaff, type Party, partyOf } from '../people/index.ts'
import { isExternal, isRobot } from '../wecom/index.ts'
import { maskName } from './mask.ts'
import { openPart } from './sealed.ts'
import { type NamedRow, selectContacts, selectGroups, selectNamed } from './store.ts'

const MOST_FOUND = 20
/** A writer that began earlier may commit later: this much is read again, so that nothing slips between two looks. */
const OVERLAP = 60_000
const FRESH_FOR = 5000

/** Ids of rooms, internal ones included (wecom-api.md §0). */
function isRoom(id: string): boolean {
  return /^wr[A-Za-z0-9_-]{10,}$/.test(id)
}

/** Everybody a message may name, as the screens show them. Customers are masked; the answer has every id asked for. */
export async function partiesOf(db: Db, house: House, ids: readonly string[]): Promise<Map<string, Party>> {
  const asked = [...new Set(ids)]
  const directory = await directoryOf(db, house)
  const outside = asked.filter(id => !directory.people.has(id))
  const names = await namesOf(db, house, outside)
  return new Map(asked.map(id => [id, partyOf(directory, id) ?? outsider(id, names.get(id))]))
}

/** Customers' names in clear, for an export whose reason is in the trail. Throws `auth.denied` without contact.reveal. */
export async function clearNamesOf(
  db: Db,
  actor: Actor,
  ids: readonly string[],
): Promise<Map<string, string>> {
  authorise(actor, 'contact.reveal')
  return namesOf(db, actor.house, [...new Set(ids)])
}

async function namesOf(db: Db, house: House, ids: string[]): Promise<Map<string, string>> {
  const { key } = await house.keys.own(db)
  const contacts = await selectContacts(db, house.corp, ids.filter(isExternal))
  const groups = await selectGroups(db, house.corp, ids.filter(isRoom))
  return new Map([
    ...contacts.map(row => [row.id, openPart(house, key, 'contact', row).name] as const),
    ...groups.map(row => [row.id, openPart(house, key, 'group', row).name] as const),
  ])
}

/** Whoever is no employee. A name we never learnt is told by the end of the id, so that two unknowns differ. */
function outsider(id: string, name: string | undefined): Party {
  const tail = id.slice(-4)
  if (isExternal(id)) {
    return {
      id,
      kind: 'customer',
      name: name === undefined ? `客户·${tail}` : maskName(name),
      department: null,
    }
  }
  if (isRoom(id)) return { id, kind: 'group', name: name || `群聊·${tail}`, department: null }
  if (isRobot(id)) return { id, kind: 'robot', name: `机器人·${tail}`, department: null }
  return { id, kind: 'unknown', name: id, department: null }
}

type Index = { names: Map<string, { kind: NamedRow['kind']; name: string }>; upTo: number; lookedAt: number }
const indexes = new WeakMap<House, Index>()

/** Customers and groups whose name or id holds `q`. Names stand sealed, so they are opened once and kept here. */
export async function findContacts(db: Db, actor: Actor, q: string): Promise<Party[]> {
  authorise(actor, 'message.search')
  const { names } = await indexOf(db, actor.house)
  const needle = q.trim().toLowerCase()
  const found: Party[] = []
  for (const [id, { name }] of names) {
    if (found.length >= MOST_FOUND) break
    if (name.toLowerCase().includes(needle) || id.toLowerCase() === needle) found.push(outsider(id, name))
  }
  return found
}

/** Staff first, then customers and groups. */
export async function findParties(db: Db, actor: Actor, q: string): Promise<Party[]> {
  authorise(actor, 'message.search')
  const staff = findStaff(await directoryOf(db, actor.house), q, MOST_FOUND)
  return [...staff, ...(await findContacts(db, actor, q))].slice(0, MOST_FOUND)
}

async function indexOf(db: Db, house: House): Promise<Index> {
  const known = indexes.get(house) ?? { names: new Map(), upTo: 0, lookedAt: Number.NEGATIVE_INFINITY }
  if (performance.now() - known.lookedAt < FRESH_FOR) return known
  const { key } = await house.keys.own(db)
  const rows = await selectNamed(db, house.corp, Math.max(0, known.upTo - OVERLAP))
  for (const row of rows) {
    known.names.set(row.id, { kind: row.kind, name: nameIn(house, key, row) })
    known.upTo = Math.max(known.upTo, row.syncedAt)
  }
  known.lookedAt = performance.now()
  indexes.set(house, known)
  return known
}

/** After a change of our own, so that the next look sees it at once. */
export function forgetNames(house: House): void {
  indexes.delete(house)
}

function nameIn(house: House, key: KeyObject, row: NamedRow): string {
  return row.kind === 'customer'
    ? openPart(house, key, 'contact', row).name
    : openPart(house, key, 'group', row).name
}
