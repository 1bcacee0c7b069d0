import type { z } from 'zod'
import { type Actor, type Db, fail, inTransaction, newId, now, type Tx } from '../../base/index.ts'
import { authorise, can, directoryOf } from '../../people/index.ts'
import { confirmViolation, counted, reverseViolation } from '../../policies/index.ts'
import { record } from '../../trail/index.ts'
import { selectReview } from '../store.ts'
import { deadlineOf } from './clock.ts'
import {
  type actComplaint,
  type answerComplaint,
  COMPLAINT_MOVES,
  type ComplaintAct,
  type ComplaintCan,
  type ComplaintState,
} from './contract.ts'
import { hasInterest } from './interest.ts'
import { sealPart } from './sealed.ts'
import {
  type ExtensionRow,
  insertExtension,
  insertStep,
  lockComplaint,
  markExtension,
  newestExtension,
  type Stored,
  updateComplaint,
} from './store.ts'

/** Where an act leads from a state, or undefined when the table knows no such move. */
function moveOf(state: ComplaintState, act: string): ComplaintState | undefined {
  return (COMPLAINT_MOVES[state] as Partial<Record<string, ComplaintState>>)[act]
}

/**
 * What this person may do with a complaint now; the screen shows it and every act asks it. Whoever has an interest may do
 * nothing. What was taken on is moved by its handler or a lead; what was escalated is taken by a lead.
 */
export function possible(
  actor: Actor,
  row: Stored,
  extension: ExtensionRow | null,
  interested: boolean,
): ComplaintCan[] {
  const thing = { departments: row.departments }
  if (interested || !can(actor, 'complaint.handle', thing)) return []
  const leads = can(actor, 'complaint.extend', thing)
  const holds = row.handler === actor.name || leads
  const acts = Object.keys(COMPLAINT_MOVES[row.state]) as ComplaintAct[]
  const may: ComplaintCan[] = acts.filter(act => {
    if (act === 'accept' || row.state === 'registered') return true
    return act === 'take' ? leads : holds
  })
  const running = row.state === 'accepted' || row.state === 'investigating' || row.state === 'escalated'
  if (running && holds && row.grade === 'normal') may.push('grade')
  const waits = extension !== null && extension.verdict === null
  if (running && row.handler === actor.name && row.grade === 'complex' && !row.extended && !waits)
    may.push('extend')
  if (running && waits && leads && extension.handler !== actor.name) may.push('decide_extension')
  return may
}

async function held(
  tx: Tx,
  actor: Actor,
  id: string,
  wanted: ComplaintCan,
): Promise<{ row: Stored; extension: ExtensionRow | null }> {
  const { house } = actor
  authorise(
    actor,
    wanted === 'take' || wanted === 'decide_extension' ? 'complaint.extend' : 'complaint.handle',
  )
  const row = await lockComplaint(tx, house.corp, id)
  if (!row) throw fail('thing.missing', { complaint: id })
  const extension = await newestExtension(tx, house.corp, id)
  const interested = hasInterest(actor, row, await directoryOf(tx, house))
  if (interested) throw fail('complaint.interest', { number: row.number })
  if (!possible(actor, row, extension, interested).includes(wanted)) {
    const known = moveOf(row.state, wanted) !== undefined
    throw fail(known ? 'auth.denied' : 'complaint.moved', { number: row.number, state: row.state })
  }
  return { row, extension }
}

async function step(
  tx: Tx,
  actor: Actor,
  row: Stored,
  made: { act: string; to: ComplaintState; note: string },
): Promise<void> {
  const id = newId()
  await insertStep(tx, actor.house.corp, row.id, {
    ...{ id, act: made.act, from: row.state, to: made.to, by: actor.name, at: now() },
    sealed: await sealPart(tx, actor.house, 'step', id, made.note),
  })
}

/** One move of the table but the answer, with a note. Reopened, what followed from the answer is taken back. */
export async function act(
  db: Db,
  actor: Actor,
  id: string,
  input: z.infer<typeof actComplaint>,
): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const { row } = await held(tx, actor, id, input.act)
    const to = moveOf(row.state, input.act)
    if (to === undefined) throw fail('complaint.moved', { number: row.number, state: row.state })
    const takes = input.act === 'accept' || input.act === 'take'
    const ends = to === 'closed' || to === 'withdrawn'
    const answerGone = row.state === 'answered' && !ends
    if (answerGone) await reverseViolation(tx, actor, { kind: 'complaint', id }, input.note)
    await step(tx, actor, row, { act: input.act, to, note: input.note })
    await updateComplaint(tx, house.corp, row, {
      state: to,
      ...(takes ? { handler: actor.name, handlerUserid: actor.userid } : {}),
      ...(ends ? { endedAt: now() } : {}),
      ...(answerGone ? { outcome: null, severity: null, answeredAt: null } : {}),
    })
    await record(tx, actor, {
      verb: 'complaint.moved',
      thing: { kind: 'complaint', id },
      detail: { number: row.number, act: input.act, from: row.state, to, note: input.note },
    })
  })
}

