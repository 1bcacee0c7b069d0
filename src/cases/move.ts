import {
  type Actor,
  type Db,
  fail,
  type House,
  inTransaction,
  type JobQueue,
  newId,
  now,
  open,
  seal,
  type Tx,
} from '../base/index.ts'
import { authorise, decidersOf } from '../people/index.ts'
import { confirmViolation, reverseViolation } from '../policies/index.ts'
import { record, type TrailEntry } from '../trail/index.ts'
import {
  CONCLUSIONS,
  type Conclusion,
  REVIEW_MOVES,
  type ReviewMove,
  type ReviewState,
  TAGS,
  type Tag,
} from './contract.ts'
import { gather } from './gather.ts'
import { CASE_MOVED } from './jobs.ts'
import { leadsTo, mayKnow, refusalOf, refusalToTake } from './judge.ts'
import { insertDecision, insertMove, type Standing, type StoredMove, updateReview } from './move-store.ts'
import { announce, lockReview, type ReviewRow } from './store.ts'

export type CaseDeps = { db: Db; jobs: Pick<JobQueue, 'enqueue'> }
export type Act = {
  move: ReviewMove
  note?: string | undefined
  /** assign: the account it is given to. */
  to?: string | undefined
  tags?: readonly Tag[] | undefined
  /** How many moves the actor had seen. */
  seen?: number | undefined
}

const VERBS = {
  claim: 'alert.claimed',
  release: 'alert.released',
  assign: 'alert.assigned',
  escalate: 'alert.escalated',
  return: 'alert.returned',
  reopen: 'alert.reopened',
  violation: 'alert.decided',
  false_positive: 'alert.decided',
  watch: 'alert.decided',
} as const satisfies Record<ReviewMove, TrailEntry['verb']>

/** The word by which others hear of a move. */
const TOLD = {
  ...{ claim: 'claimed', release: 'released', assign: 'assigned', escalate: 'escalated', return: 'returned' },
  ...{ reopen: 'reopened', violation: 'concluded', false_positive: 'concluded', watch: 'concluded' },
} as const satisfies Record<ReviewMove, string>

const isConclusion = (move: ReviewMove): move is Conclusion =>
  (CONCLUSIONS as readonly string[]).includes(move)

/** Make one move: the new state, its row, its trail entry and what follows from it are one transaction, or nothing is. */
export function makeMove({ db, jobs }: CaseDeps, actor: Actor, id: string, act: Act): Promise<void> {
  return inTransaction(db, tx => moveIn(tx, jobs, actor, id, act))
}

/** The same within a transaction. The row is locked first: of two people at once the second meets what the first left. */
export async function moveIn(
  tx: Tx,
  jobs: CaseDeps['jobs'],
  actor: Actor,
  id: string,
  act: Act,
): Promise<void> {
  const { house } = actor
  authorise(actor, 'alert.read')
  const review = await lockReview(tx, house.corp, id)
  if (!review || !mayKnow(actor, review)) throw fail('thing.missing', { alert: id })
  authorise(actor, 'alert.read', review)
  refuse(actor, review, act)
  if (act.move === 'assign') await refuseTarget(tx, house, review, act.to ?? '')
  const to = leadsTo(act.move, review.state) ?? review.state
  const at = now()
  const standing = standingAfter(actor, review, act, to, at)
  await updateReview(tx, house.corp, id, standing)
  await keepMove(tx, actor, review, act, standing, at)
  await record(tx, actor, entryOf(review, act, to))
  await follow(tx, actor, review, act)
  await jobs.enqueue(tx, CASE_MOVED, { corp: house.corp, alert: id, move: TOLD[act.move], by: actor.name })
  await announce(tx, { kind: 'decision', corp: house.corp, id })
}

function refuse(actor: Actor, review: ReviewRow, act: Act): void {
  const refused = refusalOf(actor, review, act.move)
  const stands = { number: review.number, state: review.state, by: review.decidedBy ?? review.assignee ?? '' }
  if (refused !== null) throw fail(refused, stands)
  if (act.seen !== undefined && act.seen !== review.moves) throw fail('alert.moved', stands)
  const need = Math.max(
    REVIEW_MOVES[act.move].note ? 2 : 0,
    ...(isConclusion(act.move) ? (act.tags ?? []).map(tag => TAGS[tag]) : []),
  )
  if ((act.note ?? '').trim().length < need) throw fail('alert.note', { need })
}

