import { Fault, newId, now } from '../../base/index.ts'
import { errcodeOf } from '../../wecom/index.ts'
import { type ReviewRow, selectReview } from '../store.ts'
import { type Book, bookOf } from './book.ts'
import { type Channel, type DeliveryState, STEP } from './contract.ts'
import { alertUrl, type DeliveryDeps } from './deps.ts'
import { factsOf } from './facts.ts'
import { taskOf } from './press.ts'
import { openUpdate, sealCode } from './sealed.ts'
import {
  cardsSince,
  claimDue,
  claimUpdates,
  type DueRow,
  gatherInstead,
  settleDelivery,
  settleUpdate,
} from './store.ts'
import { alertFace, type Facts, mailBody, subjectLine, TEST_WORDS } from './words.ts'

/** A process that dies holding a row loses it after this long; WeCom's own patience is ten seconds. */
const CLAIM_MS = 60_000
const A_TURN = 10
/** WeCom drops without a word what is more than 30 a minute to one member (wecom-api.md §1.4): stay well below. */
export const CARDS_A_MINUTE = 20
/** P0 may go this far beyond: still below what WeCom drops. */
const MORE_FOR_P0 = 8
const MINUTE_MS = 60_000
/** Waits before the second try and the next ones; after the last it is dead, and a person decides. */
const BACKOFF_MS = [5_000, 30_000, 120_000, 600_000, 3_600_000]
/** Nobody by that id, or out of the application's sight: another try changes nothing. */
const NO_MEMBER = new Set([81013, 60111, 60011])

type Done = { state: DeliveryState; reason: string | null; dueAt?: number; sealed?: Buffer }

/** How one that failed goes on: again later, or dead. The reason is a code, never what somebody wrote. */
export function afterFailure(error: unknown, attempts: number, at: number): Done {
  const errcode = errcodeOf(error)
  const reason = reasonFor(error)
  const wait = BACKOFF_MS[attempts - 1]
  if (wait === undefined || (errcode !== null && NO_MEMBER.has(errcode))) return { state: 'dead', reason }
  return { state: 'retry', reason, dueAt: at + wait }
}

function reasonFor(error: unknown): string {
  const errcode = errcodeOf(error)
  if (errcode !== null) return `wecom ${errcode}`
  if (error instanceof Fault)
    return typeof error.details.reason === 'string' ? error.details.reason : error.code
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^[A-Z_]{2,30}$/.test(code) ? code : 'unknown'
}

/** Send what is due by one way. Returns how many were taken; fewer than a turn: nothing more waits. */
export async function sendDue(deps: DeliveryDeps, channel: Exclude<Channel, 'digest'>): Promise<number> {
  const { db, house } = deps
  const at = now()
  const due = await claimDue(db, house.corp, { channel, now: at, until: at + CLAIM_MS, limit: A_TURN })
  if (due.length === 0) return 0
  const book = await bookOf(db, house)
  const load = await loadOf(deps, book, due)
  const lanes = Map.groupBy(due, row => row.receiver)
  const room = channel === 'card' ? await roomFor(deps, [...lanes.keys()]) : null
  // One person's in turn, different people's at once.
  await Promise.all(
    [...lanes].map(async ([receiver, rows]) => {
      let left = room?.get(receiver) ?? Number.POSITIVE_INFINITY
      for (const row of rows) {
        if (left <= (row.severity === 'P0' ? -MORE_FOR_P0 : 0)) {
          await gatherInstead(db, house.corp, row.id, nextMinute(now()))
          continue
        }
        left -= 1
        await settle(deps, row, await one(deps, book, load, row))
      }
    }),
  )
  return due.length
}

/** A digest of the minute: those that were held back go together. */
function nextMinute(at: number): number {
  return Math.ceil((at + MINUTE_MS / 2) / MINUTE_MS) * MINUTE_MS
}

async function roomFor({ db, house }: DeliveryDeps, receivers: string[]): Promise<Map<string, number>> {
  const sent = await cardsSince(db, house.corp, receivers, now() - MINUTE_MS)
  return new Map(receivers.map(id => [id, CARDS_A_MINUTE - (sent.get(id) ?? 0)]))
}

async function settle({ db, house }: DeliveryDeps, row: DueRow, done: Done): Promise<void> {
  await settleDelivery(db, house.corp, [row.id], { ...done, at: now() })
}

type Load = { reviews: Map<string, ReviewRow>; facts: Map<string, Facts> }

async function loadOf({ db, house, rules }: DeliveryDeps, book: Book, rows: DueRow[]): Promise<Load> {
  const ids = [...new Set(rows.flatMap(row => row.alert ?? []))]
  const reviews: ReviewRow[] = []
  for (const id of ids) {
    const review = await selectReview(db, house.corp, id)
    if (review) reviews.push(review)
  }
  return {
    reviews: new Map(reviews.map(review => [review.alertId, review])),
    facts: await factsOf(db, house, rules(), reviews, book.settings.quote),
  }
}

