import { identityOf, type Population, readSpan, type Span, type Spoken } from '../../archive/index.ts'
import type { Db, House } from '../../base/index.ts'
import type { ContextLine } from '../../detect/index.ts'
import { alertRow, hitsIn, type Judged, type PartHit } from '../detect-batch.ts'
import type { RuleSet } from '../rules.ts'
import { REACH, Turns } from '../turns.ts'
import type { ChunkCounts, Predicted } from './backtest-store.ts'
import type { Probe } from './probe.ts'

/** Words of a message and of its files, with what was said before it. */
type Subject = { message: Spoken; before: ContextLine[]; derived: Spoken | undefined }

/** The messages of a span of a population, each as detection saw it when it came: with the turns before it. */
async function subjectsOf(db: Db, house: House, population: Population, span: Span): Promise<Subject[]> {
  const { said, derived } = await readSpan(db, house, population, span, REACH.within)
  const files = new Map(derived.map(message => [identityOf(message.key), message]))
  const turns = new Turns()
  return said.flatMap(message => {
    const inside = message.key.sentAt >= span.from
    const before = inside ? turns.before(message) : []
    turns.remember(message)
    return inside ? [{ message, before, derived: files.get(identityOf(message.key)) }] : []
  })
}

/** Its own words with those before it, and its files apart, as detection does. */
function hitsOf(set: RuleSet, { message, before, derived }: Subject): PartHit[] {
  const hits = hitsIn(set, message, before)
  return derived ? [...hits, ...hitsIn(set, derived, [])] : hits
}

/** What the rules find in a span, for `apply`: only messages that the changed rules may have a word on. */
export async function judgeSpan(
  db: Db,
  house: House,
  { set, probe }: { set: RuleSet; probe: Probe },
  population: Population,
  span: Span,
): Promise<Judged[]> {
  const subjects = await subjectsOf(db, house, population, span)
  return subjects.flatMap(subject => {
    const hits = concerns(probe, subject) ? hitsOf(set, subject) : []
    return hits.length === 0 ? [] : [{ message: subject.message, set, hits }]
  })
}

const concerns = (probe: Probe, { message, before, derived }: Subject): boolean =>
  probe(message, before) || (derived !== undefined && probe(derived, []))

export type Comparison = { before: RuleSet; after: RuleSet; changed: ReadonlySet<string>; probe: Probe }

/** What the rules in force and the draft make of a span, and where they differ. */
export async function compareSpan(
  db: Db,
  house: House,
  { before, after, changed, probe }: Comparison,
  population: Population,
  span: Span,
): Promise<{ counts: ChunkCounts; rows: Predicted[] }> {
  const began = cpuMs()
  const subjects = await subjectsOf(db, house, population, span)
  const read = cpuMs() - began
  const counts: ChunkCounts = {
    messages: subjects.length,
    alerts: [0, 0],
    hits: [0, 0],
    byRule: {},
    ms: { read, judge: 0 },
  }
  const rows: Predicted[] = []
  for (const subject of subjects) {
    if (!concerns(probe, subject)) continue
    const was = hitsOf(before, subject)
    const is = hitsOf(after, subject)
    if (was.length + is.length === 0) continue
    tally(counts, 0, was, changed)
    tally(counts, 1, is, changed)
    const [old] = alertRow(before, subject.message, was)
    const [fresh] = alertRow(after, subject.message, is)
    if (old?.rules.some(rule => changed.has(rule))) counts.alerts[0] += 1
    const own = fresh?.rules.some(rule => changed.has(rule)) ?? false
    if (own) counts.alerts[1] += 1
    const shown = own ? fresh : old && !fresh ? old : undefined
    if (shown) {
      const { key, severity, rules, staff } = shown
      rows.push({ key, severity, rules, staff, change: own ? (old ? 'both' : 'new') : 'gone' })
    }
  }
  counts.ms.judge = cpuMs() - began - read
  return { counts, rows }
}

/** What this thread has computed; on a busy machine the clock on the wall says little. */
function cpuMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

function tally(counts: ChunkCounts, side: 0 | 1, hits: PartHit[], changed: ReadonlySet<string>): void {
  for (const { rule } of hits) {
    if (!changed.has(rule)) continue
    counts.hits[side] += 1
    const of = counts.byRule[rule] ?? [0, 0]
    of[side] += 1
    counts.byRule[rule] = of
  }
}
