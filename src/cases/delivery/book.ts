import { type Db, type House, monotonic, open, seal } from '../../base/index.ts'
import type { Severity } from '../../monitor/index.ts'
import { accountNames, reachable } from '../../people/index.ts'
import type { Reach, Receiver } from './audience.ts'
import { selectAddresses, selectHooks } from './book-store.ts'
import { DEFAULT_SETTINGS, type DeliverySettings, deliverySettings } from './contract.ts'
import type { Ways } from './deps.ts'
import { selectSettings } from './store.ts'

type Hook = {
  id: string
  name: string
  url: string
  secret: string
  severities: Severity[]
  madeBy: string
  madeAt: number
}

/** Everything that decides who is told, read together. */
export type Book = {
  version: number
  settings: DeliverySettings
  setBy: string | null
  setAt: number | null
  people: Map<string, Receiver>
  /** E-mail by account. */
  mail: Map<string, string>
  hooks: Map<string, Hook>
}

/** Another process may have changed it: its change is seen after this long. */
const FRESH_FOR = 1000
const known = new WeakMap<House, { book: Promise<Book>; at: number }>()

export function bookOf(db: Db, house: House): Promise<Book> {
  const found = known.get(house)
  if (found && monotonic() - found.at < FRESH_FOR) return found.book
  const book = readBook(db, house)
  known.set(house, { book, at: monotonic() })
  book.catch(() => known.delete(house))
  return book
}

/** After a change of our own, so that the next alert follows it at once. */
export function forgetBook(house: House): void {
  known.delete(house)
}

async function readBook(db: Db, house: House): Promise<Book> {
  const { corp } = house
  const row = await selectSettings(db, corp)
  const own = await house.keys.own(db)
  const people = await reachable(db, house)
  const addresses = await selectAddresses(db, corp)
  const hooks = await selectHooks(db, corp)
  return {
    version: row?.version ?? 0,
    settings: row ? deliverySettings.parse(row.settings) : DEFAULT_SETTINGS,
    setBy: row?.setBy ?? null,
    setAt: row?.setAt ?? null,
    people: new Map(people.map(person => [person.accountId, person])),
    mail: new Map(
      addresses.map(({ account, sealed }) => [
        account,
        open(own.key, sealed, addressContext(house, account)).toString('utf8'),
      ]),
    ),
    hooks: new Map(
      hooks.map(({ sealed, ...hook }) => [
        hook.id,
        {
          ...hook,
          ...(JSON.parse(open(own.key, sealed, hookContext(house, hook.id)).toString('utf8')) as HookInside),
        },
      ]),
    ),
  }
}

export type HookInside = { name: string; url: string; secret: string }

const addressContext = (house: House, account: string): string => `delivery address|${house.corp}|${account}`
const hookContext = (house: House, id: string): string => `delivery hook|${house.corp}|${id}`

export async function sealAddress(db: Db, house: House, account: string, email: string): Promise<Buffer> {
  if (email === '') return Buffer.alloc(0)
  return seal((await house.keys.own(db)).key, email, addressContext(house, account))
}

export async function sealHook(db: Db, house: House, id: string, inside: HookInside): Promise<Buffer> {
  return seal((await house.keys.own(db)).key, JSON.stringify(inside), hookContext(house, id))
}

/** Which ways lead to this person here and now. */
export function reachOf(book: Book, ways: Ways): (person: Receiver) => Reach {
  return person => ({
    card: ways.cards !== undefined && person.userid !== null && person.userid !== '',
    mail: ways.mail !== undefined && book.mail.has(person.accountId),
  })
}

/** What a colleague is called on a card. */
export async function nameOfAccount(db: Db, house: House, username: string | null): Promise<string | null> {
  if (username === null) return null
  return (await accountNames(db, house, [username])).get(username) ?? username
}