/**
 * Answer the customer: what was found and what is done. Upheld against a person it is a violation, with its severity;
 * where the alert it came from counts already, the same deed does not count twice.
 */
export async function answer(
  db: Db,
  actor: Actor,
  id: string,
  input: z.infer<typeof answerComplaint>,
): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const { row } = await held(tx, actor, id, 'answer')
    const blamed = input.outcome === 'unfounded' ? null : row.staff
    if (input.outcome === 'upheld' && blamed !== null && input.severity === null)
      throw fail('request.invalid', { hint: '投诉属实并涉及员工，须认定级别' })
    await step(tx, actor, row, { act: 'answer', to: 'answered', note: input.text })
    const severity = blamed === null ? null : input.severity
    await updateComplaint(tx, house.corp, row, {
      ...{ state: 'answered', outcome: input.outcome, severity, answeredAt: now() },
    })
    const counts =
      blamed !== null &&
      severity !== null &&
      (await count(tx, actor, row, { blamed, severity, rules: input.rules }))
    await record(tx, actor, {
      verb: 'complaint.answered',
      thing: { kind: 'complaint', id },
      detail: {
        ...{ number: row.number, outcome: input.outcome, text: input.text, counted: counts },
        ...(severity === null ? {} : { severity }),
      },
    })
  })
}

type Found = { blamed: string; severity: NonNullable<Stored['severity']>; rules: string[] }

async function count(tx: Tx, actor: Actor, row: Stored, found: Found): Promise<boolean> {
  const { house } = actor
  const review = row.alertId === null ? null : await selectReview(tx, house.corp, row.alertId)
  if (review && (await counted(tx, house, { kind: 'alert', id: review.alertId }))) return false
  await confirmViolation(tx, actor, {
    source: { kind: 'complaint', id: row.id },
    ...{ staff: found.blamed, departments: row.departments, severity: found.severity },
    rules: found.rules.length > 0 ? found.rules : (review?.rules ?? []),
    happenedAt: row.message?.sentAt ?? row.receivedAt,
  })
  return true
}

/** Complex: thirty days from the beginning instead of fifteen. */
export async function grade(db: Db, actor: Actor, id: string, reason: string): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const { row } = await held(tx, actor, id, 'grade')
    const dueAt = deadlineOf({ ...row, grade: 'complex' }, house.zone)
    await step(tx, actor, row, { act: 'grade', to: row.state, note: reason })
    await updateComplaint(tx, house.corp, row, { grade: 'complex', dueAt })
    await record(tx, actor, {
      verb: 'complaint.graded',
      thing: { kind: 'complaint', id },
      detail: { number: row.number, grade: 'complex', reason },
    })
  })
}

/** The handler of a complex one asks for thirty days more. */
export async function askExtension(db: Db, actor: Actor, id: string, reason: string): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const { row } = await held(tx, actor, id, 'extend')
    const extension = newId()
    const fresh = await insertExtension(tx, house.corp, id, {
      ...{ id: extension, handler: actor.name, askedAt: now() },
      reasonSealed: await sealPart(tx, house, 'extension', extension, reason),
    })
    if (!fresh) throw fail('complaint.moved', { number: row.number, state: row.state })
    await step(tx, actor, row, { act: 'extend', to: row.state, note: reason })
    await record(tx, actor, {
      verb: 'complaint.extension_asked',
      thing: { kind: 'complaint', id },
      detail: { number: row.number, reason },
    })
  })
}

/** A lead who is not the handler grants it or not. */
export async function decideExtension(
  db: Db,
  actor: Actor,
  id: string,
  input: { verdict: 'approved' | 'refused'; reason: string },
): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const { row, extension } = await held(tx, actor, id, 'decide_extension')
    if (!extension) throw fail('complaint.moved', { number: row.number, state: row.state })
    await markExtension(tx, house.corp, id, extension.id, {
      ...{ verdict: input.verdict, by: actor.name, at: now() },
      sealed: await sealPart(tx, house, 'decision', extension.id, input.reason),
    })
    await step(tx, actor, row, { act: `extension_${input.verdict}`, to: row.state, note: input.reason })
    if (input.verdict === 'approved')
      await updateComplaint(tx, house.corp, row, {
        dueAt: deadlineOf({ ...row, extended: true }, house.zone),
      })
    await record(tx, actor, {
      verb: 'complaint.extension_decided',
      thing: { kind: 'complaint', id },
      detail: {
        number: row.number,
        verdict: input.verdict,
        askedBy: extension.handler,
        reason: input.reason,
      },
    })
  })
}
