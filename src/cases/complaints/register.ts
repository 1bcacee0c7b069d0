import type { z } from 'zod'
import { authoriseConversation, readMessages } from '../../archive/index.ts'
import { type Actor, type Db, dayOf, fail, inTransaction, newId, now, type Tx } from '../../base/index.ts'
import { authorise, directoryOf } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { mayKnow } from '../judge.ts'
import { selectReview } from '../store.ts'
import { deadlineOf } from './clock.ts'
import type { registerComplaint } from './contract.ts'
import { sealPart } from './sealed.ts'
import { insertComplaint, insertStep, nextNumber } from './store.ts'

type Input = z.infer<typeof registerComplaint>

/**
 * Take in a complaint: by hand, or from the message or alert in which the customer complained. Its clock began when it
 * came, not when it was written down. `thing.missing` for an unknown person, message or alert, `complaint.known` where the
 * message is a complaint already, `request.invalid` when it came in the future.
 */
export async function register(db: Db, actor: Actor, input: Input): Promise<string> {
  authorise(actor, 'complaint.handle')
  const at = now()
  if (input.receivedAt > at) throw fail('request.invalid', { hint: '收到时间不能晚于现在' })
  return inTransaction(db, async tx => {
    const { house } = actor
    const given = await withSource(tx, actor, input)
    const { people } = await directoryOf(tx, house)
    if (given.staff !== null && !people.has(given.staff)) throw fail('thing.missing', { staff: given.staff })
    const departments = given.staff === null ? [] : (people.get(given.staff)?.departments ?? [])
    const id = newId()
    const number = await nextNumber(tx, house.corp, dayOf(at, house.zone).slice(0, 4))
    const words = JSON.stringify({ text: input.text, name: input.name, contact: input.contact })
    const clock = { grade: 'normal', extended: false, receivedAt: input.receivedAt } as const
    const { source, kind, product, channel } = input
    const fresh = await insertComplaint(tx, house.corp, {
      ...{ id, number, source, kind, product, channel, departments, receivedAt: input.receivedAt },
      ...{ staff: given.staff, customer: given.customer, alertId: given.alertId, message: given.message },
      ...{ registeredBy: actor.name, registeredAt: at, dueAt: deadlineOf(clock, house.zone) },
      wordsSealed: await sealPart(tx, house, 'words', id, words),
    })
    if (!fresh) throw fail('complaint.known')
    const step = newId()
    await insertStep(tx, house.corp, id, {
      ...{ id: step, act: 'register', from: '', to: 'registered', by: actor.name, at },
      sealed: await sealPart(tx, house, 'step', step, ''),
    })
    await record(tx, actor, {
      verb: 'complaint.registered',
      thing: { kind: 'complaint', id },
      detail: {
        number,
        source,
        kind,
        product,
        ...(given.staff === null ? {} : { staff: given.staff }),
        text: input.text,
      },
    })
    return id
  })
}

/** Who and what the message or the alert is about; what was given by hand stays. */
async function withSource(
  tx: Tx,
  actor: Actor,
  input: Input,
): Promise<Pick<Input, 'staff' | 'customer' | 'alertId' | 'message'>> {
  const { house } = actor
  const { staff, customer, alertId, message } = input
  if (alertId !== null) {
    const review = await selectReview(tx, house.corp, alertId)
    if (!review || !mayKnow(actor, review)) throw fail('thing.missing', { alert: alertId })
    authorise(actor, 'alert.read', { departments: review.departments })
    const key = { convId: review.convId, sentAt: review.sentAt, msgid: review.msgid }
    return {
      ...{ alertId, message: key, staff: staff ?? review.staff },
      customer: customer ?? (review.room ? null : review.counterpart),
    }
  }
  if (message === null) return { staff, customer, alertId, message }
  await authoriseConversation(tx, actor, message.convId)
  const [opened] = await readMessages(tx, house, [message])
  if (!opened) throw fail('thing.missing', { message: message.msgid })
  const { people } = await directoryOf(tx, house)
  const others = [opened.from, ...opened.to]
  return {
    ...{ alertId, message },
    staff: staff ?? others.find(id => people.has(id)) ?? null,
    customer: customer ?? others.find(id => !people.has(id)) ?? null,
  }
}
