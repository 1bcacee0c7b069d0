import { createHash, hash } from 'node:crypto'
import type { PlanDocument, RosterEntry } from './contract.ts'

/**
 * The draw, word for word as docs/sampling.md has it: whole numbers, SHA-256 and byte order, nothing else, so that any
 * language draws the same. test/second-verifier/redraw.py is the second one.
 */

/** What may be drawn: a person's part of a conversation on one day, or one message. */
export type Unit = {
  id: string
  staff: string
  department: number
  conv: string
  group: boolean
  /** Weeks since Monday, 1969-12-29. */
  week: number
  severity: 'P0' | 'P1' | 'P2' | 'P3' | null
  weight: number
  messages: UnitMessage[]
}
type UnitMessage = { index: number; recordHash: string; sentAt: string; msgid: string }

/** A sealed message, as far as its leaf tells it. */
export type SealedMessage = {
  index: number
  recordHash: string
  conv: string
  sentAt: string
  msgid: string
  action: string
  direction: string
  from: string
  meta: object
}

export type Drawn = { id: string; rules: string[] }
export type Stratum = { rule: string; key: string; population: number; quota: number }
export type Draw = { drawn: Drawn[]; strata: Stratum[] }

const DAY = 86_400_000
/** What an alert adds where the draw is weighted by risk. */
const SEVERITY_WEIGHT = { P0: 20, P1: 10, P2: 4, P3: 2 } as const
const MOST_WEIGHT = 100

/** H("tongjian-sample/1" ‖ 00 ‖ u32 length of the note ‖ note ‖ plan id). */
export function seedOf(note: string, planId: string): Buffer {
  const bytes = Buffer.from(note, 'utf8')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return createHash('sha256')
    .update('tongjian-sample/1\0')
    .update(length)
    .update(bytes)
    .update(planId)
    .digest()
}

/**
 * The smallest of `weight` hashes H(seed ‖ u32 k ‖ id), in hexadecimal. A unit of weight w takes part as w tickets: its
 * smallest ticket is below another's in the ratio of the weights, which is the draw by exponential keys without a
 * logarithm.
 */
