import type { Db, House } from '../../base/index.ts'
import { maskName, partiesOf } from '../../contacts/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import type { AlertRow } from '../contract.ts'
import type { ReviewRow } from '../store.ts'
import { nameOf, rowsFor } from '../view.ts'
import type { Subject } from './audience.ts'
import type { Facts } from './words.ts'

/** Characters left and right of the hit, all of them hidden. */
const AROUND = 4
const LONGEST_QUOTE = 20

/** What decides who hears of an alert. */
export function subjectOf(set: RuleSet, review: ReviewRow): Subject {
  return {
    severity: review.severity,
    categories: review.rules.map(rule => set.rules.get(rule)?.category ?? null),
    departments: review.departments,
    staff: review.staff,
  }
}

/** What is told of these alerts: names masked, staff's too, because it leaves the house. */
export async function factsOf(
  db: Db,
  house: House,
  set: RuleSet,
  reviews: ReviewRow[],
  quote: 'none' | 'masked',
): Promise<Map<string, Facts>> {
  const parties = await partiesOf(
    db,
    house,
    reviews.flatMap(review => [review.staff, review.counterpart]),
  )
  const rows = quote === 'masked' ? await rowsFor(db, house, set, reviews) : []
  const quotes = new Map(rows.map(row => [row.id, quoteOf(row.excerpt)]))
  const masked = (id: string): string => {
    const party = parties.get(id)
    return party?.kind === 'staff' || party?.kind === 'group' ? maskName(party.name) : (party?.name ?? '**')
  }
  return new Map(
    reviews.map(review => [
      review.alertId,
      {
        id: review.alertId,
        number: review.number,
        severity: review.severity,
        rules: [...new Set(review.rules.map(rule => nameOf(set, rule)))],
        staff: masked(review.staff),
        counterpart: masked(review.counterpart),
        raisedAt: review.raisedAt,
        dueAt: review.dueAt,
        quote: quotes.get(review.alertId) ?? null,
      },
    ]),
  )
}

/** The first character of the hit, everything around it as stars: enough to know it again, too little to read. */
function quoteOf({ text, spans }: AlertRow['excerpt']): string | null {
  const [hit] = spans
  if (!hit) return null
  const inside = [...text.slice(hit.start, hit.end)].slice(0, LONGEST_QUOTE)
  const before = Math.min(AROUND, [...text.slice(0, hit.start)].length)
  const after = Math.min(AROUND, [...text.slice(hit.end)].length)
  return `${'＊'.repeat(before)}${inside[0] ?? ''}${'＊'.repeat(Math.max(0, inside.length - 1) + after)}`
}