async function refuseTarget(tx: Tx, house: House, review: ReviewRow, username: string): Promise<void> {
  const target = (await decidersOf(tx, house)).find(one => one.actor.name === username)
  const why = target ? refusalToTake(target.actor, review) : 'thing.missing'
  if (why !== null) throw fail('alert.assignee', { why })
}

/** Who holds it, who concluded it, at which level: as the constraints of the table have it. */
function standingAfter(actor: Actor, review: ReviewRow, act: Act, to: ReviewState, at: number): Standing {
  const { move } = act
  const free = { assignee: null, claimedAt: null, decidedAt: null, decidedBy: null }
  const base = { state: to, level: review.level, acceptedAt: review.acceptedAt ?? at, tags: review.tags }
  const concluded = { decidedAt: review.decidedAt, decidedBy: review.decidedBy }
  if (move === 'claim') return { ...base, ...concluded, assignee: actor.name, claimedAt: at }
  if (move === 'assign') return { ...base, ...concluded, assignee: act.to ?? null, claimedAt: at }
  if (move === 'release') return { ...base, ...free }
  if (move === 'return') return { ...base, ...free, level: 1 }
  if (move === 'escalate' || move === 'reopen') return { ...base, ...free, level: 2 }
  return {
    ...base,
    tags: act.tags ?? [],
    assignee: actor.name,
    claimedAt: review.claimedAt ?? at,
    decidedAt: at,
    decidedBy: actor.name,
  }
}

async function keepMove(
  tx: Tx,
  actor: Actor,
  review: ReviewRow,
  act: Act,
  standing: Standing,
  at: number,
): Promise<void> {
  const { house } = actor
  const own = await house.keys.own(tx)
  const id = newId()
  const decisionId = isConclusion(act.move) ? newId() : null
  const note = act.note?.trim() ?? ''
  if (decisionId !== null && isConclusion(act.move))
    await insertDecision(tx, house.corp, review.alertId, {
      id: decisionId,
      conclusion: act.move,
      sealed: seal(own.key, note, decisionContext(house, decisionId)),
      by: actor.name,
      at,
    })
  await insertMove(tx, house.corp, {
    ...{ id, alertId: review.alertId, at, move: act.move, from: review.state, to: standing.state },
    ...{ level: standing.level, by: actor.name, role: actor.role },
    assignee: act.move === 'assign' ? standing.assignee : null,
    undoes: act.move === 'reopen' ? review.decidedBy : null,
    sealed: decisionId === null && note !== '' ? seal(own.key, note, moveContext(house, id)) : null,
    decisionId,
  })
}

function entryOf(review: ReviewRow, act: Act, to: ReviewState): TrailEntry {
  const note = act.note?.trim() ?? ''
  const thing = { kind: 'alert', id: review.alertId }
  const path = { number: review.number, from: review.state, to }
  const tags = act.tags?.length ? { tags: [...act.tags] } : {}
  const verb = VERBS[act.move]
  if (verb === 'alert.decided') return { verb, thing, detail: { ...path, note, ...tags } }
  const said = note === '' ? {} : { note }
  if (verb === 'alert.assigned') return { verb, thing, detail: { ...path, ...said, assignee: act.to ?? '' } }
  return { verb, thing, detail: { ...path, ...said } }
}

/** A case follows an escalation; points and training follow a violation, and are taken back with it. */
async function follow(tx: Tx, actor: Actor, review: ReviewRow, act: Act): Promise<void> {
  const source = { kind: 'alert' as const, id: review.alertId }
  if (act.move === 'escalate') await gather(tx, actor, [review], 'escalation', review.severity)
  if (act.move === 'reopen') await reverseViolation(tx, actor, source, act.note?.trim() ?? '')
  if (act.move !== 'violation') return
  const { staff, departments, severity, rules } = review
  await confirmViolation(tx, actor, {
    ...{ source, staff, departments, severity, rules },
    happenedAt: review.sentAt,
  })
}

const decisionContext = (house: House, id: string): string => `decision|${house.corp}|${id}`
const moveContext = (house: House, id: string): string => `review move|${house.corp}|${id}`

/** The words of a move, or null where none were written. */
export async function openNote(db: Db, house: House, move: StoredMove): Promise<string | null> {
  if (move.sealed === null) return null
  // Destroyed with the message it speaks of (src/cases/purge.ts).
  if (move.sealed.length === 0) return '（已随消息按留存规定销毁）'
  const own = await house.keys.own(db)
  const context =
    move.decisionId === null ? moveContext(house, move.id) : decisionContext(house, move.decisionId)
  return open(own.key, move.sealed, context).toString('utf8')
}
