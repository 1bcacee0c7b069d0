import type { Actor, Db, House } from '../base/index.ts'
import { type ReachRow, selectReachable } from './store.ts'

/** Everybody who may be told something, as the actor he would be when signed in. Disabled accounts are not among them. */
export async function reachable(db: Db, house: House): Promise<(Actor & { accountId: string })[]> {
  return (await selectReachable(db, house.corp, null)).map(row => actorFrom(house, row))
}

/** The same of one account; null when it is gone or disabled. */
export async function reachableAs(
  db: Db,
  house: House,
  accountId: string,
): Promise<(Actor & { accountId: string }) | null> {
  const [row] = await selectReachable(db, house.corp, accountId)
  return row ? actorFrom(house, row) : null
}

function actorFrom(house: House, row: ReachRow): Actor & { accountId: string } {
  const { accountId, username, role, userid, departments } = row
  return { house, kind: 'person', name: username, role, accountId, userid, departments }
}
