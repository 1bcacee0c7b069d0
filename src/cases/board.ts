import type { z } from 'zod'
import { readMessages } from '../archive/index.ts'
import { type Actor, type Db, fail, inTransaction, readCursor, type Tx, writeCursor } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import { findingsOf, hitsOf, type RuleSet, ruleViews } from '../monitor/index.ts'
import { authorise } from '../people/index.ts'
import { foreseen } from '../policies/index.ts'
import { record } from '../trail/index.ts'
import { type AlertCounts, type AlertDetail, type alertPage, type alertQuery, MOVES } from './contract.ts'
import { leadsTo, mayKnow, refusalOf, sightOf } from './judge.ts'
import { openNote } from './move.ts'
import { selectMoves } from './move-store.ts'
import {
  type Counts,
  countReviews,
  type ReviewRow,
  selectHistory,
  selectReview,
  selectReviews,
} from './store.ts'
import { rowsOf } from './view.ts'

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
      ...{ sight: sightOf(actor), by: actor.name },
      after: query.cursor === undefined ? null : cursorFrom(query.cursor),
      limit: query.limit + 1,
    })
    const shown = reviews.slice(0, query.limit)
    const counts = await countReviews(tx, corp, sightOf(actor), actor.name)
    await record(tx, actor, {
      verb: 'alert.listed',
      thing: { kind: 'alert', id: query.state },
      detail: { shown: shown.length },
    })
    return {
      items: await rowsOf(tx, actor, set, shown),
      next: reviews.length > query.limit ? cursorTo(shown.at(-1)) : null,
      ...summary(counts),
    }
  })
}

/** How much waits, for the badge of every page: numbers alone, so it is no look. */
export async function countAlerts(db: Db, actor: Actor): Promise<AlertCounts> {
  authorise(actor, 'alert.read')
  return summary(await countReviews(db, actor.house.corp, sightOf(actor), actor.name))
}

function summary(counts: Counts): AlertCounts {
  const page = {
    open: { P0: 0, P1: 0, P2: 0, P3: 0 },
    counts: { open: 0, claimed: 0, watch: 0, escalated: 0, violation: 0, false_positive: 0 },
    mine: 0,
  }
  for (const { state, severity, n, mine } of counts) {
    page.counts[state] += n
    page.mine += mine
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

/** The review, if it exists and this person may see it; what is hidden from him does not exist for him. */
export async function visibleReview(db: Db, actor: Actor, id: string): Promise<ReviewRow> {
  authorise(actor, 'alert.read')
  const review = await selectReview(db, actor.house.corp, id)
  if (!review || !mayKnow(actor, review)) throw fail('thing.missing', { alert: id })
  authorise(actor, 'alert.read', { departments: review.departments })
  return review
}

export async function detailOf(tx: Tx, actor: Actor, set: RuleSet, review: ReviewRow): Promise<AlertDetail> {
  const { house } = actor
  const key = { convId: review.convId, sentAt: review.sentAt, msgid: review.msgid }
  const hits = await hitsOf(tx, house, set, await readMessages(tx, house, [key]))
  const moves = await selectMoves(tx, house.corp, [review.alertId])
  const finding = (await findingsOf(tx, house, set, [review.alertId])).get(review.alertId)
  const people = finding
    ? [
        ...(
          await partiesOf(
            tx,
            house,
            finding.members.map(one => one.who),
          )
        ).values(),
      ]
    : []
  const [alert] = await rowsOf(tx, actor, set, [review])
  if (!alert) throw fail('thing.missing', { alert: review.alertId })
  return {
    alert,
    hits,
    behaviour: finding ? { ...finding, people } : null,
    rules: ruleViews(set, [...new Set([...(finding ? [finding.rule] : []), ...hits.map(hit => hit.rule)])]),
    moves: await Promise.all(
      moves.map(async m => ({
        ...{ id: m.id, move: m.move, from: m.from, to: m.to, by: m.by, role: m.role, at: m.at },
        ...{ assignee: m.assignee, note: await openNote(tx, house, m) },
      })),
    ),
    can: MOVES.filter(move => leadsTo(move, review.state) !== undefined).map(move => ({
      move,
      refused: refusalOf(actor, review, move),
    })),
    foreseen: foreseen(house, review),
    history: await selectHistory(tx, house.corp, review),
  }
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
