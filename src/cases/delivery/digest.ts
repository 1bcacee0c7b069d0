import { now } from '../../base/index.ts'
import { type ReviewRow, selectReview } from '../store.ts'
import { type Book, bookOf } from './book.ts'
import type { DeliveryState } from './contract.ts'
import type { DeliveryDeps } from './deps.ts'
import { factsOf } from './facts.ts'
import { taskOf } from './press.ts'
import { afterFailure } from './send.ts'
import { claimDue, type DueRow, settleDelivery } from './store.ts'
import { clockWords, type Digest, digestBody, digestFace, digestTitle } from './words.ts'

const CLAIM_MS = 60_000
const AT_ONCE = 1000
const LISTED = 30

/** Tell everybody for whom something was gathered, in one message each: by e-mail where there is one, else by card. */
export async function sendDigests(deps: DeliveryDeps): Promise<number> {
  const { db, house } = deps
  const at = now()
  const due = await claimDue(db, house.corp, {
    channel: 'digest',
    now: at,
    until: at + CLAIM_MS,
    limit: AT_ONCE,
  })
  if (due.length === 0) return 0
  const book = await bookOf(db, house)
  for (const [receiver, rows] of Map.groupBy(due, row => row.receiver)) await tell(deps, book, receiver, rows)
  return due.length
}

async function tell(deps: DeliveryDeps, book: Book, receiver: string, rows: DueRow[]): Promise<void> {
  const { db, house } = deps
  const { open, rest } = await openOnes(deps, rows)
  const settle = (
    some: DueRow[],
    state: DeliveryState,
    reason: string | null,
    dueAt?: number,
  ): Promise<void> =>
    settleDelivery(
      db,
      house.corp,
      some.map(row => row.id),
      { state, reason, at: now(), dueAt },
    )
  await settle(rest, 'void', 'taken')
  const first = open[0]
  if (!first) return
  try {
    const came = await post(deps, book, receiver, open)
    await settle(
      open.map(one => one.row),
      came.state,
      came.reason,
    )
  } catch (error) {
    const came = afterFailure(error, Math.max(...open.map(one => one.row.attempts)), now())
    await settle(
      open.map(one => one.row),
      came.state,
      came.reason,
      came.dueAt,
    )
  }
}

type Open = { row: DueRow; review: ReviewRow }

/** Those that still wait for somebody; the rest need not be told any more. */
async function openOnes(
  { db, house }: DeliveryDeps,
  rows: DueRow[],
): Promise<{ open: Open[]; rest: DueRow[] }> {
  const open: Open[] = []
  const rest: DueRow[] = []
  for (const row of rows) {
    const review = row.alert === null ? null : await selectReview(db, house.corp, row.alert)
    if (review?.state === 'open') open.push({ row, review })
    else rest.push(row)
  }
  return { open, rest }
}

async function post(
  deps: DeliveryDeps,
  book: Book,
  receiver: string,
  open: Open[],
): Promise<{ state: DeliveryState; reason: string | null }> {
  const { house, ways } = deps
  const first = open[0]?.row.id ?? ''
  const digest = await digestOf(deps, open)
  const to = book.mail.get(receiver)
  const url = `${ways.home}/alerts`
  if (ways.mail && to !== undefined) {
    await ways.mail.send({
      id: first,
      to,
      subject: digestTitle(digest),
      text: digestBody(digest, url, house.name),
    })
    return { state: 'sent', reason: null }
  }
  const userid = book.people.get(receiver)?.userid
  if (ways.cards && userid) {
    await ways.cards.send(userid, taskOf(first), digestFace(digest, url, clockWords(now(), house.zone)))
    return { state: 'sent', reason: null }
  }
  return { state: 'off', reason: 'no_way' }
}

async function digestOf({ db, house, rules }: DeliveryDeps, open: Open[]): Promise<Digest> {
  const sharpest = open
    .map(one => one.review)
    .toSorted((a, b) => (a.severity < b.severity ? -1 : +(a.severity > b.severity)))
  const listed = sharpest.slice(0, LISTED)
  const facts = await factsOf(db, house, rules(), listed, 'none')
  const counts = { P0: 0, P1: 0, P2: 0, P3: 0 }
  for (const review of sharpest) counts[review.severity] += 1
  return {
    counts,
    total: sharpest.length,
    lines: listed.flatMap(review => {
      const one = facts.get(review.alertId)
      return one ? [{ number: one.number, text: `${one.severity} ${one.rules[0] ?? ''} · ${one.staff}` }] : []
    }),
  }
}
