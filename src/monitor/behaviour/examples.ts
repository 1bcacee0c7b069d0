import { createHash } from 'node:crypto'
import { HAPPENINGS, type Happening } from './contract.ts'
import { type Heard, type Hearing, hear, type Occurrence } from './heard.ts'
import type { Behaviour, Example } from './pack.ts'
import { occurrencesOf } from './watch.ts'
import { complete, dueAt, enough } from './window.ts'

/** A Monday on which people work; histories begin on it. */
const MONDAY = Date.UTC(2026, 10, 22, 16)
const DAY_MS = 86_400_000
/** Where a history does not say until when, everything it waits for is due. */
const LONG_AFTER = 60
const ZONE = 'Asia/Shanghai'

/** What the text rules find in a text; given by the caller, who has the engine. */
export type Judge = (text: string, from: 'staff' | 'customer') => Heard['hits']
export type BehaviourRow = {
  rule: string
  name: string
  fires: number
  clean: number
  failed: { text: string; expected: 'fires' | 'clean'; got: string[] }[]
}

/** Every behaviour rule against its own little histories. */
export function runExamplesWith(rules: readonly Behaviour[], judge: Judge): BehaviourRow[] {
  return rules.map(rule => {
    const failed: BehaviourRow['failed'] = []
    for (const example of rule.fires)
      if (!speaks(rule, example, judge)) failed.push({ text: example.name, expected: 'fires', got: [] })
    for (const example of rule.clean)
      if (speaks(rule, example, judge)) failed.push({ text: example.name, expected: 'clean', got: [rule.id] })
    return { rule: rule.id, name: rule.rule.name, fires: rule.fires.length, clean: rule.clean.length, failed }
  })
}

const hearing: Hearing = { zone: ZONE, digest: text => createHash('sha256').update(text).digest('hex') }

function speaks(rule: Behaviour, example: Example, judge: Judge): boolean {
  const told = example.history.map((line, i) => tell(line, i, judge))
  const until = example.until === undefined ? MONDAY + LONG_AFTER * DAY_MS : instant(example.until)
  const heard = told.flatMap(one => (one.heard ? [one.heard] : []))
  const found = told.flatMap(one => one.occurrences(rule))
  if (rule.unless === null)
    return [...Map.groupBy(found, one => one.group).values()].some(
      group => complete(rule, group, ZONE, 0).length > 0,
    )
  return found.some(one => one.step === 'on' && fails(rule, one, found, heard, until))
}

/** The same as `settle` asks of the archive, over a history held in memory. */
function fails(
  rule: Behaviour,
  one: Occurrence,
  found: Occurrence[],
  heard: Heard[],
  until: number,
): boolean {
  const due = dueAt(rule, one.key.sentAt, ZONE)
  const later = heard.filter(
    other => other.key.convId === one.key.convId && other.key.sentAt > one.key.sentAt,
  )
  const full = rule.messages === null ? undefined : later[rule.messages - 1]?.key.sentAt
  const end = Math.min(due, full ?? due)
  if (end > until || !enough(rule, [one], [one], one, ZONE)) return false
  if (rule.unless === 'reply' || rule.unless === 'any')
    return !later.some(
      other =>
        other.key.sentAt > one.key.sentAt + rule.after &&
        other.key.sentAt <= end &&
        (rule.unless === 'any' || other.direction === 'staff'),
    )
  return !found.some(
    other =>
      other.step === 'unless' &&
      other.group === one.group &&
      other.key.sentAt >= one.key.sentAt - rule.before &&
      other.key.sentAt <= end,
  )
}

type Told = { heard: Heard | null; occurrences(rule: Behaviour): Occurrence[] }
const LINE =
  /^((?:\+\d+ )?\d\d:\d\d(?::\d\d)?) ([a-z]\d+) > ([a-z]\d+)(?: \[([a-z_]+)(?: (\d+))?\])?(?:: (.*))?$/s

function tell(line: string, index: number, judge: Judge): Told {
  const read = LINE.exec(line)
  if (!read) throw new Error(`not a line of a history: ${line}`)
  const [, time = '', from = '', to = '', kind = 'text', target, said = ''] = read
  const sentAt = instant(time)
  const room = /^[gi]/.test(to)
  const convId = room ? to : [from, to].sort().join('+')
  const key = { convId, sentAt, msgid: String(index + 1) }
  const happening = HAPPENINGS.find(one => one === kind)
  if (happening) return happened(happening, key, from, to)
  const direction = from.startsWith('c') ? 'customer' : /^[cg]/.test(to) ? 'staff' : 'internal'
  const heard: Heard = {
    key,
    kind: kind === 'recall' ? 'revoke' : kind,
    direction,
    from: idOf(from),
    to: (room ? ['s1', 's2', 'c1', 'c2'].filter(one => one !== from) : [to]).map(idOf),
    room: room ? to : null,
    texts: said === '' ? [] : [{ part: 'body', label: null, text: said }],
    recalls: kind === 'recall' ? (target ?? '') : null,
    hits: said === '' ? [] : judge(said, direction === 'customer' ? 'customer' : 'staff'),
  }
  return { heard, occurrences: rule => hear([rule], heard, hearing) }
}

/** Customers have ids as WeCom gives them, so that the same code tells them from staff. */
const idOf = (name: string): string => (name.startsWith('c') ? `wm${name.padEnd(30, '0')}` : name)

function happened(kind: Happening, key: Occurrence['key'], from: string, to: string): Told {
  const staff = from.startsWith('s') ? from : to
  const counterpart = from.startsWith('s') ? to : from
  return {
    heard: null,
    occurrences: rule => occurrencesOf([rule], kind, { key, staff, counterpart }),
  }
}

function instant(text: string): number {
  const read = /^(?:\+(\d+) )?(\d\d):(\d\d)(?::(\d\d))?$/.exec(text)
  if (!read) throw new Error(`not a time of a history: ${text}`)
  const [, day = '0', hour, minute, second = '0'] = read
  return MONDAY + Number(day) * DAY_MS + (Number(hour) * 3600 + Number(minute) * 60 + Number(second)) * 1000
}
