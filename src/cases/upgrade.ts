import { type House, newId, now, sql, systemActor, type Tx } from '../base/index.ts'
import type { Severity, StoredAlert } from '../monitor/index.ts'
import { categoryOf } from '../policies/index.ts'
import { record } from '../trail/index.ts'
import { deadlines } from './deadline.ts'
import { gather } from './gather.ts'
import { insertMove } from './move-store.ts'
import { REVIEW_COLUMNS, type ReviewRow, selectReview } from './store.ts'

const DAY_MS = 86_400_000
/** Who evades the archive and does one of these within a day is one case (regulation.md §3.0). */
const EVADES = 'EVADE'
const BESIDE = ['PROXY', 'PRIV_TRANSFER', 'OFFPLATFORM']
const TIMES = 3

export function categoriesOf(rules: readonly string[]): string[] {
  return [...new Set(rules.map(categoryOf))]
}

/**
 * What weighs more for what the same person did besides (regulation.md §3.0): the third P2 of a category within seven
 * days is P1; evading the archive together with dealing for a customer, private money or another platform within a day
 * is one P0 case.
 */
export async function upgrade(tx: Tx, house: House, alert: StoredAlert): Promise<void> {
  const categories = categoriesOf(alert.rules)
  const joins = [EVADES, ...BESIDE].some(category => categories.includes(category))
  if (alert.severity !== 'P2' && !joins) return
  const review = await selectReview(tx, house.corp, alert.id)
  if (!review) return
  if (review.severity === 'P2' && (await isRepeated(tx, house, review, categories)))
    await raise(tx, house, review, 'P1', 'repeat')
  if (!joins) return
  const together = await joined(tx, house, review, categories)
  if (together.length === 0) return
  for (const one of together)
    if (one.severity !== 'P0' && one.state !== 'violation' && one.state !== 'false_positive')
      await raise(tx, house, one, 'P0', 'merge')
  await gather(tx, systemActor(house, 'cases'), together, 'merge', 'P0')
}

async function around(
  tx: Tx,
  house: House,
  review: ReviewRow,
  from: number,
  to: number,
): Promise<ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`
    SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${house.corp} AND staff = ${review.staff}
      AND sent_at BETWEEN ${new Date(from).toISOString()} AND ${new Date(to).toISOString()} ORDER BY sent_at, alert_id`.execute(
    tx,
  )
  return rows
}

async function isRepeated(tx: Tx, house: House, review: ReviewRow, categories: string[]): Promise<boolean> {
  const week = await around(tx, house, review, review.sentAt - 7 * DAY_MS, review.sentAt)
  const alike = week.filter(
    one =>
      one.state !== 'false_positive' &&
      (one.severity === 'P2' || one.upgraded === 'repeat') &&
      categoriesOf(one.rules).some(category => categories.includes(category)),
  )
  return alike.length >= TIMES
}

/** This alert and those that make a case with it; none when it makes none. */
async function joined(tx: Tx, house: House, review: ReviewRow, categories: string[]): Promise<ReviewRow[]> {
  const day = await around(tx, house, review, review.sentAt - DAY_MS, review.sentAt + DAY_MS)
  const evades = (of: string[]): boolean => of.includes(EVADES)
  const beside = (of: string[]): boolean => BESIDE.some(category => of.includes(category))
  const others = day.filter(one => {
    const of = categoriesOf(one.rules)
    return one.alertId !== review.alertId && (evades(categories) ? beside(of) : evades(of))
  })
  if (others.length > 0) return [...others, review]
  return evades(categories) && beside(categories) ? [review] : []
}

async function raise(
  tx: Tx,
  house: House,
  review: ReviewRow,
  to: Severity,
  why: 'repeat' | 'merge',
): Promise<void> {
  const at = now()
  const due = deadlines(to, at, house.zone)
  const sooner = (ms: number): string => new Date(ms).toISOString()
  await sql`
    UPDATE review SET severity = ${to}, upgraded = ${why}, due_at = least(due_at, ${sooner(due.first)}::timestamptz),
      close_due_at = least(coalesce(close_due_at, due_at), ${sooner(due.close)}::timestamptz),
      accept_due_at = ${due.accept === null ? null : sooner(due.accept)}, moves = moves + 1
    WHERE corp_id = ${house.corp} AND alert_id = ${review.alertId}::uuid`.execute(tx)
  const { state, level } = review
  const actor = systemActor(house, 'cases')
  await insertMove(tx, house.corp, {
    ...{ id: newId(), alertId: review.alertId, at, move: 'upgrade', from: state, to: state, level },
    ...{ by: actor.name, role: actor.role, assignee: null, undoes: null, sealed: null, decisionId: null },
  })
  await record(tx, actor, {
    verb: 'alert.upgraded',
    thing: { kind: 'alert', id: review.alertId },
    detail: { number: review.number, from: review.severity, to, why },
  })
}
