import type { z } from 'zod'
import { readMessages } from '../archive/index.ts'
import { type Actor, type Db, fail, inTransaction, readCursor, type Tx, writeCursor } from '../base/index.ts'
import { hitsOf, type RuleSet, ruleViews } from '../monitor/index.ts'
import { authorise, scopeOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import type { AlertCounts, AlertDetail, AlertRow, alertPage, alertQuery } from './contract.ts'
import { openNote } from './decide.ts'
import {
  type Counts,
  countReviews,
  type ReviewRow,
  selectDecisions,
  selectHistory,
  selectReview,
  selectReviews,
} from './store.ts'
import { matchedOf, rowsOf } from './view.ts'

type Query = z.infer<typeof alertQuery>
type Page = z.infer<typeof alertPage>

/** A page of the board. The look is in the trail. */
export async function listAlerts(db: Db, actor: Actor, set: RuleSet, query: Query): Promise<Page> {
  authorise(actor, 'alert.read')
  return inTransaction(db, async tx => {
    const { corp } = actor.house
    const reviews = await selectReviews(tx, corp, {
      state: query.state,
      severity: query.severity,
      staff: query.staff,
      rule: query.rule,
      departments: [...scopeOf(actor)],
      after: query.cursor === undefined ? null : cursorFrom(query.cursor),
      limit: query.limit + 1,
    })
    const shown = reviews.slice(0, query.limit)
    const counts = await countReviews(tx, corp, [...scopeOf(actor)])
    await record(tx, actor, {
      verb: 'alert.listed',
      thing: { kind: 'alert', id: query.state },
      detail: { shown: shown.length },
    })
    return {
      items: await rowsOf(tx, actor.house, set, shown),
      next: reviews.length > query.limit ? cursorTo(shown.at(-1)) : null,
      ...summary(counts),
    }
  })
}

/** How much waits, for the badge of every page: numbers alone, so it is no look. */
export async function countAlerts(db: Db, actor: Actor): Promise<AlertCounts> {
  authorise(actor, 'alert.read')
  return summary(await countReviews(db, actor.house.corp, [...scopeOf(actor)]))
}

function summary(counts: Counts): AlertCounts {
  const page = {
    open: { P0: 0, P1: 0, P2: 0, P3: 0 },
    counts: { open: 0, watch: 0, violation: 0, false_positive: 0 },
  }
  for (const { state, severity, n } of counts) {
    page.counts[state] += n
    if (state === 'open') page.open[severity] += n
  }
  return page
}

/** One alert with everything needed to decide it. The look is in the trail. */
export async function readAlert(db: Db, actor: Actor, set: RuleSet, id: string): Promise<AlertDetail> {
  return inTransaction(db, async tx => {
    const review = await visibleReview(tx, actor, id)
    await record(tx, actor, {
      verb: 'alert.opened',
      thing: { kind: 'alert', id },
      detail: { number: review.number },
    })
    return detailOf(tx, actor, set, review)
  })
}

/** The review, if it exists and this person may see it. */
export async function visibleReview(db: Db, actor: Actor, id: string): Promise<ReviewRow> {
  authorise(actor, 'alert.read')
  const review = await selectReview(db, actor.house.corp, id)
  if (!review) throw fail('thing.missing', { alert: id })
  authorise(actor, 'alert.read', { departments: review.departments })
  return review
}

export async function detailOf(tx: Tx, actor: Actor, set: RuleSet, review: ReviewRow): Promise<AlertDetail> {
  const { house } = actor
  const key = { convId: review.convId, sentAt: review.sentAt, msgid: review.msgid }
  const [message] = await readMessages(tx, house, [key])
  const hits = await hitsOf(tx, house, set, [key])
  const decisions = await selectDecisions(tx, house.corp, review.alertId)
  const [alert] = await rowsOf(tx, house, set, [review])
  if (!alert) throw fail('thing.missing', { alert: review.alertId })
  return {
    alert,
    hits: hits.map(hit => ({ ...hit, matched: matchedOf(message, hit) })),
    rules: ruleViews(set, [...new Set(hits.map(hit => hit.rule))]),
    decisions: await Promise.all(
      decisions.map(async d => ({
        id: d.id,
        conclusion: d.conclusion,
        note: await openNote(tx, house, d),
        by: d.by,
        at: d.at,
      })),
    ),
    history: await selectHistory(tx, house.corp, review),
  }
}

/** One row for a live board, or null when this person may not see it. */
export async function liveRow(db: Db, actor: Actor, set: RuleSet, id: string): Promise<AlertRow | null> {
  const review = await selectReview(db, actor.house.corp, id)
  const scope = scopeOf(actor)
  const visible = review && (scope.length === 0 || review.departments.some(d => scope.includes(d)))
  return visible ? ((await rowsOf(db, actor.house, set, [review]))[0] ?? null) : null
}

function cursorTo(row: ReviewRow | undefined): string | null {
  return row ? writeCursor([row.severity, row.sentAt, row.alertId]) : null
}

function cursorFrom(cursor: string): { severity: string; sentAt: number; alertId: string } {
  return readCursor(cursor, ([severity, sentAt, alertId]) =>
    typeof severity === 'string' &&
    typeof sentAt === 'number' &&
    typeof alertId === 'string' &&
    /^[0-9a-f-]{36}$/.test(alertId)
      ? { severity, sentAt, alertId }
      : null,
  )
}
