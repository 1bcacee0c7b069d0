import { readMessages } from '../archive/index.ts'
import { type Db, dayOf, type House, inRedoableTransaction, type JobQueue, type Tx } from '../base/index.ts'
import { alertsOf, RAISED, type StoredAlert } from '../monitor/index.ts'
import { departmentsOf } from '../people/index.ts'
import { isConcealedCategory } from '../policies/index.ts'
import { deadlines } from './deadline.ts'
import { CASE_MOVED } from './jobs.ts'
import { leadOf, textKey } from './near.ts'
import { announce, insertReview, lastNumber, reviewedAmong } from './store.ts'
import { categoriesOf, upgrade } from './upgrade.ts'

/** Boards hear of an alert when its transaction ends: a flood must not keep the first of it back until the last. */
const AT_ONCE = 10

/** Take every alert the monitor tells of under review, and tell the boards. Idempotent by alert. */
export async function workIntake(db: Db, house: House, jobs: JobQueue): Promise<void> {
  await jobs.work(RAISED, async ({ alerts }) => {
    for (let from = 0; from < alerts.length; from += AT_ONCE)
      await intake(db, house, jobs, alerts.slice(from, from + AT_ONCE))
  })
}

type Enqueue = Pick<JobQueue, 'enqueue'>

export async function intake(db: Db, house: House, jobs: Enqueue, ids: string[]): Promise<void> {
  await inRedoableTransaction(db, async tx => {
    const known = await reviewedAmong(tx, house.corp, ids)
    const alerts = await alertsOf(
      tx,
      house,
      ids.filter(id => !known.has(id)),
    )
    if (alerts.length === 0) return
    const ordered = alerts.sort((a, b) => a.key.sentAt - b.key.sentAt || (a.id < b.id ? -1 : 1))
    const texts = await textsOf(tx, house, ordered)
    const own = await house.keys.own(tx)
    const numbers = new Numbers(tx, house)
    for (const alert of ordered) {
      const words = textKey(house, own.key, texts.get(alert.key.msgid) ?? [])
      await open(tx, house, jobs, alert, { number: await numbers.next(alert.raisedAt), words })
    }
  })
}

async function textsOf(tx: Tx, house: House, alerts: StoredAlert[]): Promise<Map<string, string[]>> {
  const messages = await readMessages(
    tx,
    house,
    alerts.map(alert => alert.key),
  )
  return new Map(messages.map(({ key, texts }) => [key.msgid, texts.map(({ text }) => text)]))
}

/** Running numbers of the days on which this transaction's alerts were raised; each day is looked up once. */
class Numbers {
  readonly #last = new Map<string, number>()
  readonly #tx: Tx
  readonly #house: House

  constructor(tx: Tx, house: House) {
    this.#tx = tx
    this.#house = house
  }

  async next(raisedAt: number): Promise<string> {
    const prefix = `A-${dayOf(raisedAt, this.#house.zone).slice(5).replace('-', '')}-`
    const last = this.#last.get(prefix) ?? (await lastNumber(this.#tx, this.#house.corp, prefix))
    this.#last.set(prefix, last + 1)
    return `${prefix}${String(last + 1).padStart(4, '0')}`
  }
}

type Given = { number: string; words: Buffer | null }

async function open(
  tx: Tx,
  house: House,
  jobs: Enqueue,
  alert: StoredAlert,
  { number, words }: Given,
): Promise<void> {
  const due = deadlines(alert.severity, alert.raisedAt, house.zone)
  const concealed = categoriesOf(alert.rules).some(isConcealedCategory)
  const { staff, rules, counterpart, room, severity, raisedAt, key } = alert
  const departments = await departmentsOf(tx, house, [staff])
  const fresh = await insertReview(tx, house.corp, {
    ...{ alertId: alert.id, number, severity, rules, staff, departments, counterpart, room, raisedAt },
    ...{ concealed, convId: key.convId, sentAt: key.sentAt, msgid: key.msgid, textKey: words },
    ...{ acceptDueAt: due.accept, dueAt: due.first, closeDueAt: due.close },
    leadId: await leadOf(tx, house.corp, { staff, rules, sentAt: key.sentAt, concealed, textKey: words }),
  })
  if (!fresh) return
  await upgrade(tx, house, alert)
  await jobs.enqueue(tx, CASE_MOVED, { corp: house.corp, alert: alert.id, move: 'raised', by: null })
  await announce(tx, { kind: 'alert', corp: house.corp, id: alert.id })
}
