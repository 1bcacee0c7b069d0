import type { Anchor, Material, RetentionRule } from './contract.ts'

/** An anchor as recorded: when something ended, or that it goes on after all. Oldest first. */
export type AnchorEvent = { anchor: Anchor; startsOn: string; resumed: boolean }
/** A purge class in force: this material may be destroyed after so many years. */
export type OpenClass = { id: string; material: Material; years: number }

/** A line of the schedule, held against one message. `dueOn` is the last day of keeping; null: it does not run yet. */
type RuleHit = {
  rule: RetentionRule
  years: number
  startsOn: string | null
  dueOn: string | null
}
export type Due = {
  hits: RuleHit[]
  /** The last day of keeping, when every line runs; null: kept without an end. */
  dueOn: string | null
  why: 'no_period' | 'no_class' | 'not_running' | 'running' | 'over'
}

/**
 * When a period begins, by anchor: the last day recorded since the relation was last taken up again. Later days win,
 * so no slip of the hand shortens a period.
 */
export function anchorsInForce(events: readonly AnchorEvent[]): Map<Anchor, string> {
  const found = new Map<Anchor, string>()
  for (const { anchor, startsOn, resumed } of events) {
    if (resumed) found.delete(anchor)
    else if ((found.get(anchor) ?? '') < startsOn) found.set(anchor, startsOn)
  }
  return found
}

/**
 * The day a record was made. A time that cannot be true (none, or far from when it was captured) must not make a message
 * look old: the day of capture counts then.
 */
export function recordDay(sentAt: number, capturedAt: number, dayOf: (at: number) => string): string {
  return dayOf(sentAt < EARLIEST || sentAt > capturedAt + DAY_MS ? Math.max(sentAt, capturedAt) : sentAt)
}
const DAY_MS = 86_400_000
/** No message of any office is older than this. */
const EARLIEST = Date.UTC(1990, 0, 1)

/** The same day `years` later; 29 February becomes 1 March, never a day earlier. */
export function addYears(day: string, years: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  return new Date(Date.UTC(year + years, month - 1, date)).toISOString().slice(0, 10)
}

type Question = {
  materials: readonly Material[]
  rules: readonly RetentionRule[]
  classes: readonly OpenClass[]
  anchors: ReadonlyMap<Anchor, string>
  recordedOn: string
  today: string
}

/**
 * How long a message is kept. Every line that hits must be over, and every material of it must stand in a class in force:
 * so the longest wins, an event that has not come keeps, and without classes everything is kept for ever.
 */
export function dueOf({ materials, rules, classes, anchors, recordedOn, today }: Question): Due {
  const hits = rules
    .filter(rule => rule.materials.some(material => materials.includes(material)))
    .map(rule => {
      const raised = classes
        .filter(open => materials.includes(open.material) && rule.materials.includes(open.material))
        .map(open => open.years)
      const years = Math.max(rule.years, ...raised)
      const startsOn = rule.start === 'record' ? recordedOn : laterOf(anchors.get(rule.start), recordedOn)
      return { rule, years, startsOn, dueOn: startsOn === null ? null : addYears(startsOn, years) }
    })
  const periods = materials.length > 0 && materials.every(m => rules.some(rule => rule.materials.includes(m)))
  const running = hits.every(hit => hit.dueOn !== null)
  const dueOn = periods && running ? latest(hits) : null
  if (!periods) return { hits, dueOn: null, why: 'no_period' }
  if (!materials.every(material => classes.some(open => open.material === material)))
    return { hits, dueOn, why: 'no_class' }
  if (dueOn === null) return { hits, dueOn, why: 'not_running' }
  return { hits, dueOn, why: today > dueOn ? 'over' : 'running' }
}

/** What was said after the event is not older than it is: its own day counts then. */
function laterOf(anchored: string | undefined, recordedOn: string): string | null {
  if (anchored === undefined) return null
  return anchored > recordedOn ? anchored : recordedOn
}

function latest(hits: readonly RuleHit[]): string {
  return hits.reduce((day, hit) => (hit.dueOn !== null && hit.dueOn > day ? hit.dueOn : day), '')
}
