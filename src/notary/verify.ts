import type { Db, House } from '../base/index.ts'
import { messageOf, sql } from '../base/index.ts'
import {
  appendTiles,
  type Checkpoint,
  emptyTileLog,
  HASH_BYTES,
  hashLeaves,
  type TileLog,
  type TileWrite,
  tileLogRoot,
} from '../ledger/index.ts'
import { inSegments, type Seam, strayLeaves } from './epoch-store.ts'
import {
  checkpointName,
  eraOf,
  type Outside,
  outsideCheckpoint,
  publicKeyStands,
  readCheckpoint,
  VERIFIER,
} from './outside.ts'
import { type StageClock, stageClock } from './stages.ts'
import {
  checkpointAt,
  checkpointsFrom,
  countPending,
  type LogId,
  leavesFrom,
  newestCheckpoint,
  type StoredLeaf,
  strayCheckpoints,
} from './store.ts'
import { epochFaults, eraAt, holeAt, lostSeamFaults, readSeams, type Seams } from './verify-epochs.ts'
import { edgeFaults, leafHashesOutside, leafTileFaults, upperTileFaults } from './verify-tiles.ts'

/**
 * What is wrong and where. `index` is the leaf, or null for something the ledger does not know at all; `file` names
 * the file outside the database, below the ledger's or the media folder, where the difference lies.
 */
export type Problem = { log: LogId; index: number | null; what: string; ref: string | null; file?: string }
export type LogReport = {
  log: LogId
  size: number
  pending: number
  outsideSize: number | null
  root: string
  problems: Problem[]
  /** The tree over all leaves walked; a later walk may go on behind it. */
  tree: TileLog
  /** False when it was ended before the newest leaf. */
  whole: boolean
  /** Where a restore fell behind and a new epoch was opened; empty for a log that never did. */
  epochs: Seam[]
}
/** Check what a chunk of leaves stands for; the ledger itself knows only their hashes. */
export type CheckLeaves = (leaves: StoredLeaf[]) => Promise<Problem[]>

/** Leaves of one step; a step is what can be paused after, so it is also what an interruption loses. */
const STEP = 4096
/** Past this many, more of the same helps nobody. */
const ENOUGH = 100

export type WalkOptions = {
  /** Go on behind this tree: an earlier walk has checked its leaves. */
  from?: TileLog
  /** Stop before this many leaves are behind the tree's end; what is not walked is not judged. */
  upTo?: number
  clock?: StageClock
  /** After each step: may wait, to keep a pace; false ends the walk there. */
  after?: (tree: TileLog, problems: readonly Problem[]) => Promise<boolean>
}

type Walk = {
  db: Db
  house: House
  outside: Outside
  log: LogId
  problems: Problem[]
  outer: Checkpoint | null
  outerMatched: boolean
  /** Size of the newest checkpoint in the database that agrees with its leaves and is signed by us. */
  agreed: number
  /** Partial tiles already compared; many checkpoints share one. */
  compared: Set<string>
  clock: StageClock
  seams: Seams
}

/**
 * Recompute a log from its leaves and hold it against every signed checkpoint, inside and outside the database, and
 * against the tiles outside, which name the very index where a consistent rewrite begins.
 */
export async function verifyLog(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  check: CheckLeaves,
  options: WalkOptions = {},
): Promise<LogReport> {
  const clock = options.clock ?? stageClock()
  const walk: Walk = {
    ...{ db, house, outside, log, problems: [], outer: null, clock },
    ...{
      outerMatched: false,
      agreed: 0,
      compared: new Set(),
      seams: await readSeams(db, house, outside, log),
    },
  }
  let tree = options.from ?? emptyTileLog()
  walk.outer = await readOuter(walk)
  walk.outerMatched = await matchedBefore(walk, tree)
  let whole = true
  for (;;) {
    const crossed = await crossHole(walk, tree)
    if (crossed === 'stuck') break
    tree = crossed
    const wanted = Math.min(STEP, Math.max(0, (options.upTo ?? Number.POSITIVE_INFINITY) - tree.size))
    const leaves = await clock.time('read', () => leavesFrom(db, house.corp, log, tree.size, wanted))
    const run = contiguous(walk, leaves, tree.size)
    if (run.length > 0) {
      tree = await step(walk, tree, run, check)
      whole = (await options.after?.(tree, walk.problems)) ?? true
    }
    if (!whole || walk.problems.length >= ENOUGH) break
    const ended = leaves.length < wanted || run.length < leaves.length
    if (ended && holeAt(walk.seams, tree.size) === null) break
    whole = tree.size < (options.upTo ?? Number.POSITIVE_INFINITY)
    if (!whole) break
  }
  if (whole) await clock.time('tree', () => finish(walk, tree))
  const problems = walk.problems.sort(
    (a, b) => (a.index ?? Number.MAX_SAFE_INTEGER) - (b.index ?? Number.MAX_SAFE_INTEGER),
  )
  return {
    log,
    size: tree.size,
    pending: await countPending(db, house.corp, log),
    outsideSize: walk.outer?.size ?? null,
    root: tileLogRoot(tree).toString('hex'),
    problems,
    tree,
    whole,
    epochs: walk.seams.list,
  }
}

