import type { Db, House, Tx } from '../base/index.ts'
import { type Outside, outsideCheckpoint } from './outside.ts'
import { countPending, insertPending, type LogId, type NewLeaf, newestCheckpoint } from './store.ts'

export { type Outside, openOutside } from './outside.ts'
export { type Sealer, startSealer } from './sealer.ts'
export type { LogId, NewLeaf, StoredLeaf } from './store.ts'
export { type CheckLeaves, type LogReport, type Problem, verifyLog } from './verify.ts'

/** Hand records to a log, in the transaction that made them. The sealer gives them their index within a second. */
export function logLeaves(tx: Tx, house: House, log: LogId, leaves: NewLeaf[]): Promise<void> {
  return insertPending(tx, house.corp, log, leaves)
}

export type LogState = {
  sealed: number
  pending: number
  sealedAt: number | null
  root: string | null
  outsideSize: number | null
}

/** Where a log stands, inside and outside the database. */
export async function logState(db: Db, house: House, outside: Outside, log: LogId): Promise<LogState> {
  const newest = await newestCheckpoint(db, house.corp, log)
  const outer = await outsideCheckpoint(outside, log).catch(() => null)
  return {
    sealed: newest?.size ?? 0,
    pending: await countPending(db, house.corp, log),
    sealedAt: newest?.sealedAt ?? null,
    root: newest?.root.toString('hex') ?? null,
    outsideSize: outer?.size ?? null,
  }
}