export function keyOf(seed: Uint8Array, id: string, weight: number): string {
  const name = Buffer.from(id, 'utf8')
  const bytes = Buffer.alloc(seed.length + 4 + name.length)
  bytes.set(seed, 0)
  bytes.set(name, seed.length + 4)
  let least = ''
  for (let ticket = 0; ticket < weight; ticket += 1) {
    bytes.writeUInt32BE(ticket, seed.length)
    const key = hash('sha256', bytes, 'hex')
    if (least === '' || key < least) least = key
  }
  return least
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

/** The units of a plan's population, in the byte order of their ids. */
export function unitsOf(plan: PlanDocument, messages: readonly SealedMessage[]): Unit[] {
  const roster = new Map(plan.roster.map(entry => [entry.staff, entry]))
  const flags = new Map(plan.flags.map(([conv, at, msgid, severity]) => [`${conv}|${at}|${msgid}`, severity]))
  const units = new Map<string, Unit>()
  for (const message of messages) {
    const who = roster.get(message.from)
    if (!who || !belongs(plan, message)) continue
    const severity = flags.get(`${message.conv}|${message.sentAt}|${message.msgid}`) ?? null
    addTo(units, plan, who, message, severity)
  }
  return [...units.values()]
    .filter(unit => plan.line === 'all' || unit.severity === null)
    .map(unit => ({ ...unit, weight: weightOf(plan, roster.get(unit.staff), unit.severity) }))
    .sort((a, b) => byBytes(a.id, b.id))
}

function belongs(plan: PlanDocument, message: SealedMessage): boolean {
  const at = msOf(message.sentAt)
  const channel = isGroup(message) ? 'group' : 'single'
  return (
    message.action === 'send' &&
    (plan.directions as string[]).includes(message.direction) &&
    plan.channels.includes(channel) &&
    at >= plan.from &&
    at < plan.to
  )
}

/** Whole milliseconds of microseconds in text. */
function msOf(micros: string): number {
  return Number(micros.slice(0, -3) || '0')
}

function isGroup({ meta }: SealedMessage): boolean {
  return typeof (meta as { room?: unknown }).room === 'string'
}

function addTo(
  units: Map<string, Unit>,
  plan: PlanDocument,
  who: RosterEntry,
  message: SealedMessage,
  severity: Unit['severity'],
): void {
  const dayNumber = Math.floor((msOf(message.sentAt) + plan.offsetMinutes * 60_000) / DAY)
  const id =
    plan.unit === 'message'
      ? `${message.sentAt}|${message.conv}|${message.msgid}`
      : `${dayNumber}|${message.conv}|${message.from}`
  const { index, recordHash, sentAt, msgid } = message
  const known = units.get(id)
  const unit: Unit = known ?? {
    ...{ id, staff: who.staff, department: who.department, conv: message.conv, group: isGroup(message) },
    ...{ week: Math.floor((dayNumber + 3) / 7), severity: null, weight: 1, messages: [] },
  }
  unit.messages.push({ index, recordHash, sentAt, msgid })
  if (severity !== null && (unit.severity === null || severity < unit.severity)) unit.severity = severity
  if (!known) units.set(id, unit)
}

/** Only a draw by risk weighs; in the others each unit has one ticket. */
function weightOf(plan: PlanDocument, who: RosterEntry | undefined, severity: Unit['severity']): number {
  if (plan.method !== 'risk') return 1
  return Math.min(MOST_WEIGHT, (who?.weight ?? 1) * (severity === null ? 1 : SEVERITY_WEIGHT[severity]))
}

/** SHA-256 over one line a unit: id, tab, record hashes of its messages by index, line feed. */
export function populationDigest(units: readonly Unit[]): Buffer {
  const state = createHash('sha256')
  for (const unit of units) {
    const hashes = unit.messages.toSorted((a, b) => a.index - b.index).map(message => message.recordHash)
    state.update(`${unit.id}\t${hashes.join(',')}\n`)
  }
  return state.digest()
}

/** SHA-256 over one line a drawn unit, in the order drawn: id, tab, rules, line feed. */
export function drawnDigest(drawn: readonly Drawn[]): Buffer {
  const state = createHash('sha256')
  for (const { id, rules } of drawn) state.update(`${id}\t${rules.join(',')}\n`)
  return state.digest()
}

type Rule = { name: string; key(unit: Unit): string | null; quota(unit: Unit, population: number): number }

const shareOf = (population: number, thousandths: number): number =>
  Math.floor((population * thousandths + 999) / 1000)

/** The rules of a plan, the main one first. Each divides its units into strata and takes a number of each. */
function rulesOf(plan: PlanDocument): Rule[] {
  const { sizes } = plan
  const group = new Map(plan.roster.map(entry => [entry.staff, entry.group]))
  const shares = { normal: sizes.share, new: sizes.newShare, watched: sizes.watchedShare }
  const atLeast = (n: number, thousandths: number): number => Math.max(shareOf(n, thousandths), sizes.minimum)
  const main: Record<PlanDocument['method'], Rule> = {
    random: { name: 'random', key: () => '', quota: (_, n) => atLeast(n, sizes.share) },
    risk: { name: 'risk', key: () => '', quota: (_, n) => atLeast(n, sizes.share) },
    department: {
      name: 'department',
      key: unit => String(unit.department),
      quota: (_, n) => atLeast(n, sizes.share),
    },
    person: {
      name: 'person',
      key: unit => unit.staff,
      quota: (unit, n) => atLeast(n, shares[group.get(unit.staff) ?? 'normal']),
    },
  }
  const flagged: Rule = {
    name: 'severity',
    key: unit => unit.severity,
    quota: ({ severity }, n) =>
      severity === null ? 0 : shareOf(n, sizes[severity.toLowerCase() as 'p0' | 'p1' | 'p2' | 'p3']),
  }
  const weekly: Rule = {
    name: 'group_week',
    key: unit => (unit.group ? `${unit.conv}|${unit.week}` : null),
    quota: () => sizes.groupWeekly,
  }
  return [main[plan.method], flagged, weekly]
}

/** Each rule takes the units with the smallest keys of each of its strata; a unit two rules take is drawn once. */
export function draw(plan: PlanDocument, units: readonly Unit[], seed: Uint8Array): Draw {
  const keys = new Map(units.map(unit => [unit.id, keyOf(seed, unit.id, unit.weight)]))
  const keyed = (unit: Unit): string => keys.get(unit.id) ?? ''
  const order = units.toSorted((a, b) => byBytes(keyed(a), keyed(b)) || byBytes(a.id, b.id))
  const taken = new Map<string, string[]>()
  const strata: Stratum[] = []
  for (const rule of rulesOf(plan)) {
    const groups = Map.groupBy(order, unit => rule.key(unit))
    for (const [key, members] of groups) {
      const [first] = members
      if (key === null || first === undefined) continue
      const quota = Math.min(members.length, rule.quota(first, members.length))
      strata.push({ rule: rule.name, key, population: members.length, quota })
      for (const unit of members.slice(0, quota))
        taken.set(unit.id, [...(taken.get(unit.id) ?? []), rule.name])
    }
  }
  const drawn = order.flatMap(unit => {
    const rules = taken.get(unit.id)
    return rules ? [{ id: unit.id, rules }] : []
  })
  return { drawn, strata }
}