/** One step: what the leaves stand for, their hashes against the tiles outside, the tree against every checkpoint. */
async function step(walk: Walk, tree: TileLog, leaves: StoredLeaf[], check: CheckLeaves): Promise<TileLog> {
  const hashes = walk.clock.sync('hash', () => hashLeaves(leaves.map(leaf => leaf.recordHash)))
  await walk.clock.time('tree', async () => {
    const size = walk.outer?.size ?? 0
    walk.problems.push(...(await leafTileFaults(walk, leaves, hashes, size)))
  })
  walk.problems.push(...epochFaults(walk.house, walk.log, walk.seams, leaves))
  walk.problems.push(...(await check(leaves.filter(leaf => leaf.kind !== 'epoch'))))
  return walk.clock.time('tree', () => growTo(walk, tree, hashes))
}

/** Does the checkpoint outside agree with the part of the tree that an earlier walk has checked? */
async function matchedBefore(walk: Walk, tree: TileLog): Promise<boolean> {
  const { outer } = walk
  if (!outer || outer.size > tree.size) return false
  if (outer.size === tree.size || outer.size === 0) {
    // The empty log's root is agreed with before the first leaf.
    const at = outer.size === 0 ? emptyTileLog() : tree
    return tileLogRoot(at).equals(Buffer.from(outer.root))
  }
  const inner = await checkpointAt(walk.db, walk.house.corp, walk.log, outer.size)
  return inner?.root.equals(Buffer.from(outer.root)) ?? false
}

function add(
  walk: Walk,
  index: number | null,
  what: string,
  more: { ref?: string; file?: string } = {},
): void {
  const { ref = null, file } = more
  walk.problems.push({ log: walk.log, index, what, ref, ...(file === undefined ? {} : { file }) })
}

async function readOuter(walk: Walk): Promise<Checkpoint | null> {
  if (walk.log === 'archive' && !(await publicKeyStands(walk.outside)))
    add(walk, null, 'the public key beside the ledger is not ours', { file: VERIFIER })
  try {
    const outer = await outsideCheckpoint(walk.outside, walk.log)
    if (!outer && (await newestCheckpoint(walk.db, walk.house.corp, walk.log)))
      add(walk, null, 'no checkpoint outside the database', { file: checkpointName(walk.log) })
    return outer
  } catch (error) {
    add(walk, null, `the checkpoint outside the database is not ours: ${messageOf(error)}`, {
      file: checkpointName(walk.log),
    })
    return null
  }
}

/** Leaves up to the first gap. */
function contiguous(walk: Walk, leaves: StoredLeaf[], from: number): StoredLeaf[] {
  const gap = leaves.findIndex((leaf, i) => leaf.idx !== from + i)
  if (gap === -1) return leaves
  if (holeAt(walk.seams, from + gap) !== null) return leaves.slice(0, gap)
  add(walk, from + gap, 'leaf missing')
  return leaves.slice(0, gap)
}

/**
 * Past leaves that a restore has lost: their hashes stand in the tiles outside, and the seam says so. The tree must then
 * have the root that was signed before, and before the hole the one the seam says the database had.
 */
async function crossHole(walk: Walk, tree: TileLog): Promise<TileLog | 'stuck'> {
  const { house, log, seams } = walk
  const hole = holeAt(seams, tree.size)
  if (hole === null) return tree
  const seam = seams.list.findLast(
    ({ first, databaseSize }) => first === hole.to && databaseSize === hole.from,
  )
  if (!seam?.databaseRoot.equals(tileLogRoot(tree)))
    add(walk, hole.from, 'before the seam the database does not have the root the seam says')
  const found = await leafHashesOutside(walk, hole, walk.outer?.size ?? 0)
  if (!Buffer.isBuffer(found)) {
    walk.problems.push(found)
    return 'stuck'
  }
  walk.problems.push(...lostSeamFaults(house, log, seams, hole, found))
  const grown = await growTo(walk, tree, found)
  if (seam && !signedSame(walk, seam.outsideNote, hole.to, tileLogRoot(grown)))
    add(walk, hole.to, 'the tiles outside do not give the checkpoint the seam quotes')
  return grown
}

