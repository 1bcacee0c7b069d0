import { type Db, dayOf, type House, inTransaction, type JobQueue, type Tx } from '../base/index.ts'
import { alertsOf, RAISED, type StoredAlert } from '../monitor/index.ts'
import { departmentsOf } from '../people/index.ts'
import { dueAt } from './deadline.ts'
import { announce, insertReview, nextNumber, reviewedAmong } from './store.ts'

/** Take every alert the monitor tells of under review, and tell the boards. Idempotent by alert. */
export async function workIntake(db: Db, house: House, jobs: JobQueue): Promise<void> {
  await jobs.work(RAISED, payload => intake(db, house, payload.alerts))
}

export async function intake(db: Db, house: House, ids: string[]): Promise<void> {
  await inTransaction(db, async tx => {
    const known = await reviewedAmong(tx, house.corp, ids)
    const alerts = await alertsOf(
      tx,
      house,
      ids.filter(id => !known.has(id)),
    )
    const ordered = alerts.sort((a, b) => a.key.sentAt - b.key.sentAt || (a.id < b.id ? -1 : 1))
    for (const alert of ordered) await open(tx, house, alert)
  })
}

async function open(tx: Tx, house: House, alert: StoredAlert): Promise<void> {
  const prefix = `A-${dayOf(alert.raisedAt, house.zone).slice(5).replace('-', '')}-`
  const number = `${prefix}${String(await nextNumber(tx, house.corp, prefix)).padStart(4, '0')}`
  const fresh = await insertReview(tx, house.corp, {
    alertId: alert.id,
    number,
    severity: alert.severity,
    rules: alert.rules,
    staff: alert.staff,
    departments: await departmentsOf(tx, house, [alert.staff]),
    counterpart: alert.counterpart,
    room: alert.room,
    convId: alert.key.convId,
    sentAt: alert.key.sentAt,
    msgid: alert.key.msgid,
    raisedAt: alert.raisedAt,
    dueAt: dueAt(alert.severity, alert.raisedAt, house.zone),
  })
  if (fresh) await announce(tx, { kind: 'alert', corp: house.corp, id: alert.id })
}
