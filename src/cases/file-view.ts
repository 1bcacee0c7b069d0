import { authoriseConversation, readBefore, readMessages } from '../archive/index.ts'
import { type Actor, type Db, inTransaction, now, sql, type Tx } from '../base/index.ts'
import { choicesOf, partiesOf } from '../contacts/index.ts'
import type { RuleSet } from '../monitor/index.ts'
import { followedFrom } from '../policies/index.ts'
import { looksAt, record } from '../trail/index.ts'
import type { CaseDetail, TimelineItem } from './file-contract.ts'
import { alertsOfCase, type CaseRow, selectCaseMoves } from './file-store.ts'
import { caseMovesFrom, caseRefusal, caseViews, openCaseNote, visibleCase } from './files.ts'
import { mayKnow } from './judge.ts'
import { openNote } from './move.ts'
import { selectMoves } from './move-store.ts'
import { REVIEW_COLUMNS, type ReviewRow, reviewsOf } from './store.ts'
import { nameOf, rowsOf } from './view.ts'

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Before each alert: enough to see what it answered. */
const BEFORE = { most: 3, within: HOUR_MS }
const MOST_LOOKS = 200

/** A case with everything that happened in it, on one line of time. The look is in the trail. */
export function readCase(db: Db, actor: Actor, set: RuleSet, id: string): Promise<CaseDetail> {
  return inTransaction(db, async tx => {
    const file = await visibleCase(tx, actor, id)
    await record(tx, actor, {
      verb: 'case.read',
      thing: { kind: 'case', id },
      detail: { number: file.number },
    })
    return caseDetailOf(tx, actor, set, file)
  })
}

export async function caseDetailOf(tx: Tx, actor: Actor, set: RuleSet, file: CaseRow): Promise<CaseDetail> {
  const { corp } = actor.house
  const ids = await alertsOfCase(tx, corp, file.id)
  const reviews = (await reviewsOf(tx, corp, ids)).filter(review => mayKnow(actor, review))
  for (const conv of new Set(reviews.map(review => review.convId)))
    await authoriseConversation(tx, actor, conv)
  const [view] = await caseViews(tx, actor, [file])
  if (!view) throw new Error('a case that was just read')
  return {
    case: view,
    alerts: await rowsOf(tx, actor, set, reviews),
    timeline: await timelineOf(tx, actor, file, reviews),
    convs: stretchesOf(reviews),
    can: caseMovesFrom(file.state).map(move => ({ move, refused: caseRefusal(actor, file, move) })),
    history: await historyOf(tx, actor, set, file),
  }
}

/** A day around each alert, conversation by conversation. */
function stretchesOf(reviews: ReviewRow[]): CaseDetail['convs'] {
  return [...Map.groupBy(reviews, review => review.convId)].map(([convId, of]) => ({
    convId,
    from: Math.min(...of.map(review => review.sentAt)) - DAY_MS,
    to: Math.max(...of.map(review => review.sentAt)) + DAY_MS,
  }))
}

async function timelineOf(
  tx: Tx,
  actor: Actor,
  file: CaseRow,
  reviews: ReviewRow[],
): Promise<TimelineItem[]> {
  const items = [
    ...(await said(tx, actor, reviews)),
    ...(await moved(tx, actor, file, reviews)),
    ...(await consented(tx, actor, reviews)),
    ...(await followed(tx, actor, reviews)),
    ...(await looked(tx, actor, file, reviews)),
  ]
  return items.toSorted((a, b) => a.at - b.at)
}

const NONE = { by: null, text: null, alert: null, alertId: null, hit: false }

/** The messages that were hit and those just before them, and when each was raised. */
async function said(tx: Tx, actor: Actor, reviews: ReviewRow[]): Promise<TimelineItem[]> {
  const { house } = actor
  const keys = reviews.map(({ convId, sentAt, msgid }) => ({ convId, sentAt, msgid }))
  const byKey = new Map(reviews.map(review => [review.msgid, review]))
  const spoken = [...(await readBefore(tx, house, keys, BEFORE)), ...(await readMessages(tx, house, keys))]
  const names = await partiesOf(
    tx,
    house,
    spoken.map(message => message.from),
  )
  const messages = [...new Map(spoken.map(message => [message.key.msgid, message])).values()].map(message => {
    const review = byKey.get(message.key.msgid)
    return {
      ...NONE,
      ...{ at: message.key.sentAt, kind: 'message' as const, what: 'said' },
      by: names.get(message.from)?.name ?? message.from,
      text: message.texts.map(({ text }) => text).join('\n') || null,
      ...{ alert: review?.number ?? null, alertId: review?.alertId ?? null, hit: review !== undefined },
    }
  })
  const raised = reviews.map(review => ({
    ...NONE,
    ...{ at: review.raisedAt, kind: 'alert' as const, what: review.severity },
    ...{ alert: review.number, alertId: review.alertId },
  }))
  return [...messages, ...raised]
}

