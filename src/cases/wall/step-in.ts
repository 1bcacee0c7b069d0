import type { z } from 'zod'
import { authoriseConversation, type MessageKey, readMessages } from '../../archive/index.ts'
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
} from '../../base/index.ts'
import { partiesOf } from '../../contacts/index.ts'
import type { RuleSet } from '../../monitor/index.ts'
import { authorise, departmentsOf, scopeOf } from '../../people/index.ts'
import { categoryOf, isConcealedCategory } from '../../policies/index.ts'
import { record } from '../../trail/index.ts'
import { CASE_MOVED } from '../jobs.ts'
import { announce, selectReview } from '../store.ts'
import type { answerInput, noteInput, StepInView, stepInInput, WallConversation } from './contract.ts'
import {
  answerStepIn,
  insertNote,
  insertStepIn,
  lockStepIn,
  rulesIn,
  type StepIn,
  selectNotes,
  selectStepIns,
} from './store.ts'
import { peopleOf } from './wall.ts'

const DESTROYED = '（已随消息按留存规定销毁）'

const contextOf = (house: House, kind: 'note' | 'ask' | 'answer', id: string): string =>
  `wall_${kind}|${house.corp}|${id}`

async function opened(
  db: Db,
  house: House,
  kind: 'note' | 'ask' | 'answer',
  one: { id: string; sealed: Buffer },
): Promise<string> {
  if (one.sealed.length === 0) return DESTROYED
  const own = await house.keys.own(db)
  return open(own.key, one.sealed, contextOf(house, kind, one.id)).toString('utf8')
}

/** What was noted of a conversation, and who was asked to step in. The look is in the trail. */
export async function readWatched(
  db: Db,
  actor: Actor,
  set: RuleSet,
  convId: string,
): Promise<WallConversation> {
  authorise(actor, 'wall.watch')
  return inTransaction(db, async tx => {
    await authoriseConversation(tx, actor, convId)
    const { house } = actor
    const notes = await selectNotes(tx, house.corp, convId)
    const stepIns = await selectStepIns(tx, house.corp, { convs: [convId] })
    await record(tx, actor, {
      verb: 'wall.opened',
      thing: { kind: 'conversation', id: convId },
      detail: { notes: notes.length },
    })
    return {
      notes: await Promise.all(
        notes.map(async note => ({
          id: note.id,
          note: await opened(tx, house, 'note', note),
          by: note.by,
          at: note.at,
        })),
      ),
      stepIns: await viewsOf(tx, house, stepIns),
      concealed: await isHidden(tx, house, set, convId),
    }
  })
}

async function isHidden(db: Db, house: House, set: RuleSet, convId: string): Promise<boolean> {
  const rules = await rulesIn(db, house.corp, convId)
  return rules.some(rule => isConcealedCategory(set.rules.get(rule)?.category ?? categoryOf(rule)))
}

/** What the watcher thinks of it, sealed, beside the message he had before him. */
export async function noteOnWall(
  db: Db,
  actor: Actor,
  set: RuleSet,
  convId: string,
  input: z.infer<typeof noteInput>,
): Promise<WallConversation> {
  authorise(actor, 'wall.watch')
  const { house } = actor
  await inTransaction(db, async tx => {
    await authoriseConversation(tx, actor, convId)
    const key: MessageKey = { convId, sentAt: input.sentAt, msgid: input.msgid }
    const id = newId()
    const own = await house.keys.own(tx)
    const sealed = seal(own.key, input.note, contextOf(house, 'note', id))
    await insertNote(tx, house.corp, { id, key, sealed, by: actor.name, at: now() })
    await record(tx, actor, {
      verb: 'wall.noted',
      thing: { kind: 'conversation', id: convId },
      detail: { msgid: input.msgid, note: input.note },
    })
  })
  return readWatched(db, actor, set, convId)
}