/** Append leaves, pausing at each checkpoint's size to compare the root. */
async function growTo(walk: Walk, from: TileLog, hashes: Buffer): Promise<TileLog> {
  const end = from.size + hashes.length / HASH_BYTES
  const cut = (to?: number): Buffer =>
    hashes.subarray(
      (tree.size - from.size) * HASH_BYTES,
      to === undefined ? undefined : (to - from.size) * HASH_BYTES,
    )
  const writes: TileWrite[] = []
  const inner = await checkpointsFrom(walk.db, walk.house.corp, walk.log, from.size, end)
  const marks = inner.map(point => ({
    size: point.size,
    root: point.root,
    note: point.note as string | null,
  }))
  if (walk.outer && walk.outer.size > from.size && walk.outer.size <= end)
    marks.push({ size: walk.outer.size, root: Buffer.from(walk.outer.root), note: null })
  let tree = from
  for (const mark of marks.sort((a, b) => a.size - b.size)) {
    tree = grow(tree, cut(mark.size), writes)
    const agrees =
      tileLogRoot(tree).equals(mark.root) &&
      (mark.note === null || signedSame(walk, mark.note, mark.size, mark.root))
    if (mark.note === null) {
      walk.outerMatched = agrees
      await compareUpper(walk, () => edgeFaults(walk, tree, tree.size))
    }
    if (agrees && mark.note !== null) {
      walk.agreed = mark.size
      await compareUpper(walk, () => edgeFaults(walk, tree, walk.outer?.size ?? 0, walk.compared))
    }
    if (agrees) continue
    if (mark.note === null)
      add(walk, mark.size - 1, 'root differs from the checkpoint outside the database', {
        file: checkpointName(walk.log),
      })
    else
      add(walk, mark.size - 1, 'checkpoint in the database does not match its leaves or its signature', {
        ref: `checkpoint ${mark.size}`,
      })
  }
  tree = grow(tree, cut(), writes)
  await compareUpper(walk, () => upperTileFaults(walk, writes, walk.outer?.size ?? 0))
  return tree
}

/** Tiles above the leaves follow from them: where a leaf differs they must differ too, and say nothing new. */
async function compareUpper(walk: Walk, faults: () => Promise<Problem[]>): Promise<void> {
  if (walk.problems.every(problem => problem.index === null)) walk.problems.push(...(await faults()))
}

function grow(tree: TileLog, hashes: Buffer, writes: TileWrite[]): TileLog {
  if (hashes.length === 0) return tree
  const grown = appendTiles(tree, hashes)
  writes.push(...grown.writes)
  return grown.log
}

function signedSame(walk: Walk, note: string, size: number, root: Buffer): boolean {
  try {
    const signed = readCheckpoint(walk.outside, walk.log, note)
    const [era, due] = [eraOf(signed), eraAt(walk.seams, size)]
    const sameEra = era.epoch === due.epoch && era.first === due.first
    return sameEra && signed.size === size && root.equals(Buffer.from(signed.root))
  } catch {
    return false
  }
}

async function finish(walk: Walk, tree: TileLog): Promise<void> {
  const { db, house, log, outer } = walk
  const { segments, problems: seamFaults } = walk.seams
  walk.problems.push(...seamFaults)
  const stray = await strayLeaves(db, house.corp, log, segments)
  if (stray > 0) add(walk, null, `${stray} leaves outside the log's one run`)
  const strays = await strayCheckpoints(db, house.corp, log, tree.size, inSegments(segments, sql`(size - 1)`))
  for (const name of strays)
    add(walk, null, 'checkpoint in the database that belongs to no size of the log', {
      ref: `checkpoint ${name}`,
    })
  if (walk.problems.length >= ENOUGH) return
  const newest = await newestSigned(walk)
  const promised = Math.max(outer?.size ?? 0, newest)
  if (tree.size < promised && !walk.problems.some(p => p.index === tree.size))
    add(walk, tree.size, `leaves from here to ${promised - 1} are missing`)
  // Where a checkpoint differs or has strayed, that is the reason, and has been named.
  if (newest < tree.size && walk.problems.length === 0) add(walk, newest, 'leaves without a checkpoint')
  if (outer && outer.size <= tree.size && !walk.outerMatched && walk.problems.length === 0) {
    add(walk, outer.size - 1, 'root differs from the checkpoint outside the database', {
      file: checkpointName(log),
    })
  }
}

/** How far our own signature says the log reaches; a row that somebody altered says nothing. */
async function newestSigned(walk: Walk): Promise<number> {
  const newest = await newestCheckpoint(walk.db, walk.house.corp, walk.log)
  if (!newest) return 0
  return signedSame(walk, newest.note, newest.size, newest.root) ? newest.size : Math.max(walk.agreed, 0)
}
