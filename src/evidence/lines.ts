import type { Exhibit, Stretch } from '../archive/index.ts'
import type { Db, House } from '../base/index.ts'
import { type ConsentRow, choiceAt, choicesOf, type Identity, identitiesOf } from '../contacts/index.ts'
import { type HitView, hitsOf, hitVersions, type RuleSet } from '../monitor/index.ts'
import { isExternal } from '../wecom/index.ts'
import type { MessageLine } from './verifier/format.ts'

/** What is known of the people in a package while it is written; each is looked up once. */
export class People {
  readonly #db: Db
  readonly #house: House
  readonly #clear: boolean
  readonly identities = new Map<string, Identity>()
  readonly choices = new Map<string, ConsentRow[]>()

  constructor(db: Db, house: House, clear: boolean) {
    this.#db = db
    this.#house = house
    this.#clear = clear
  }

  async learn(ids: readonly string[]): Promise<void> {
    const fresh = [...new Set(ids)].filter(id => id !== '' && !this.identities.has(id))
    if (fresh.length === 0) return
    for (const identity of await identitiesOf(this.#db, this.#house, fresh, this.#clear))
      this.identities.set(identity.id, identity)
    const customers = fresh.filter(isExternal)
    const known = Map.groupBy(
      await choicesOf(this.#db, this.#house.corp, customers),
      choice => choice.externalUserid,
    )
    for (const customer of customers) this.choices.set(customer, known.get(customer) ?? [])
  }

  nameOf(id: string): string {
    return this.identities.get(id)?.name ?? id
  }
}

type Meta = { to?: string[]; room?: string }
export const metaOf = (exhibit: Exhibit): Meta => exhibit.envelope.meta as Meta

export const iso = (ms: number): string => new Date(ms).toISOString()

function consentOf(exhibit: Exhibit, people: People): MessageLine['consent'] {
  const { from } = exhibit.envelope
  const { to = [], room = null } = metaOf(exhibit)
  const customer = room === null ? [from, ...to].find(isExternal) : isExternal(from) ? from : undefined
  if (customer === undefined) return null
  const userid = room === null ? ([from, ...to].find(id => !isExternal(id)) ?? null) : null
  const choice = choiceAt(people.choices.get(customer) ?? [], { userid, chatId: room }, exhibit.sentMs)
  return { state: choice?.state ?? 'unknown', at: choice ? iso(choice.effectiveAt) : null }
}

/** A body that is not there was refused by its own customer, or it was destroyed. */
function withheldOf(exhibit: Exhibit): MessageLine['withheld'] {
  if (exhibit.absent === null) return null
  return exhibit.absent === 'purged' ? 'purged' : 'refused'
}

export type Told = { line: MessageLine; hits: HitView[] }

/** The lines of one page of messages, with the rules' hits and the consent of that time. */
export async function linesOf(
  db: Db,
  house: House,
  rules: RuleSet,
  people: People,
  page: readonly Exhibit[],
  first: number,
  fileName: (sha256: string, name: string | null) => string,
): Promise<Told[]> {
  await people.learn(page.flatMap(partiesOf))
  const keys = page.map(exhibit => ({
    convId: exhibit.envelope.conv,
    sentAt: exhibit.sentMs,
    msgid: exhibit.envelope.msgid,
  }))
  const said = page.map((exhibit, i) => ({
    key: keys[i] ?? { convId: '', sentAt: 0, msgid: '' },
    texts: [...exhibit.texts, ...readTexts(exhibit)],
    direction: exhibit.envelope.direction as 'staff',
    absent: exhibit.absent,
    room: metaOf(exhibit).room ?? null,
  }))
  const hits = Map.groupBy(await hitsOf(db, house, rules, said), hit => hit.msgid)
  const versions = await hitVersions(db, house, keys)
  return page.map((exhibit, i) => {
    const own = hits.get(exhibit.envelope.msgid) ?? []
    const line = lineOf(exhibit, people, first + i, fileName)
    return {
      line: { ...line, hits: own.map(hit => hitLine(hit, versions)) },
      hits: own,
    }
  })
}

function readTexts(exhibit: Exhibit): { part: string; label: string; text: string }[] {
  return exhibit.derived
    .filter(text => text.envelope.source !== 'record' && text.opened !== null)
    .map(text => ({
      part: `${text.envelope.source}:${text.envelope.part}`,
      label: text.envelope.source,
      text: text.opened?.raw.toString('utf8') ?? '',
    }))
}

function hitLine(hit: HitView, versions: Map<string, string>): object {
  const { rule, ruleName, category, categoryName, severity, verdict, part, start, end, matched, why } = hit
  const version = versions.get(`${hit.msgid}|${rule}|${part}|${start}`) ?? null
  return {
    rule,
    version,
    ruleName,
    category,
    categoryName,
    severity,
    verdict,
    part,
    start,
    end,
    matched,
    why,
  }
}

function partiesOf(exhibit: Exhibit): string[] {
  const { to = [], room } = metaOf(exhibit)
  return [exhibit.envelope.from, ...to, ...(room ? [room] : [])]
}

function lineOf(
  exhibit: Exhibit,
  people: People,
  n: number,
  fileName: (sha256: string, name: string | null) => string,
): MessageLine {
  const { envelope, opened, texts } = exhibit
  const raw = opened === null ? null : opened.raw.toString('utf8')
  const faithful = raw !== null && opened !== null && Buffer.from(raw).equals(opened.raw)
  const consent = consentOf(exhibit, people)
  return {
    n,
    leaf: exhibit.leaf,
    envelope,
    commitment: exhibit.commitment.toString('hex'),
    salt: opened?.salt.toString('hex') ?? null,
    raw: faithful ? raw : null,
    rawBase64: faithful ? null : (opened?.raw.toString('base64') ?? null),
    withheld: withheldOf(exhibit),
    shown: {
      at: iso(exhibit.sentMs),
      from: people.nameOf(envelope.from),
      conversation: titleOf(exhibit, people),
      texts: texts.map(({ label, text }) => ({ label, text })),
    },
    consent,
    derived: exhibit.derived.map(text => ({
      leaf: text.leaf,
      envelope: text.envelope,
      commitment: text.commitment.toString('hex'),
      salt: text.opened?.salt.toString('hex') ?? null,
      text: text.opened?.raw.toString('utf8') ?? null,
    })),
    media: exhibit.files.map(({ part, name, leaf, envelope: told }) => ({
      part,
      name,
      leaf,
      envelope: told,
      file: told.sha256 === null || exhibit.absent !== null ? null : fileName(told.sha256, name),
    })),
    hits: [],
  }
}

export function titleOf(exhibit: Exhibit, people: People): string {
  const { to = [], room } = metaOf(exhibit)
  if (room) return people.nameOf(room)
  const parties = [exhibit.envelope.from, ...to]
  const staffFirst = parties.toSorted(
    (a, b) => Number(isExternal(a)) - Number(isExternal(b)) || (a < b ? -1 : 1),
  )
  return [...new Set(staffFirst)].map(id => people.nameOf(id)).join(' ↔ ')
}

/** A stretch as it is told: whom it is between, and how much of it there is. */
export type StretchTold = Stretch & { title: string; messages: number }

/** Growing lists of numbers and hashes: what the proofs need of every line, 44 bytes a leaf. */
export class Leaves {
  readonly indexes: number[] = []
  readonly kinds: ('message' | 'derived' | 'media')[] = []
  readonly numbers: number[] = []
  readonly records: string[] = []
  readonly lines: (string | null)[] = []

  add(leaf: {
    index: number
    kind: 'message' | 'derived' | 'media'
    n: number
    record: string
    line: string | null
  }): void {
    this.indexes.push(leaf.index)
    this.kinds.push(leaf.kind)
    this.numbers.push(leaf.n)
    this.records.push(leaf.record)
    this.lines.push(leaf.line)
  }
}

const clocks = new Map<string, Intl.DateTimeFormat>()

/** The time the institution's clock shows, for what is printed. */
export function localTime(at: number, zone: string): string {
  const clock =
    clocks.get(zone) ??
    new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' })
  clocks.set(zone, clock)
  return clock.format(at)
}
