import type { z } from 'zod'
import { type Actor, type Db, fail, inTransaction, newId, now } from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import type { becauseOf, ClassView, Institution, proposeClass, RetentionView } from './contract.ts'
import { longestFor, scheduleOf } from './schedule.ts'
import { openWords, sealWords } from './sealed.ts'
import {
  type ClassRow,
  insertApproval,
  insertClass,
  insertClassEnd,
  keepLock,
  selectClasses,
} from './store.ts'

/** What is in force, for the screen: the lines of this institution, and which materials may be purged at all. */
export async function readRetention(
  db: Db,
  actor: Actor,
  institution: Institution,
  purgeReady: boolean,
): Promise<RetentionView> {
  authorise(actor, 'retention.read')
  const { house } = actor
  const rows = await selectClasses(db, house.corp)
  const classes = await Promise.all(
    rows.map(async row => viewOf(row, (await openWords(db, house, 'class', row.id, row.sealed)).note)),
  )
  return { institution, rules: scheduleOf(institution), classes, purgeReady }
}

function viewOf(row: ClassRow, note: string): ClassView {
  const { sealed: _, ...shown } = row
  return { ...shown, note, state: stateOf(row) }
}

function stateOf({ approvedBy, endedBy }: ClassRow): ClassView['state'] {
  if (approvedBy === null) return endedBy === null ? 'proposed' : 'withdrawn'
  return endedBy === null ? 'active' : 'disabled'
}

/**
 * Propose that a material may be destroyed after its period. A period under the schedule's is refused with its basis
 * (`retention.below_law`, 422): only upwards. Nothing happens until a second person approves.
 */
export async function proposePurgeClass(
  db: Db,
  actor: Actor,
  institution: Institution,
  input: z.infer<typeof proposeClass>,
): Promise<string> {
  authorise(actor, 'retention.propose')
  const rule = longestFor(scheduleOf(institution), input.material)
  if (!rule) throw fail('retention.no_period', { material: input.material })
  if (input.years < rule.years)
    throw fail('retention.below_law', {
      material: input.material,
      years: input.years,
      least: rule.years,
      basis: rule.basis,
    })
  const { house } = actor
  return inTransaction(db, async tx => {
    await keepLock(tx, house.corp)
    const standing = (await selectClasses(tx, house.corp)).find(
      row => row.material === input.material && row.endedBy === null,
    )
    if (standing) throw fail('retention.moved', { state: stateOf(standing) })
    const id = newId()
    const sealed = await sealWords(tx, house, 'class', id, { note: input.note })
    const { material, years } = input
    await insertClass(tx, house.corp, {
      id,
      material,
      years,
      sealed,
      proposedBy: actor.name,
      proposedAt: now(),
    })
    await record(tx, actor, {
      verb: 'retention.class_proposed',
      thing: { kind: 'retention_class', id },
      detail: { material, years, note: input.note },
    })
    return id
  })
}

/** The second person's yes. `approval.own` for whoever proposed it. */
export async function approvePurgeClass(db: Db, actor: Actor, id: string): Promise<void> {
  authorise(actor, 'retention.approve')
  const { house } = actor
  await inTransaction(db, async tx => {
    await keepLock(tx, house.corp)
    const row = await need(tx, house.corp, id)
    if (stateOf(row) !== 'proposed') throw fail('retention.moved', { state: stateOf(row) })
    if (row.proposedBy === actor.name) throw fail('approval.own')
    await insertApproval(tx, house.corp, { id, proposedBy: row.proposedBy, by: actor.name, at: now() })
    await record(tx, actor, {
      verb: 'retention.class_approved',
      thing: { kind: 'retention_class', id },
      detail: { material: row.material, years: row.years },
    })
  })
}

/** Withdraw or disable: one person is enough, because keeping harms nobody. What waits for approval stays unapproved. */
export async function endPurgeClass(
  db: Db,
  actor: Actor,
  id: string,
  input: z.infer<typeof becauseOf>,
): Promise<void> {
  authorise(actor, 'retention.end')
  const { house } = actor
  await inTransaction(db, async tx => {
    await keepLock(tx, house.corp)
    const row = await need(tx, house.corp, id)
    if (row.endedBy !== null) throw fail('retention.moved', { state: stateOf(row) })
    const sealed = await sealWords(tx, house, 'classEnd', id, input)
    await insertClassEnd(tx, house.corp, { id, by: actor.name, at: now(), sealed })
    await record(tx, actor, {
      verb: 'retention.class_ended',
      thing: { kind: 'retention_class', id },
      detail: { material: row.material, reason: input.reason },
    })
  })
}

async function need(db: Db, corp: number, id: string): Promise<ClassRow> {
  const row = (await selectClasses(db, corp)).find(found => found.id === id)
  if (!row) throw fail('thing.missing', { class: id })
  return row
}
