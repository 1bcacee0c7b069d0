import { inRedoableTransaction, inTransaction, newId, now, type Tx } from '../../base/index.ts'
import type { CaseMoved } from '../jobs.ts'
import { CASE_MOVED } from '../jobs.ts'
import { type ReviewRow, selectReview } from '../store.ts'
import { audience, escalated, isConcealed, type Receiver, type Told } from './audience.ts'
import { type Book, bookOf, nameOfAccount, reachOf } from './book.ts'
import { STEP } from './contract.ts'
import { alertUrl, type DeliveryDeps } from './deps.ts'
import { factsOf, subjectOf } from './facts.ts'
import { openCode, sealUpdate } from './sealed.ts'
import {
  armEscalations,
  forgetCode,
  insertDeliveries,
  insertUpdate,
  lockDueEscalations,
  selectSentCards,
  settleEscalation,
  voidDeliveries,
  voidEscalations,
} from './store.ts'
import { clockWords, takenFace } from './words.ts'

const MINUTE_MS = 60_000
/** A card's code works for 72 hours (wecom-api.md §8.2). */
const CODE_LIVES_MS = 72 * 3_600_000

/** What an alert's move means for who is told. Idempotent: the rows are the alert's, receiver's, way's and step's own. */
export async function onMoved(deps: DeliveryDeps, moved: CaseMoved): Promise<void> {
  const { db, house } = deps
  const book = await bookOf(db, house)
  await inRedoableTransaction(db, async tx => {
    const review = await selectReview(tx, house.corp, moved.alert)
    if (!review) return
    switch (moved.move) {
      case 'raised':
        if (review.state === 'open') await tellAll(tx, deps, book, review)
        return
      case 'released':
      case 'returned':
      case 'reopened':
        await arm(tx, deps, book, review, now())
        return
      case 'assigned':
        await settleAll(tx, deps, review, moved)
        await tellAssignee(tx, deps, book, review, moved)
        return
      case 'claimed':
      case 'concluded':
        await settleAll(tx, deps, review, moved)
        return
      case 'escalated':
        await tellRoles(tx, deps, book, review, { step: STEP.handedUp, roles: ['lead'] })
        return
      case 'stepin':
        await tellRoles(tx, deps, book, review, { step: STEP.stepIn, roles: ['supervisor'] })
        return
      default:
        // `overdue` is told by whoever noticed it, in the same transaction (escalate below).
        return
    }
  })
}

async function tellAll(tx: Tx, deps: DeliveryDeps, book: Book, review: ReviewRow): Promise<void> {
  const { house, rules, ways } = deps
  const subject = subjectOf(rules(), review)
  const at = { settings: book.settings, house, now: now() }
  const people = audience(subject, [...book.people.values()], reachOf(book, ways), at)
  const hooks = ways.hooks && !isConcealed(subject) ? [...book.hooks.values()] : []
  const called = hooks
    .filter(hook => hook.severities.includes(review.severity))
    .map(hook => ({ receiver: hook.id, channel: 'hook' as const, dueAt: at.now }))
  await put(tx, deps, review, [...people, ...called], 0)
  await arm(tx, deps, book, review, review.raisedAt)
}

async function tellRoles(
  tx: Tx,
  deps: DeliveryDeps,
  book: Book,
  review: ReviewRow,
  { step, roles, people }: { step: number; roles: string[]; people?: Receiver[] },
): Promise<number> {
  const { house, rules, ways } = deps
  const at = { settings: book.settings, house, now: now() }
  const subject = subjectOf(rules(), review)
  const told = escalated(subject, people ?? [...book.people.values()], roles, reachOf(book, ways), at)
  return put(tx, deps, review, told, step)
}

/** Who was given it by somebody else hears so at once, or when his quiet hours end. */
async function tellAssignee(
  tx: Tx,
  deps: DeliveryDeps,
  book: Book,
  review: ReviewRow,
  { by }: CaseMoved,
): Promise<void> {
  const person = [...book.people.values()].find(one => one.name === review.assignee)
  if (!person || person.name === by) return
  await tellRoles(tx, deps, book, review, { step: STEP.assigned, roles: [person.role], people: [person] })
}