async function one(deps: DeliveryDeps, book: Book, load: Load, row: DueRow): Promise<Done> {
  const facts = row.alert === null ? null : load.facts.get(row.alert)
  const review = row.alert === null ? null : load.reviews.get(row.alert)
  if (facts === undefined) return { state: 'void', reason: 'gone' }
  if (review && row.channel !== 'hook' && !isStillAsked(review, row.step))
    return { state: 'void', reason: 'taken' }
  try {
    if (row.channel === 'card') return await card(deps, book, facts, row)
    if (row.channel === 'mail') return await mail(deps, book, facts, row)
    return await hook(deps, book, { facts, review: review ?? null }, row)
  } catch (error) {
    return afterFailure(error, row.attempts, now())
  }
}

/** Whether what this tells somebody to do is still to be done. */
function isStillAsked({ state }: ReviewRow, step: number): boolean {
  if (state === 'violation' || state === 'false_positive') return false
  if (step === STEP.assigned) return state === 'claimed' || state === 'watch'
  if (step === STEP.handedUp) return state === 'escalated'
  return step === STEP.stepIn || state === 'open'
}

async function card(deps: DeliveryDeps, book: Book, facts: Facts | null, row: DueRow): Promise<Done> {
  const { db, house, ways } = deps
  const userid = book.people.get(row.receiver)?.userid
  if (!ways.cards) return { state: 'off', reason: ways.whyNoCards }
  if (!userid) return { state: 'off', reason: 'no_userid' }
  const face = facts
    ? alertFace(facts, row.step, alertUrl(ways, facts.id), house.zone)
    : { title: '通鉴测试', subtitle: '', text: TEST_WORDS, lines: [], url: ways.home, buttons: [] }
  const sent = await ways.cards.send(userid, taskOf(row.id), face)
  const sealed = sent.code === null ? undefined : await sealCode(db, house, row.id, sent.code)
  return { state: 'sent', reason: sent.again ? 'again' : null, ...(sealed ? { sealed } : {}) }
}

async function mail(deps: DeliveryDeps, book: Book, facts: Facts | null, row: DueRow): Promise<Done> {
  const { house, ways } = deps
  const to = book.mail.get(row.receiver)
  if (!ways.mail) return { state: 'off', reason: 'no_smtp' }
  if (to === undefined) return { state: 'off', reason: 'no_address' }
  const letter = facts
    ? {
        subject: `${subjectLine(facts, row.step)}（${facts.number}）`,
        text: mailBody(facts, row.step, alertUrl(ways, facts.id), house.zone),
      }
    : { subject: '通鉴测试', text: TEST_WORDS }
  await ways.mail.send({ id: row.id, to, ...letter })
  return { state: 'sent', reason: null }
}

type About = { facts: Facts | null; review: ReviewRow | null }
async function hook(deps: DeliveryDeps, book: Book, { facts, review }: About, row: DueRow): Promise<Done> {
  const { house, ways } = deps
  const to = book.hooks.get(row.receiver)
  if (!ways.hooks) return { state: 'off', reason: 'no_hosts' }
  if (!to) return { state: 'void', reason: 'gone' }
  const body = JSON.stringify({
    event: facts ? 'alert.raised' : 'test',
    delivery: row.id,
    institution: house.corpid,
    ...(facts && review
      ? {
          alert: {
            id: facts.id,
            number: facts.number,
            severity: facts.severity,
            state: review.state,
            rules: review.rules,
            raisedAt: facts.raisedAt,
            dueAt: facts.dueAt,
            url: alertUrl(ways, facts.id),
          },
        }
      : {}),
  })
  await ways.hooks.send({ url: to.url, secret: to.secret, id: row.id, body, at: now() })
  return { state: 'sent', reason: null }
}

/** Cards that are to show what became of them. */
export async function sendUpdates(deps: DeliveryDeps): Promise<number> {
  const { db, house, ways } = deps
  if (!ways.cards) return 0
  const at = now()
  const due = await claimUpdates(db, house.corp, { now: at, until: at + CLAIM_MS, limit: A_TURN })
  for (const row of due) {
    try {
      const { userid, code, face } = await openUpdate(db, house, row.id, row.sealed)
      await ways.cards.change(userid, code, face)
      await settleUpdate(db, house.corp, row.id, { state: 'sent', reason: null, at: now() })
    } catch (error) {
      const { state, reason, dueAt } = afterFailure(error, row.attempts + REFUSED_SOON, now())
      await settleUpdate(db, house.corp, row.id, {
        state: state === 'retry' ? 'retry' : 'dead',
        reason,
        at: now(),
        dueAt,
      })
    }
  }
  return due.length
}

/** A code that is used up or too old stays so: two tries fewer than a message gets. */
const REFUSED_SOON = 2

/** A row for a test, to be sent like any other. */
export const testRow = (receiver: string, channel: Exclude<Channel, 'digest'>) => ({
  ...{
    id: newId(),
    alert: null,
    receiver,
    channel,
    step: 0,
    severity: 'P3' as const,
    dueAt: now(),
    createdAt: now(),
  },
})
