import { type Actor, type Db, fail, inTransaction, now, type Tx } from '../../base/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { moveInspection } from '../inspection/move.ts'
import { selectInspection } from '../inspection/store.ts'
import { UNIT_MOVES, type UnitRow, type UnitState } from './contract.ts'
import { isOwn } from './own.ts'
import { sealWords } from './sealed.ts'
import { lockUnit, markConcluded, markOpened, type UnitStored } from './store.ts'
import { noteContext, unitRows } from './view.ts'

type At = { plan: string; unit: string }

/** The unit, held until this transaction ends, for somebody who may review it. */
export async function heldUnit(tx: Tx, actor: Actor, at: At): Promise<UnitStored> {
  authorise(actor, 'sample.review')
  const unit = await lockUnit(tx, actor.house.corp, at.plan, at.unit)
  if (!unit) throw fail('thing.missing', { unit: at.unit })
  if (await isOwn(tx, actor, [unit.department])) throw fail('sample.own_department')
  return unit
}

/** Somebody begins to read a unit. The look is in the trail, with what there is to read; it concludes nothing. */
export async function openUnit(db: Db, actor: Actor, at: At): Promise<UnitRow> {
  return inTransaction(db, async tx => {
    const unit = await heldUnit(tx, actor, at)
    if (unit.state === 'waiting' || unit.state === 'opened') {
      // Whoever reads it last concludes it: the conclusion is of somebody who has read.
      await markOpened(tx, actor.house.corp, { ...at, by: actor.name, at: now() })
      const inspection = await selectInspection(tx, actor.house.corp, at.plan)
      if (inspection?.state === 'sampled') await moveInspection(tx, actor, at.plan, 'checking')
    }
    await record(tx, actor, {
      verb: 'sample.unit_opened',
      thing: { kind: 'sample', id: at.plan },
      detail: { unit: at.unit, shown: unit.messages },
    })
    return one(tx, actor, at)
  })
}

/** Conclude that a unit holds nothing to object to. */
export async function concludeClean(db: Db, actor: Actor, at: At, note: string): Promise<UnitRow> {
  return inTransaction(db, async tx => {
    const unit = await heldUnit(tx, actor, at)
    await conclude(tx, actor, unit, 'clean', note)
    return one(tx, actor, at)
  })
}

/** The conclusion of a unit and its trail entry, in the caller's transaction. */
export async function conclude(
  tx: Tx,
  actor: Actor,
  unit: UnitStored,
  to: 'clean' | 'finding',
  note: string,
): Promise<void> {
  const { house } = actor
  requireMove(unit.state, to)
  if (unit.openedBy !== actor.name) throw fail('sample.unread', { from: unit.state, to })
  const inspection = await selectInspection(tx, house.corp, unit.plan, { lock: true })
  if (inspection?.state !== 'checking')
    throw fail('inspection.moved', { state: inspection?.state ?? '', to: 'checking' })
  const sealed = await sealWords(tx, house, noteContext(unit), note)
  const done = { plan: unit.plan, unit: unit.unit, state: to, by: actor.name, at: now(), sealed }
  await markConcluded(tx, house.corp, done)
  await record(tx, actor, {
    verb: 'sample.unit_concluded',
    thing: { kind: 'sample', id: unit.plan },
    detail: { unit: unit.unit, to, note },
  })
}

/** Opened is not reviewed, and not opened cannot be. */
function requireMove(from: UnitState, to: UnitState): void {
  const moves: readonly string[] = UNIT_MOVES[from]
  if (!moves.includes(to)) throw fail(from === 'waiting' ? 'sample.unread' : 'sample.concluded', { from, to })
}

async function one(tx: Tx, actor: Actor, at: At): Promise<UnitRow> {
  const unit = await lockUnit(tx, actor.house.corp, at.plan, at.unit)
  const [row] = unit ? await unitRows(tx, actor, [unit]) : []
  if (!row) throw fail('thing.missing', { unit: at.unit })
  return row
}
