import {
  authoriseConversation,
  conversationTitles,
  type Measure,
  measureStretches,
  type Stretch,
} from '../archive/index.ts'
import {
  type Actor,
  type Db,
  dayOf,
  fail,
  inTransaction,
  type JobQueue,
  newId,
  now,
  type Tx,
} from '../base/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { EVIDENCE_LIMITS, EVIDENCE_MOVES, type EvidenceRequest, type EvidenceState } from './contract.ts'
import { EVIDENCE_APPROVED } from './jobs.ts'
import { sealDecision, sealRequest } from './sealed.ts'
import {
  insertPackage,
  nextNumber,
  type PackageRow,
  selectPackage,
  updateDecision,
  updateState,
} from './store.ts'

/** Proofs, columns and names around a message's own bytes, and the printed report, measured on the demo. */
const AROUND_A_MESSAGE = 2600
const FIXED_BYTES = 400_000

export type Estimate = Measure & { bytes: number; most: number; titles: Record<string, string> }

/** What a scope would come to, for the form. Whoever asks must be allowed to read every conversation of it. */
export async function estimate(db: Db, actor: Actor, stretches: Stretch[]): Promise<Estimate> {
  authorise(actor, 'evidence.request')
  for (const conv of new Set(stretches.map(stretch => stretch.convId)))
    await authoriseConversation(db, actor, conv)
  const measure = await measureStretches(db, actor.house, merged(stretches))
  const bytes =
    measure.fileBytes + Math.round(measure.bodyBytes * 0.6) + measure.messages * AROUND_A_MESSAGE * 0.6
  const titles = await conversationTitles(
    db,
    actor.house,
    stretches.map(stretch => stretch.convId),
  )
  return {
    ...measure,
    bytes: Math.round(bytes + FIXED_BYTES),
    most: EVIDENCE_LIMITS.messages,
    titles: Object.fromEntries(titles),
  }
}

/** Stretches of one conversation that touch become one: no message stands twice in a package. */
export function merged(stretches: Stretch[]): Stretch[] {
  const out: Stretch[] = []
  const order = stretches.toSorted((a, b) =>
    a.convId === b.convId ? a.from - b.from : a.convId < b.convId ? -1 : 1,
  )
  for (const stretch of order) {
    const last = out.at(-1)
    if (last?.convId === stretch.convId && stretch.from <= last.to + 1)
      last.to = Math.max(last.to, stretch.to)
    else out.push({ ...stretch })
  }
  return out
}

/**
 * Ask for a package. The scope may come from a conversation, a search or a case: it is always whole stretches of
 * conversations, because a message picked out of its context proves little. Returns its number.
 */
export async function requestPackage(
  db: Db,
  actor: Actor,
  input: EvidenceRequest,
): Promise<{ id: string; number: string }> {
  const { house } = actor
  if (input.names === 'clear') authorise(actor, 'contact.reveal')
  const measure = await estimate(db, actor, input.stretches)
  if (measure.messages === 0) throw fail('request.invalid', { hint: '范围内没有消息' })
  if (measure.messages > EVIDENCE_LIMITS.messages)
    throw fail('request.invalid', {
      hint: `范围内有 ${measure.messages} 条消息，一个证据包最多 ${EVIDENCE_LIMITS.messages} 条，请分成几个`,
    })
  const stretches = merged(input.stretches)
  const id = newId()
  return inTransaction(db, async tx => {
    const at = now()
    const number = await nextNumber(tx, house.corp, dayOf(at, house.zone).slice(0, 4))
    await insertPackage(tx, house.corp, {
      id,
      number,
      stretches,
      names: input.names,
      keepDays: input.keepDays,
      messages: measure.messages,
      requestedBy: actor.name,
      requestedAt: at,
      requestSealed: await sealRequest(tx, house, id, input),
    })
    await record(tx, actor, {
      verb: 'evidence.requested',
      thing: { kind: 'evidence', id: number },
      detail: {
        conversations: stretches.length,
        messages: measure.messages,
        names: input.names,
        purpose: input.purpose,
        reason: input.reason,
      },
    })
    return { id, number }
  })
}

type Move = 'approve' | 'refuse' | 'withdraw' | 'start' | 'finish' | 'fail' | 'retry' | 'expire'

/** The state a move leads to; `evidence.moved` when somebody was faster. */
export function moved(row: PackageRow, move: Move): EvidenceState {
  const moves: Partial<Record<Move, EvidenceState>> = EVIDENCE_MOVES[row.state]
  const next = moves[move]
  if (next === undefined) throw fail('evidence.moved', { state: row.state })
  return next
}

async function locked(tx: Tx, actor: Actor, id: string): Promise<PackageRow> {
  const row = await selectPackage(tx, actor.house.corp, id, { lock: true })
  if (!row) throw fail('thing.missing', { evidence: id })
  return row
}

/** Approve or refuse. Never one's own: refused here, and by the table. An approved package is built by a job. */
export async function decide(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  id: string,
  input: { verdict: 'approve' | 'refuse'; reason: string },
): Promise<EvidenceState> {
  authorise(actor, 'evidence.approve')
  const { house } = actor
  return inTransaction(db, async tx => {
    const row = await locked(tx, actor, id)
    if (row.requestedBy === actor.name) throw fail('evidence.own', {})
    for (const conv of new Set(row.stretches.map(stretch => stretch.convId)))
      await authoriseConversation(tx, actor, conv)
    if (row.names === 'clear' && input.verdict === 'approve') authorise(actor, 'contact.reveal')
    const state = moved(row, input.verdict)
    await updateDecision(tx, house.corp, id, {
      state,
      by: actor.name,
      at: now(),
      sealed: await sealDecision(tx, house, id, input.reason),
    })
    await record(tx, actor, {
      verb: 'evidence.decided',
      thing: { kind: 'evidence', id: row.number },
      detail: { verdict: input.verdict, reason: input.reason },
    })
    if (state === 'approved') await jobs.enqueue(tx, EVIDENCE_APPROVED, { corp: house.corp, id })
    return state
  })
}

/** Take one's own request back while nobody has decided. */
export async function withdraw(db: Db, actor: Actor, id: string): Promise<EvidenceState> {
  authorise(actor, 'evidence.request')
  return inTransaction(db, async tx => {
    const row = await locked(tx, actor, id)
    if (row.requestedBy !== actor.name) throw fail('auth.denied', { verb: 'evidence.request' })
    const state = moved(row, 'withdraw')
    await updateState(tx, actor.house.corp, id, state)
    await record(tx, actor, {
      verb: 'evidence.withdrawn',
      thing: { kind: 'evidence', id: row.number },
      detail: {},
    })
    return state
  })
}

/** Build again what failed; the approval stands. */
export async function retry(db: Db, actor: Actor, jobs: JobQueue, id: string): Promise<EvidenceState> {
  authorise(actor, 'evidence.request')
  return inTransaction(db, async tx => {
    const row = await locked(tx, actor, id)
    const state = moved(row, 'retry')
    await updateState(tx, actor.house.corp, id, state)
    await record(tx, actor, {
      verb: 'evidence.retried',
      thing: { kind: 'evidence', id: row.number },
      detail: {},
    })
    await jobs.enqueue(tx, EVIDENCE_APPROVED, { corp: actor.house.corp, id })
    return state
  })
}
