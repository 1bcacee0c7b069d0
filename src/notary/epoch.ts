import { type Db, fail, type House, now, type Tx } from '../base/index.ts'
import {
  appendTiles,
  consistencyProof,
  emptyRoot,
  hashLeaf,
  tileLogRoot,
  verifyConsistency,
  withTiles,
} from '../ledger/index.ts'
import { insertSeam, type Seam } from './epoch-store.ts'
import { checkpointName, eraOf, type Outside, readCheckpoint, signCheckpoint } from './outside.ts'
import { outerTiles } from './prove.ts'
import { treeAt } from './sealer.ts'
import { seamRecord } from './seam.ts'
import { countPending, insertCheckpoint, insertLeaf, type LogId, lockLog, newestCheckpoint } from './store.ts'

/**
 * `level`: nothing to decide. `behind`: the database is an earlier state of what stands outside, so a new epoch may say
 * so. `diverged`: it is no such state; somebody wrote one of the two, and no epoch may cover that.
 */
export type EpochPlan = {
  log: LogId
  state: 'level' | 'behind' | 'diverged'
  /** The epoch that would be opened. */
  epoch: number
  outside: { size: number; root: string } | null
  database: { size: number; root: string }
  /** Leaves of which only hashes are left: from, up to and including to. */
  lost: { from: number; to: number } | null
  pending: number
}

/** What a restore has done to a log, and what opening a new epoch would do. Reads only. */
export async function planEpoch(db: Db, house: House, outside: Outside, log: LogId): Promise<EpochPlan> {
  const { inner, outer, ...standing } = await standings(db, house, outside, log)
  const behind = outer !== null && outer.size > inner.size
  const prefix = !behind || (await isPrefix(outside, log, inner, outer))
  return {
    log,
    state: !behind ? 'level' : prefix ? 'behind' : 'diverged',
    epoch: Math.max(standing.epoch, outer ? eraOf(outer).epoch : 0) + 1,
    outside: outer && { size: outer.size, root: Buffer.from(outer.root).toString('hex') },
    database: { size: inner.size, root: inner.root.toString('hex') },
    lost: behind ? { from: inner.size, to: outer.size - 1 } : null,
    pending: await countPending(db, house.corp, log),
  }
}

type Head = { size: number; root: Buffer }

async function standings(db: Db, house: House, outside: Outside, log: LogId) {
  const stored = await newestCheckpoint(db, house.corp, log)
  const bytes = await outside.blobs.get(checkpointName(log))
  const note = bytes?.toString('utf8') ?? null
  const outer = note === null ? null : readCheckpoint(outside, log, note)
  const inner: Head = { size: stored?.size ?? 0, root: stored?.root ?? emptyRoot() }
  return { inner, outer, note, epoch: stored?.epoch ?? 0 }
}

/** Is the tree the database was signed at the beginning of the tree outside (RFC 9162 §2.1.4)? */
async function isPrefix(
  outside: Outside,
  log: LogId,
  inner: Head,
  outer: { size: number; root: Uint8Array },
): Promise<boolean> {
  const proof = await withTiles(outer.size, outerTiles(outside, log), hashAt =>
    consistencyProof(inner.size, outer.size, hashAt),
  )
  const roots = { firstRoot: inner.root, secondRoot: outer.root }
  return verifyConsistency({ first: inner.size, second: outer.size, ...roots, proof })
}

/**
 * Open a new epoch in the caller's transaction, so that its trail entry stands or falls with it. The log goes on where
 * the checkpoint outside ends; its next leaf says what was lost, why, and who decided. The sealer copies it outside.
 *
 * @throws ledger.fork unless the database is an earlier state of what stands outside; blob.missing when tiles are.
 */
export async function openEpoch(
  tx: Tx,
  house: House,
  outside: Outside,
  log: LogId,
  decision: { reason: string; by: string },
): Promise<Seam> {
  await lockLog(tx, house.corp, log)
  const plan = await planEpoch(tx, house, outside, log)
  const { inner, outer, note } = await standings(tx, house, outside, log)
  if (plan.state !== 'behind' || outer === null || note === null)
    throw fail('ledger.fork', {
      log,
      state: plan.state,
      hint: 'a new epoch is for a database that fell behind, and for nothing else',
    })
  const seam: Seam = {
    epoch: plan.epoch,
    first: outer.size,
    databaseSize: inner.size,
    databaseRoot: inner.root,
    outsideNote: note,
    ...decision,
    at: now(),
  }
  const recordHash = seamRecord(house, log, seam)
  const tree = await treeAt(outside, log, outer.size)
  if (!tileLogRoot(tree).equals(Buffer.from(outer.root)))
    throw fail('ledger.fork', { log, hint: 'tiles and checkpoint outside the database differ' })
  const { epoch, first } = seam
  const next = appendTiles(tree, hashLeaf(recordHash)).log
  const root = tileLogRoot(next)
  await insertSeam(tx, house.corp, log, seam)
  await insertLeaf(tx, house.corp, log, epoch, { idx: first, kind: 'epoch', recordHash, ref: String(epoch) })
  await insertCheckpoint(tx, house.corp, log, {
    epoch,
    size: next.size,
    root,
    note: signCheckpoint(outside, log, next.size, root, { epoch, first }),
    sealedAt: seam.at,
  })
  return seam
}
