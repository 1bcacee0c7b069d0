import type { Db, House, Tx } from '../base/index.ts'
import { type Outside, outsideCheckpoint } from './outside.ts'
import { countPending, insertPending, type LogId, type NewLeaf, newestCheckpoint } from './store.ts'

export { type EpochPlan, openEpoch, planEpoch } from './epoch.ts'
export type { Seam } from './epoch-store.ts'
export { type Fixing, fixingCheckpoint, leafHashes, leafIndexOf } from './fixing.ts'
export { isFinal, type Outside, openOutside } from './outside.ts'
export { leafProblems, strangerProblems } from './problems.ts'
export { type LeafProof, type Proven, type ProvenStamp, proveLeaves } from './prove.ts'
export { type Final, s3Blobs } from './s3-blobs.ts'
export { type Sealer, startSealer } from './sealer.ts'
export { type LogSnapshot, logSnapshot } from './snapshot.ts'
export { type Stage, type StageClock, stageClock } from './stages.ts'
export { type LogId, type NewLeaf, newestCheckpoint, type StoredLeaf } from './store.ts'
export {
  type Authorities,
  openAuthorities,
  type StampDeps,
  type StampState,
  stampAnchors,
  stampNow,
  stampState,
  startStamping,
} from './timestamp.ts'
export { type CheckLeaves, type LogReport, type Problem, verifyLog, type WalkOptions } from './verify.ts'
export { type StampReport, verifyStamps } from './verify-stamps.ts'

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
