import { type Actor, dayOf, newId, now, type Tx } from '../base/index.ts'
import type { Severity } from '../monitor/index.ts'
import { record } from '../trail/index.ts'
import { deadlines } from './deadline.ts'
import {
  caseOfAlerts,
  insertCase,
  insertCaseAlert,
  insertCaseMove,
  nextCaseNumber,
  type OpenCase,
  openCaseOf,
  weighCase,
} from './file-store.ts'
import type { ReviewRow } from './store.ts'

export type Origin = 'hand' | 'merge' | 'escalation'

/**
 * One case for these alerts of one person: the one that an alert of theirs stands in already, if it is not closed, by
 * hand the person's own that is not closed, or a new one. Alerts that stand in another case stay there. Returns its id.
 */
export async function gather(
  tx: Tx,
  actor: Actor,
  reviews: readonly ReviewRow[],
  origin: Origin,
  severity: Severity,
): Promise<string> {
  const { corp } = actor.house
  const known = await caseOfAlerts(
    tx,
    corp,
    reviews.map(review => review.alertId),
  )
  const free = reviews.filter(review => !known.some(one => one.alertId === review.alertId))
  const into = known.find(one => one.state !== 'closed') ?? (await openAlready(tx, corp, reviews, origin))
  const file = into ?? (free.length === 0 ? known[0] : undefined)
  if (!file) return openCase(tx, actor, free, origin, severity)
  if (severity < file.severity || free.some(review => review.concealed))
    await weighCase(
      tx,
      corp,
      file.caseId,
      severity,
      free.some(review => review.concealed),
    )
  for (const review of free) await addTo(tx, actor, file, review)
  return file.caseId
}

/** By hand the alerts of one person come together; what is hidden stays apart from what is not. */
async function openAlready(
  tx: Tx,
  corp: number,
  reviews: readonly ReviewRow[],
  origin: Origin,
): Promise<OpenCase | undefined> {
  const [first] = reviews
  if (!first || origin === 'merge') return undefined
  return openCaseOf(
    tx,
    corp,
    first.staff,
    reviews.some(review => review.concealed),
  )
}

/** Add one alert to a case that is open. */
async function addTo(
  tx: Tx,
  actor: Actor,
  file: { caseId: string; number: string; state: string },
  review: ReviewRow,
): Promise<void> {
  const { corp } = actor.house
  const at = now()
  await insertCaseAlert(tx, corp, { caseId: file.caseId, alertId: review.alertId, by: actor.name, at })
  await insertCaseMove(tx, corp, {
    ...{ id: newId(), caseId: file.caseId, at, move: 'add', from: file.state, to: file.state },
    ...{ by: actor.name, role: actor.role, undoes: null, sealed: null },
  })
  await record(tx, actor, {
    verb: 'case.added',
    thing: { kind: 'case', id: file.caseId },
    detail: { number: file.number, alert: review.number },
  })
}

async function openCase(
  tx: Tx,
  actor: Actor,
  reviews: readonly ReviewRow[],
  origin: Origin,
  severity: Severity,
): Promise<string> {
  const { house } = actor
  const [first] = reviews
  if (!first) throw new Error('a case begins with an alert')
  const at = now()
  const id = newId()
  const prefix = `C-${dayOf(at, house.zone).slice(5).replace('-', '')}-`
  const number = `${prefix}${String(await nextCaseNumber(tx, house.corp, prefix)).padStart(4, '0')}`
  await insertCase(tx, house.corp, {
    ...{ id, number, severity, origin, staff: first.staff, departments: first.departments },
    concealed: reviews.some(review => review.concealed),
    ...{ openedBy: actor.name, openedAt: at, dueAt: deadlines(severity, at, house.zone).close },
  })
  for (const review of reviews)
    await insertCaseAlert(tx, house.corp, { caseId: id, alertId: review.alertId, by: actor.name, at })
  await insertCaseMove(tx, house.corp, {
    ...{ id: newId(), caseId: id, at, move: 'open', from: null, to: 'investigating' },
    ...{ by: actor.name, role: actor.role, undoes: null, sealed: null },
  })
  await record(tx, actor, {
    verb: 'case.opened',
    thing: { kind: 'case', id },
    detail: { number, origin, alerts: reviews.length },
  })
  return id
}
