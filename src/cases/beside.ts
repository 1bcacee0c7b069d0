import { type Actor, type Db, dayOf, inTransaction, now, sql, type Tx } from '../base/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { authorise, decidersOf } from '../people/index.ts'
import { looksAt, record } from '../trail/index.ts'
import { visibleReview } from './board.ts'
import type { Assignees, LooksView, PersonView, SimilarView } from './contract.ts'
import { refusalToTake, sightOf } from './judge.ts'
import { countHeld } from './move-store.ts'
import { REVIEW_COLUMNS, type ReviewRow, within } from './store.ts'
import { nameOf, rowsOf } from './view.ts'

const DAY_MS = 86_400_000
const DAYS = 30
const MOST_NEAR = 200
const MOST_ALIKE = 20
const MOST_LOOKS = 200

/** Thirty days of the person an alert is about, by rule and by day. The look is in the trail. */
export function personOf(db: Db, actor: Actor, set: RuleSet, id: string): Promise<PersonView> {
  return looking(db, actor, id, async (tx, review) => {
    const since = now() - DAYS * DAY_MS
    const rows = await select(
      tx,
      actor,
      sql`staff = ${review.staff} AND sent_at > ${new Date(since).toISOString()} ORDER BY sent_at DESC, alert_id LIMIT 500`,
    )
    const { zone } = actor.house
    const days = Array.from({ length: DAYS }, (_, back) => dayOf(now() - (DAYS - 1 - back) * DAY_MS, zone))
    const byDay = Map.groupBy(rows, row => dayOf(row.sentAt, zone))
    const rules = [...new Set(rows.flatMap(row => row.rules))]
    const view = {
      byRule: rules
        .map(rule => {
          const of = rows.filter(row => row.rules.includes(rule))
          const confirmed = of.filter(row => row.state === 'violation').length
          return { id: rule, name: nameOf(set, rule), n: of.length, confirmed }
        })
        .toSorted((a, b) => b.n - a.n),
      byDay: days.map(day => ({ day, n: byDay.get(day)?.length ?? 0 })),
      recent: await rowsOf(tx, actor, set, rows.slice(0, MOST_ALIKE)),
    }
    return { view, shown: view.recent.length }
  })
}

/** Near-duplicates of an alert, and alerts of other people under the same rules. The look is in the trail. */
export function similarTo(db: Db, actor: Actor, set: RuleSet, id: string): Promise<SimilarView> {
  return looking(db, actor, id, async (tx, review) => {
    const lead = review.leadId ?? review.alertId
    const near = await select(
      tx,
      actor,
      sql`(lead_id = ${lead}::uuid OR alert_id = ${lead}::uuid) AND alert_id <> ${id}::uuid ORDER BY sent_at DESC, alert_id LIMIT ${MOST_NEAR}`,
    )
    const alike = await select(
      tx,
      actor,
      sql`rules && ${review.rules}::text[] AND staff <> ${review.staff} AND sent_at > ${new Date(review.sentAt - 90 * DAY_MS).toISOString()}
        ORDER BY sent_at DESC, alert_id LIMIT ${MOST_ALIKE}`,
    )
    const view = { near: await rowsOf(tx, actor, set, near), alike: await rowsOf(tx, actor, set, alike) }
    return { view, shown: near.length + alike.length }
  })
}

/** Who opened it and when: for those who review, and for those who read the trail. */
export async function looksOf(db: Db, actor: Actor, id: string): Promise<LooksView> {
  await visibleReview(db, actor, id)
  const looks = await looksAt(
    db,
    actor.house,
    { kind: 'alert', ids: [id] },
    Number.MAX_SAFE_INTEGER,
    MOST_LOOKS,
  )
  return {
    items: looks
      .filter(({ envelope }) => envelope.verb === 'alert.opened')
      .map(({ envelope }) => ({ by: envelope.actor, role: envelope.role, at: envelope.at })),
  }
}

/** Whom this alert may be given to. */
export async function assigneesFor(db: Db, actor: Actor, id: string): Promise<Assignees> {
  const review = await visibleReview(db, actor, id)
  authorise(actor, 'case.assign', review)
  const held = await countHeld(db, actor.house.corp)
  const people = await decidersOf(db, actor.house)
  return {
    items: people.map(({ actor: target, name }) => ({
      ...{ username: target.name, name, role: target.role, held: held.get(target.name) ?? 0 },
      refused: refusalToTake(target, review),
    })),
  }
}

async function looking<T>(
  db: Db,
  actor: Actor,
  id: string,
  read: (tx: Tx, review: ReviewRow) => Promise<{ view: T; shown: number }>,
): Promise<T> {
  return inTransaction(db, async tx => {
    const review = await visibleReview(tx, actor, id)
    const { view, shown } = await read(tx, review)
    await record(tx, actor, {
      verb: 'alert.listed',
      thing: { kind: 'alert', id },
      detail: { staff: review.staff, shown },
    })
    return view
  })
}

async function select(tx: Tx, actor: Actor, which: ReturnType<typeof sql>): Promise<ReviewRow[]> {
  const { rows } = await sql<ReviewRow>`
    SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${actor.house.corp} ${within(sightOf(actor))} AND ${which}`.execute(
    tx,
  )
  return rows
}
