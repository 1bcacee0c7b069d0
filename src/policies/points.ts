import { dayOf } from '../base/index.ts'
import { POINT_DECAY, POINT_LINES } from './contract.ts'

const DAY = 86_400_000

/** What the arithmetic needs of a violation. */
type Counted = { points: number; happenedAt: number; reversedAt: number | null }
export type Line = (typeof POINT_LINES)[number]['id']

/** Days since the deed by the calendar on the wall: the day of the deed is day 0, and nothing is negative. */
export function ageInDays(happenedAt: number, at: number, zone: string): number {
  const days = (Date.parse(dayOf(at, zone)) - Date.parse(dayOf(happenedAt, zone))) / DAY
  return Math.max(0, Math.round(days))
}

/** The share of a violation's points that counts at this age. */
export function shareAt(ageDays: number): number {
  return POINT_DECAY.find(step => ageDays <= step.days)?.share ?? 0
}

/** What one violation counts at a moment. Taken back it counts nothing, whenever one asks. */
export function countsAt(violation: Counted, at: number, zone: string): number {
  if (violation.reversedAt !== null) return 0
  return violation.points * shareAt(ageInDays(violation.happenedAt, at, zone))
}

/** The sum of what its lines show. Shares are quarters, so sums of them are exact. */
export function totalAt(violations: readonly Counted[], at: number, zone: string): number {
  return violations.reduce((sum, violation) => sum + countsAt(violation, at, zone), 0)
}

/** The first day on which less of it counts, or null when nothing is left to fade. */
export function nextDropOf(violation: Counted, at: number, zone: string): string | null {
  if (countsAt(violation, at, zone) === 0) return null
  const age = ageInDays(violation.happenedAt, at, zone)
  const step = POINT_DECAY.find(({ days }) => age <= days)
  if (!step) return null
  const born = Date.parse(dayOf(violation.happenedAt, zone))
  return new Date(born + (step.days + 1) * DAY).toISOString().slice(0, 10)
}

/** The sharpest line that these points reach. */
export function lineOf(points: number): Line | null {
  return POINT_LINES.findLast(line => points >= line.points)?.id ?? null
}
