import {
  type Actor,
  addBusinessDays,
  type Db,
  fail,
  type House,
  newId,
  now,
  seal,
  type Tx,
} from '../base/index.ts'
import { record } from '../trail/index.ts'
import { categoryOf, isConcealedCategory } from './concealed.ts'
import { type Consequences, POINTS, type ViolationSource } from './contract.ts'
import { coursesFor } from './courses.ts'
import { countsFor, insertViolation, reverseRow } from './store.ts'
import { cancelTasks, insertTask } from './training-store.ts'

/** A violation a person confirmed. `happenedAt` is when it was done, in milliseconds: decay counts from there. */
export type Confirmed = {
  source: ViolationSource
  staff: string
  departments: readonly number[]
  severity: keyof typeof POINTS
  rules: readonly string[]
  happenedAt: number
  /** When it was confirmed, where an earlier system did; now without it. */
  confirmedAt?: number
}

/** Training is due within three business days of being assigned (企业内部预警线). */
const TRAINING_DAYS = 3

const concealed = (rules: readonly string[]): boolean =>
  rules.some(rule => isConcealedCategory(categoryOf(rule)))

/** What confirming this would lead to; writes nothing. */
export function foreseen(
  house: House,
  confirmed: Pick<Confirmed, 'severity' | 'rules' | 'confirmedAt'>,
): Consequences {
  const points = POINTS[confirmed.severity]
  const dueAt = addBusinessDays(confirmed.confirmedAt ?? now(), TRAINING_DAYS, house.zone)
  return {
    points,
    // A course would tell the person what he must not learn yet (regulation.md §3.0).
    courses:
      points === 0 || concealed(confirmed.rules)
        ? []
        : coursesFor(confirmed.rules).map(course => ({ course, dueAt })),
    penalty: confirmed.severity === 'P0',
  }
}

/**
 * Points and training for a violation that was just confirmed, in the caller's transaction. Who may confirm is the
 * caller's question. Throws `violation.counted` where the same source counts already.
 */
export async function confirmViolation(tx: Tx, actor: Actor, confirmed: Confirmed): Promise<Consequences> {
  const { house } = actor
  const follows = foreseen(house, confirmed)
  const id = newId()
  const at = confirmed.confirmedAt ?? now()
  const fresh = await insertViolation(tx, house.corp, {
    ...confirmed,
    ...{
      id,
      points: follows.points,
      concealed: concealed(confirmed.rules),
      confirmedBy: actor.name,
      confirmedAt: at,
    },
  })
  if (!fresh) throw fail('violation.counted', { source: confirmed.source.id })
  for (const { course, dueAt } of follows.courses)
    await insertTask(tx, house.corp, {
      ...{ id: newId(), violationId: id, staff: confirmed.staff, course, dueAt, assignedAt: at },
      ...{ assignedBy: actor.name, reasonSealed: null },
    })
  await record(tx, actor, {
    verb: 'violation.confirmed',
    thing: { kind: 'violation', id },
    detail: {
      source: `${confirmed.source.kind}:${confirmed.source.id}`,
      staff: confirmed.staff,
      points: follows.points,
      courses: follows.courses.map(({ course }) => course),
    },
  })
  return follows
}

/** Take back what followed from a source, when its conclusion is changed: points no longer count, training is cancelled. */
export async function reverseViolation(
  tx: Tx,
  actor: Actor,
  source: ViolationSource,
  reason: string,
): Promise<void> {
  const { house } = actor
  const own = await house.keys.own(tx)
  const sealed = seal(own.key, reason, reversalContext(house.corp, source))
  const id = await reverseRow(tx, house.corp, source, { by: actor.name, at: now(), sealed })
  if (id === null) return
  await cancelTasks(tx, house.corp, id, now())
  await record(tx, actor, {
    verb: 'violation.reversed',
    thing: { kind: 'violation', id },
    detail: { reason },
  })
}

/** Does this source count as a violation already? */
export function counted(db: Db, house: House, source: ViolationSource): Promise<boolean> {
  return countsFor(db, house.corp, source)
}

export function reversalContext(corp: number, source: ViolationSource): string {
  return `violation|${corp}|${source.kind}|${source.id}`
}
