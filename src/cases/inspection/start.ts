import { type Actor, now, type Tx } from '../../base/index.ts'
import { insertInspection } from './store.ts'

/** An inspection begins with its plan. */
export async function startInspection(tx: Tx, actor: Actor, plan: string): Promise<void> {
  await insertInspection(tx, actor.house.corp, { plan, by: actor.name, at: now() })
}
