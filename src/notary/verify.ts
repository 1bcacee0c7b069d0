import type { Db, House } from '../base/index.ts'
import { messageOf } from '../base/index.ts'
import {
  appendTiles,
  type Checkpoint,
  emptyTileLog,
  hashLeaf,
  TILE_WIDTH,
  type TileLog,
  tileLogRoot,
  tilePath,
} from '../ledger/index.ts'
import { type Outside, outsideCheckpoint, readCheckpoint, tileName } from './outside.ts'
import {
  checkpointsFrom,
  countPending,
  type LogId,
  leavesFrom,
  newestCheckpoint,
  type StoredLeaf,
  strayLeaves,
} from './store.ts'

/** What is wrong and where. `index` is the leaf, or null for something the ledger does not know at all. */
export type Problem = { log: LogId; index: number | null; what: string; ref: string | null }
export type LogReport = {
  log: LogId
  size: number
  pending: number
  outsideSize: number | null
  root: string
  problems: Problem[]
}
/** Check what a chunk of leaves stands for; the ledger itself knows only their hashes. */
export type CheckLeaves = (leaves: StoredLeaf[]) => Promise<Problem[]>

const CHUNK = 8192
/** Past this many, more of the same helps nobody. */
const ENOUGH = 100
const HASH = 32

type Walk = {
  db: Db
  house: House
  outside: Outside
  log: LogId
  problems: Problem[]
  outer: Checkpoint | null
  outerMatched: boolean
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
): Promise<LogReport> {
  const walk: Walk = { db, house, outside, log, problems: [], outer: null, outerMatched: false }
  walk.outer = await readOuter(walk)
  // The empty log's root is agreed with before the first leaf.
  walk.outerMatched =
    walk.outer?.size === 0 && tileLogRoot(emptyTileLog()).equals(Buffer.from(walk.outer.root))
  let tree = emptyTileLog()
  for (;;) {
    const leaves = await leavesFrom(db, house.corp, log, tree.size, CHUNK)
    if (leaves.length === 0) break
    const whole = await contiguous(walk, leaves, tree.size)
    await compareTiles(walk, whole)
    walk.problems.push(...(await check(whole)))
    tree = await growTo(walk, tree, whole)
    if (whole.length < leaves.length || walk.problems.length >= ENOUGH) break
  }
  await finish(walk, tree)
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
  }
}

function add(walk: Walk, index: number | null, what: string, ref: string | null = null): void {
  walk.problems.push({ log: walk.log, index, what, ref })
}

async function readOuter(walk: Walk): Promise<Checkpoint | null> {
  try {
    const outer = await outsideCheckpoint(walk.outside, walk.log)
    if (!outer && (await newestCheckpoint(walk.db, walk.house.corp, walk.log)))
      add(walk, 0, 'no checkpoint outside the database')
    return outer
  } catch (error) {
    add(walk, 0, `the checkpoint outside the database is not ours: ${messageOf(error)}`)
    return null
  }
}

/** Leaves up to the first gap. */
async function contiguous(walk: Walk, leaves: StoredLeaf[], from: number): Promise<StoredLeaf[]> {
  const gap = leaves.findIndex((leaf, i) => leaf.idx !== from + i)
  if (gap === -1) return leaves
  add(walk, from + gap, 'leaf missing', null)
  return leaves.slice(0, gap)
}

/** Level-0 tiles outside hold each leaf's hash: the first difference names the first rewritten index. */
async function compareTiles(walk: Walk, leaves: StoredLeaf[]): Promise<void> {
  const outerSize = walk.outer?.size ?? 0
  for (const [tile, group] of byTile(leaves)) {
    if (tile * TILE_WIDTH >= outerSize) return
    const bytes = await readTile(walk, tile, Math.min(TILE_WIDTH, outerSize - tile * TILE_WIDTH))
    if (!bytes) {
      add(walk, tile * TILE_WIDTH, 'tile missing outside the database')
      continue
    }
    const bad = group.find(
      leaf =>
        leaf.idx < outerSize &&
        !hashLeaf(leaf.recordHash).equals(
          bytes.subarray((leaf.idx % TILE_WIDTH) * HASH, ((leaf.idx % TILE_WIDTH) + 1) * HASH),
        ),
    )
    if (bad) add(walk, bad.idx, 'leaf differs from the tile outside the database', bad.ref)
  }
}

function byTile(leaves: StoredLeaf[]): Map<number, StoredLeaf[]> {
  return Map.groupBy(leaves, leaf => Math.floor(leaf.idx / TILE_WIDTH))
}

/** A partial tile is deleted once a fuller one is written, and the fuller one begins with the same hashes. */
async function readTile(walk: Walk, tile: number, width: number): Promise<Buffer | null> {
  const exact = await walk.outside.blobs.get(tileName(walk.log, tilePath(0, tile, width)))
  return exact ?? walk.outside.blobs.get(tileName(walk.log, tilePath(0, tile)))
}

/** Append leaves, pausing at each checkpoint's size to compare the root. */
async function growTo(walk: Walk, from: TileLog, leaves: StoredLeaf[]): Promise<TileLog> {
  const end = from.size + leaves.length
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
    tree = grow(tree, leaves.slice(tree.size - from.size, mark.size - from.size))
    const agrees =
      tileLogRoot(tree).equals(mark.root) &&
      (mark.note === null || signedSame(walk, mark.note, mark.size, mark.root))
    if (mark.note === null) walk.outerMatched = agrees
    if (!agrees)
      add(
        walk,
        mark.size - 1,
        mark.note === null
          ? 'root differs from the checkpoint outside the database'
          : 'checkpoint in the database does not match its leaves or its signature',
      )
  }
  return grow(tree, leaves.slice(tree.size - from.size))
}

function grow(tree: TileLog, leaves: StoredLeaf[]): TileLog {
  return leaves.length === 0
    ? tree
    : appendTiles(tree, Buffer.concat(leaves.map(leaf => hashLeaf(leaf.recordHash)))).log
}

function signedSame(walk: Walk, note: string, size: number, root: Buffer): boolean {
  try {
    const signed = readCheckpoint(walk.outside, walk.log, note)
    return signed.size === size && root.equals(Buffer.from(signed.root))
  } catch {
    return false
  }
}

async function finish(walk: Walk, tree: TileLog): Promise<void> {
  const newest = await newestCheckpoint(walk.db, walk.house.corp, walk.log)
  const stray = await strayLeaves(walk.db, walk.house.corp, walk.log)
  if (stray > 0) add(walk, null, `${stray} leaves outside the log's one run`)
  if (walk.problems.length >= ENOUGH) return
  const promised = Math.max(walk.outer?.size ?? 0, newest?.size ?? 0)
  if (tree.size < promised && !walk.problems.some(p => p.index === tree.size))
    add(walk, tree.size, `leaves from here to ${promised - 1} are missing`)
  if ((newest?.size ?? 0) < tree.size) add(walk, newest?.size ?? 0, 'leaves without a checkpoint')
  if (walk.outer && walk.outer.size <= tree.size && !walk.outerMatched && walk.problems.length === 0) {
    add(walk, walk.outer.size - 1, 'root differs from the checkpoint outside the database')
  }
}
