import { type Actor, fail, now, type Tx } from '../../base/index.ts'
import { record } from '../../trail/index.ts'
import { INSPECTION_MOVES, type InspectionState } from './contract.ts'
import { selectInspection, updateInspection } from './store.ts'

/** Move an inspection on, with its trail entry, in the caller's transaction. Throws `inspection.moved` off the table. */
export async function moveInspection(
  tx: Tx,
  actor: Actor,
  plan: string,
  to: InspectionState,
): Promise<InspectionState> {
  const { corp } = actor.house
  const inspection = await selectInspection(tx, corp, plan, { lock: true })
  if (!inspection) throw fail('thing.missing', { plan })
  const moves: readonly string[] = INSPECTION_MOVES[inspection.state]
  if (!moves.includes(to)) throw fail('inspection.moved', { state: inspection.state, to })
  await updateInspection(tx, corp, { plan, state: to, by: actor.name, at: now() })
  await record(tx, actor, {
    verb: 'inspection.moved',
    thing: { kind: 'sample', id: plan },
    detail: { from: inspection.state, to },
  })
  return to
}