function put(
  tx: Tx,
  { house }: DeliveryDeps,
  review: ReviewRow,
  told: Told[],
  step: number,
): Promise<number> {
  const createdAt = now()
  const rows = told.map(one => ({
    ...one,
    ...{ id: newId(), alert: review.alertId, step, severity: review.severity, createdAt },
  }))
  return insertDeliveries(tx, house.corp, rows)
}

/** When whom to tell next if nobody takes it, counted from `since`. */
async function arm(
  tx: Tx,
  { house }: DeliveryDeps,
  book: Book,
  review: ReviewRow,
  since: number,
): Promise<void> {
  if (review.state !== 'open') return
  const rows = stepsOf(book, review).map((step, i) => ({
    alert: review.alertId,
    step: i + 1,
    dueAt: since + step.afterMinutes * MINUTE_MS,
  }))
  await armEscalations(tx, house.corp, rows)
}

function stepsOf(book: Book, review: ReviewRow): Book['settings']['escalation'] {
  return book.settings.escalation
    .filter(step => step.severity === review.severity)
    .toSorted((a, b) => a.afterMinutes - b.afterMinutes)
}

/** Somebody took it or decided it: nobody else need be told, and the cards that lie about say by whom. */
async function settleAll(tx: Tx, deps: DeliveryDeps, review: ReviewRow, moved: CaseMoved): Promise<void> {
  const { db, house, rules, ways } = deps
  const at = now()
  await voidDeliveries(tx, house.corp, review.alertId, at)
  await voidEscalations(tx, house.corp, review.alertId, at)
  if (!ways.cards) return
  const cards = await selectSentCards(tx, house.corp, review.alertId, {
    since: at - CODE_LIVES_MS,
    pressedToo: moved.move !== 'claimed',
  })
  if (cards.length === 0) return
  const book = await bookOf(db, house)
  const facts = (await factsOf(tx, house, rules(), [review], 'none')).get(review.alertId)
  const who = (await nameOfAccount(tx, house, moved.by)) ?? '他人'
  const done = moved.move === 'concluded' ? '作出结论' : moved.move === 'assigned' ? '分派' : '受理'
  const words = `已由 ${who} ${done} · ${clockWords(at, house.zone)}`
  for (const card of cards) {
    const person = book.people.get(card.receiver)
    if (!facts || !person?.userid) continue
    const face = takenFace(facts, words, alertUrl(ways, review.alertId), house.zone)
    const id = newId()
    const code = await openCode(tx, house, card.id, card.sealed)
    await insertUpdate(tx, house.corp, {
      id,
      sealed: await sealUpdate(tx, house, id, { userid: person.userid, code, face }),
      at,
    })
    await forgetCode(tx, house.corp, card.id)
  }
}

const STEPS_AT_ONCE = 50

/** Tell the next ones of every alert that nobody took in time. Driven by stored times: a restart forgets nothing. */
export async function escalate(deps: DeliveryDeps): Promise<number> {
  const { db, house, jobs } = deps
  return inTransaction(db, async tx => {
    const due = await lockDueEscalations(tx, house.corp, now(), STEPS_AT_ONCE)
    if (due.length === 0) return 0
    const book = await bookOf(db, house)
    for (const one of due) {
      const review = await selectReview(tx, house.corp, one.alert)
      const step = review ? stepsOf(book, review)[one.step - 1] : undefined
      const open = review?.state === 'open' && step !== undefined
      await settleEscalation(tx, house.corp, one, open ? 'done' : 'void', now())
      if (!open) continue
      await tellRoles(tx, deps, book, review, { step: one.step, roles: step.roles })
      await jobs.enqueue(tx, CASE_MOVED, { corp: house.corp, alert: one.alert, move: 'overdue', by: null })
    }
    return due.length
  })
}
