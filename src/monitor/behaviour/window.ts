import { dayOf, hourOf, isBusinessDay, isNight } from '../../base/index.ts'
import type { FindingFacts } from './conditions.ts'
import { endOf } from './duration.ts'
import type { Occurrence } from './heard.ts'
import type { Behaviour } from './pack.ts'

/** What a rule found: the occurrence that completed it, all it counted, and under which name it may be raised once. */
export type Found = {
  rule: string
  group: string
  bucket: string
  anchor: Occurrence
  members: Occurrence[]
  facts: Counted
}
export type Counted = {
  events: number
  staff: number
  customers: number
  conversations: number
  minutes: number
}

const DAY_MS = 86_400_000

/** In the order they happened; at the same millisecond the msgid decides, so that every process has the same order. */
function inOrder(a: Occurrence, b: Occurrence): number {
  return (
    a.key.sentAt - b.key.sentAt ||
    (a.key.msgid < b.key.msgid ? -1 : +(a.key.msgid > b.key.msgid)) ||
    (a.key.convId < b.key.convId ? -1 : +(a.key.convId > b.key.convId))
  )
}

const same = (a: Occurrence, b: Occurrence): boolean => inOrder(a, b) === 0

/** One group raises once a day, or once for ever: what goes on is one matter, not an alert a message. */
export function bucketOf(rule: Pick<Behaviour, 'once'>, at: number, zone: string): string {
  return rule.once === 'ever' ? '' : dayOf(at, zone)
}

/** Every bucket of this time. */
export function bucketsOf(
  rule: Pick<Behaviour, 'once'>,
  from: number,
  until: number,
  zone: string,
): string[] {
  const buckets = new Set<string>()
  for (let at = from; at < until; at += DAY_MS) buckets.add(bucketOf(rule, at, zone))
  return [...buckets.add(bucketOf(rule, until, zone))]
}

/**
 * The first occurrence in each bucket at which the rule is complete, looking back over its window. A pure function of the
 * set of occurrences: in which order or in what portions they came does not matter. Only occurrences from `from` on may
 * complete; those before lend themselves to windows.
 */
export function complete(
  rule: Behaviour,
  occurrences: readonly Occurrence[],
  zone: string,
  from: number,
): Found[] {
  const sorted = occurrences.toSorted(inOrder)
  const ons = sorted.filter(one => one.step === 'on')
  const ends = rule.followed ? sorted.filter(one => one.step === 'then') : ons
  const found = new Map<string, Found>()
  let first = 0
  let last = 0
  for (const anchor of ends) {
    while ((ons[first]?.key.sentAt ?? Number.POSITIVE_INFINITY) < anchor.key.sentAt - rule.within.ms)
      first += 1
    while (last < ons.length && inOrder(ons[last] as Occurrence, anchor) <= 0) last += 1
    if (anchor.key.sentAt < from) continue
    const bucket = bucketOf(rule, anchor.key.sentAt, zone)
    if (found.has(bucket)) continue
    const counted = ons.slice(first, last).filter(one => !rule.followed || !same(one, anchor))
    const members = rule.followed ? [...counted, anchor] : counted
    const facts = enough(rule, counted, members, anchor, zone)
    if (facts) found.set(bucket, { rule: rule.id, group: anchor.group, bucket, anchor, members, facts })
  }
  return [...found.values()]
}

/** The counts when they reach the thresholds and the condition holds; null otherwise. */
export function enough(
  rule: Behaviour,
  counted: Occurrence[],
  members: Occurrence[],
  anchor: Occurrence,
  zone: string,
): Counted | null {
  const { atLeast } = rule
  if (counted.length < (atLeast.events ?? 1)) return null
  const tally = count(counted)
  if (tally.staff < (atLeast.staff ?? 1)) return null
  if (tally.customers < (atLeast.customers ?? 1)) return null
  if (tally.conversations < (atLeast.conversations ?? 1)) return null
  const facts = rule.followed ? count(members) : tally
  return rule.when === null || rule.when(asked(facts, anchor.key.sentAt, zone)) ? facts : null
}

function count(members: Occurrence[]): Counted {
  const times = members.map(one => one.key.sentAt)
  const span = (times.at(-1) ?? 0) - (times[0] ?? 0)
  return {
    events: members.length,
    staff: new Set(members.map(one => one.staff)).size,
    customers: new Set(members.map(one => one.counterpart)).size,
    conversations: new Set(members.map(one => one.key.convId)).size,
    minutes: Math.round(span / 60_000),
  }
}

function asked(facts: Counted, at: number, zone: string): FindingFacts {
  return {
    events: BigInt(facts.events),
    staff: BigInt(facts.staff),
    customers: BigInt(facts.customers),
    conversations: BigInt(facts.conversations),
    minutes: facts.minutes,
    hour: BigInt(hourOf(at, zone)),
    night: isNight(at, zone),
    business_day: isBusinessDay(dayOf(at, zone)),
  }
}

/** When what did not happen has failed to happen. */
export const dueAt = (rule: Behaviour, at: number, zone: string): number =>
  endOf(rule.within, at + rule.after, zone)
