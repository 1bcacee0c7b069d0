import { z } from 'zod'
import { defineJob, inTransaction, type JobKind, newId, now, systemActor, type Tx } from '../../base/index.ts'
import { reachableAs } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import type { WecomEvent } from '../../wecom/index.ts'
import { selectReview } from '../store.ts'
import type { Receiver } from './audience.ts'
import { nameOfAccount } from './book.ts'
import { PRESS_KEYS } from './contract.ts'
import { alertUrl, type DeliveryDeps } from './deps.ts'
import { factsOf } from './facts.ts'
import { openPress, sealPress, sealUpdate } from './sealed.ts'
import {
  insertPress,
  insertUpdate,
  type PressRow,
  selectDelivery,
  selectPress,
  settlePress,
} from './store.ts'
import { type TakenUp, takeUp } from './take-up.ts'
import { clockWords, pressWords, takenFace } from './words.ts'

const pressed = z.object({ corp: z.number().int(), press: z.uuid() })
/** Somebody pressed a button on a card of ours. */
export const CARD_PRESSED: JobKind<z.infer<typeof pressed>> = defineJob('cases.pressed', pressed)

/** The name of a card in WeCom: that of its delivery. */
const TASK = /^tj-([0-9a-f-]{36})$/
export const taskOf = (delivery: string): string => `tj-${delivery}`

/** WeCom says that a card was pressed (wecom-api.md §2.3): kept in the event's transaction, worked after it. */
export async function onCardEvent(
  tx: Tx,
  deps: Omit<DeliveryDeps, 'db' | 'rules'>,
  event: WecomEvent,
): Promise<boolean> {
  const { house, jobs } = deps
  const delivery = TASK.exec(event.fields.TaskId ?? '')?.[1]
  const key = PRESS_KEYS.find(one => one === event.fields.EventKey)
  if (!delivery || !key || !(await selectDelivery(tx, house.corp, delivery))) return false
  const id = newId()
  const sealed = await sealPress(tx, house, id, { from: event.from, code: event.fields.ResponseCode ?? '' })
  await insertPress(tx, house.corp, { id, delivery, key, sealed, at: event.at })
  await jobs.enqueue(tx, CARD_PRESSED, { corp: house.corp, press: id })
  return true
}

/** Do what the press asks as the person whose card it was, and have the card say what came of it. */
export async function onPress(deps: DeliveryDeps, id: string): Promise<void> {
  const { db, house, rules, jobs } = deps
  const press = await selectPress(db, house.corp, id)
  if (!press || press.outcome !== null) return
  const delivery = await selectDelivery(db, house.corp, press.delivery)
  const inside = await openPress(db, house, id, press.sealed)
  const person = delivery && (await reachableAs(db, house, delivery.receiver))
  const alert = delivery?.alert ?? null
  let came: TakenUp | { outcome: 'foreign'; by: null }
  if (!person || person.userid !== inside.from) came = { outcome: 'foreign', by: null }
  else if (alert === null) came = { outcome: 'missing', by: null }
  else came = await takeUp(db, person, rules(), jobs, alert)
  await settle(deps, { press, inside, person: person ?? null, alert, came })
}

type Pressed = {
  press: PressRow
  inside: { from: string; code: string }
  person: Receiver | null
  alert: string | null
  came: { outcome: TakenUp['outcome'] | 'foreign'; by: string | null }
}

async function settle(deps: DeliveryDeps, { press, inside, person, alert, came }: Pressed): Promise<void> {
  const { db, house, ways } = deps
  await inTransaction(db, async tx => {
    const { outcome } = came
    if (!(await settlePress(tx, house.corp, press.id, outcome, now()))) return
    const review = alert === null ? null : await selectReview(tx, house.corp, alert)
    const foreign = outcome === 'foreign' || !person
    await record(tx, foreign ? systemActor(house, 'card') : person, {
      verb: 'alert.pressed',
      thing: { kind: 'alert', id: alert ?? press.delivery },
      detail: { number: review?.number ?? '', key: press.key, outcome },
    })
    if (!ways.cards || inside.code === '' || !review) return
    const facts = (await factsOf(tx, house, deps.rules(), [review], 'none')).get(review.alertId)
    if (!facts) return
    const self = (await nameOfAccount(tx, house, person?.name ?? null)) ?? ''
    const other = await nameOfAccount(tx, house, came.by)
    const words = pressWords(outcome, press.key, { self, other }, clockWords(now(), house.zone))
    const id = newId()
    const face = takenFace(facts, words, pressUrl(deps, review.alertId, press.key, outcome), house.zone)
    const shown = foreign || outcome === 'denied' ? { ...face, title: '不能处理', lines: [] } : face
    const sealed = await sealUpdate(tx, house, id, { userid: inside.from, code: inside.code, face: shown })
    await insertUpdate(tx, house.corp, { id, sealed, at: now() })
  })
}

/** A false alarm is decided where its words are seen and its reason is written: the card leads there. */
function pressUrl({ ways }: DeliveryDeps, alert: string, key: PressRow['key'], outcome: string): string {
  const mine = outcome === 'taken' || outcome === 'again'
  return `${alertUrl(ways, alert)}${mine && key === 'false_positive' ? '&conclude=false_positive' : ''}`
}