/** Every move of the alerts and of the case itself. */
async function moved(tx: Tx, actor: Actor, file: CaseRow, reviews: ReviewRow[]): Promise<TimelineItem[]> {
  const { house } = actor
  const numbers = new Map(reviews.map(review => [review.alertId, review.number]))
  const moves = await selectMoves(tx, house.corp, [...numbers.keys()])
  const ofAlerts = moves.map(async move => ({
    ...NONE,
    ...{
      at: move.at,
      kind: 'move' as const,
      what: move.move,
      by: move.by,
      text: await openNote(tx, house, move),
    },
    ...{ alert: numbers.get(move.alertId) ?? null, alertId: move.alertId },
  }))
  const ofCase = (await selectCaseMoves(tx, house.corp, file.id)).map(async move => ({
    ...NONE,
    ...{ at: move.at, kind: 'case' as const, what: move.move, by: move.by },
    text: await openCaseNote(tx, house, move),
  }))
  return Promise.all([...ofAlerts, ...ofCase])
}

async function consented(tx: Tx, actor: Actor, reviews: ReviewRow[]): Promise<TimelineItem[]> {
  const customers = [...new Set(reviews.filter(review => !review.room).map(review => review.counterpart))]
  const choices = await choicesOf(tx, actor.house.corp, customers)
  const names = await partiesOf(tx, actor.house, customers)
  // The same choice is told again by every synchronisation and for every employee: what tells is that it changed.
  const last = new Map<string, string>()
  return choices
    .filter(({ externalUserid, state }) => {
      const changed = last.get(externalUserid) !== state
      last.set(externalUserid, state)
      return changed
    })
    .map(choice => ({
      ...NONE,
      ...{ at: choice.effectiveAt, kind: 'consent' as const, what: choice.state },
      by: names.get(choice.externalUserid)?.name ?? null,
    }))
}

/** Points and training, and what was taken back. */
async function followed(tx: Tx, actor: Actor, reviews: ReviewRow[]): Promise<TimelineItem[]> {
  const rows = await followedFrom(
    tx,
    actor.house.corp,
    'alert',
    reviews.map(review => review.alertId),
  )
  const numbers = new Map(reviews.map(review => [review.alertId, review.number]))
  return rows.flatMap(row => {
    const of = { ...NONE, alert: numbers.get(row.sourceId) ?? null, alertId: row.sourceId }
    const points = { ...of, kind: 'points' as const, text: String(row.points) }
    return [
      { ...points, at: row.confirmedAt, what: 'counted', by: row.confirmedBy },
      ...(row.reversedAt === null
        ? []
        : [{ ...points, at: row.reversedAt, what: 'reversed', by: row.reversedBy }]),
      ...row.courses.map(course => ({
        ...{ ...of, kind: 'training' as const, at: course.at, what: course.state, text: course.course },
      })),
    ]
  })
}

/** Who looked at the case and its alerts, once it is sealed. */
async function looked(tx: Tx, actor: Actor, file: CaseRow, reviews: ReviewRow[]): Promise<TimelineItem[]> {
  const numbers = new Map(reviews.map(review => [review.alertId, review.number]))
  const most = Number.MAX_SAFE_INTEGER
  const ofAlerts = { kind: 'alert', ids: [...numbers.keys()] }
  const looks = [
    ...(await looksAt(tx, actor.house, ofAlerts, most, MOST_LOOKS)),
    ...(await looksAt(tx, actor.house, { kind: 'case', ids: [file.id] }, most, MOST_LOOKS)),
  ]
  return looks
    .filter(({ envelope }) => envelope.verb === 'alert.opened' || envelope.verb === 'case.read')
    .map(({ envelope: { at, verb, actor: by, thingId } }) => ({
      ...NONE,
      ...{ at, kind: 'look' as const, what: verb, by },
      ...{ alert: numbers.get(thingId) ?? null, alertId: numbers.has(thingId) ? thingId : null },
    }))
}

async function historyOf(tx: Tx, actor: Actor, set: RuleSet, file: CaseRow): Promise<CaseDetail['history']> {
  const { rows: reviews } = await sql<ReviewRow>`
    SELECT ${REVIEW_COLUMNS} FROM review WHERE corp_id = ${actor.house.corp} AND staff = ${file.staff}
      AND sent_at > ${new Date(now() - 30 * DAY_MS).toISOString()} ORDER BY sent_at DESC LIMIT 500`.execute(
    tx,
  )
  const known = reviews.filter(review => mayKnow(actor, review))
  const rules = [...new Set(known.flatMap(review => review.rules))]
  const confirmedAmong = (of: ReviewRow[]): number => of.filter(one => one.state === 'violation').length
  return {
    last30Days: known.length,
    confirmed: confirmedAmong(known),
    byRule: rules
      .map(rule => {
        const of = known.filter(review => review.rules.includes(rule))
        return { id: rule, name: nameOf(set, rule), n: of.length, confirmed: confirmedAmong(of) }
      })
      .toSorted((a, b) => b.n - a.n),
  }
}