/** 请主管介入. Refused where the supervisor must not learn of it, and while he was asked and has not answered. */
export async function askToStepIn(
  deps: { db: Db; jobs: Pick<JobQueue, 'enqueue'> },
  actor: Actor,
  set: RuleSet,
  convId: string,
  input: z.infer<typeof stepInInput>,
): Promise<WallConversation> {
  authorise(actor, 'wall.watch')
  const { house } = actor
  await inTransaction(deps.db, async tx => {
    await authoriseConversation(tx, actor, convId)
    if (await isHidden(tx, house, set, convId)) throw fail('stepin.concealed')
    const key: MessageKey = { convId, sentAt: input.sentAt, msgid: input.msgid }
    const [message] = await readMessages(tx, house, [key])
    const review = input.alert === null ? null : await selectReview(tx, house.corp, input.alert)
    if (input.alert !== null && review?.convId !== convId) throw fail('thing.missing', { alert: input.alert })
    if (!message && !review) throw fail('thing.missing', { message: input.msgid })
    const { staff, counterpart } = peopleOf({ alerts: review ? [review] : [] }, message)
    const id = newId()
    const own = await house.keys.own(tx)
    const fresh = await insertStepIn(tx, house.corp, {
      id,
      key,
      alert: input.alert,
      staff,
      counterpart,
      departments: await departmentsOf(tx, house, [staff]),
      ask: seal(own.key, input.reason, contextOf(house, 'ask', id)),
      askedBy: actor.name,
      askedAt: now(),
    })
    if (!fresh) throw fail('stepin.asked')
    await record(tx, actor, {
      verb: 'stepin.asked',
      thing: { kind: 'conversation', id: convId },
      detail: { staff, reason: input.reason, ...(input.alert === null ? {} : { alert: input.alert }) },
    })
    if (review) {
      const moved = { corp: house.corp, alert: review.alertId, move: 'stepin', by: actor.name }
      await deps.jobs.enqueue(tx, CASE_MOVED, moved)
      await announce(tx, { kind: 'decision', corp: house.corp, id: review.alertId })
    }
  })
  return readWatched(deps.db, actor, set, convId)
}

/** What supervisors were asked, within their departments. The look is in the trail. */
export async function listStepIns(db: Db, actor: Actor): Promise<StepInView[]> {
  authorise(actor, 'alert.read')
  return inTransaction(db, async tx => {
    const { house } = actor
    const found = await selectStepIns(tx, house.corp, { departments: scopeOf(actor) })
    await record(tx, actor, {
      verb: 'stepin.listed',
      thing: { kind: 'wall', id: 'stepins' },
      detail: { shown: found.length },
    })
    return viewsOf(tx, house, found)
  })
}

/** The supervisor says what was done. Only where his departments are concerned, and only once. */
export async function answer(
  db: Db,
  actor: Actor,
  id: string,
  input: z.infer<typeof answerInput>,
): Promise<StepInView> {
  authorise(actor, 'stepin.answer')
  const { house } = actor
  return inTransaction(db, async tx => {
    const one = await lockStepIn(tx, house.corp, id)
    if (!one) throw fail('thing.missing', { stepin: id })
    authorise(actor, 'stepin.answer', { departments: one.departments })
    if (one.answeredAt !== null) throw fail('stepin.answered', { by: one.answeredBy ?? '' })
    const own = await house.keys.own(tx)
    const at = now()
    const sealed = seal(own.key, input.done, contextOf(house, 'answer', id))
    await answerStepIn(tx, house.corp, id, { sealed, by: actor.name, at })
    await record(tx, actor, {
      verb: 'stepin.answered',
      thing: { kind: 'conversation', id: one.key.convId },
      detail: { staff: one.staff, askedBy: one.askedBy, done: input.done },
    })
    if (one.alert) await announce(tx, { kind: 'decision', corp: house.corp, id: one.alert })
    const answered = { ...one, answer: sealed, answeredBy: actor.name, answeredAt: at }
    const [view] = await viewsOf(tx, house, [answered])
    if (!view) throw fail('thing.missing', { stepin: id })
    return view
  })
}

async function viewsOf(db: Db, house: House, found: StepIn[]): Promise<StepInView[]> {
  const names = await partiesOf(
    db,
    house,
    found.flatMap(one => [one.staff, one.counterpart]),
  )
  const named = (id: string) => names.get(id) ?? { id, kind: 'unknown' as const, name: id, department: null }
  return Promise.all(
    found.map(async one => ({
      id: one.id,
      convId: one.key.convId,
      key: one.key,
      alert: one.alert,
      staff: named(one.staff),
      counterpart: named(one.counterpart),
      reason: await opened(db, house, 'ask', { id: one.id, sealed: one.ask }),
      askedBy: one.askedBy,
      askedAt: one.askedAt,
      done: one.answer && (await opened(db, house, 'answer', { id: one.id, sealed: one.answer })),
      answeredBy: one.answeredBy,
      answeredAt: one.answeredAt,
    })),
  )
}
