import { setTimeout as wait } from 'node:timers/promises'
import {
  edgeTilePaths,
  HASH_BYTES,
  parseTilePath,
  TILE_WIDTH,
  type TileLog,
  type TileWrite,
  tilePath,
  tileWidth,
} from '../ledger/index.ts'
import { type Outside, outsideCheckpoint, tileName } from './outside.ts'
import type { LogId, StoredLeaf } from './store.ts'
import type { Problem } from './verify.ts'

type Where = { outside: Outside; log: LogId }

/** Level-0 tiles outside hold each leaf's hash: the first difference names the first rewritten index. */
export async function leafTileFaults(
  where: Where,
  leaves: StoredLeaf[],
  hashes: Buffer,
  outerSize: number,
): Promise<Problem[]> {
  const found: Problem[] = []
  const first = leaves[0]?.idx ?? 0
  const end = Math.min(first + leaves.length, outerSize)
  for (let at = first; at < end; ) {
    const tile = Math.floor(at / TILE_WIDTH)
    const upTo = Math.min(end, (tile + 1) * TILE_WIDTH)
    const ours = hashes.subarray((at - first) * HASH_BYTES, (upTo - first) * HASH_BYTES)
    const problem = await leafTileFault(where, { tile, at, ours }, outerSize)
    if (problem) found.push({ ...problem, ref: leaves[(problem.index ?? first) - first]?.ref ?? null })
    at = upTo
  }
  return found
}

async function leafTileFault(
  where: Where,
  part: { tile: number; at: number; ours: Buffer },
  outerSize: number,
): Promise<Problem | null> {
  const { tile, at, ours } = part
  const { log } = where
  const read = await readTile(where, 0, tile, outerSize)
  if (!read.bytes)
    return { log, index: at, what: 'tile missing outside the database', ref: null, file: read.file }
  const begin = (at % TILE_WIDTH) * HASH_BYTES
  const theirs = read.bytes.subarray(begin, begin + ours.length)
  if (theirs.equals(ours) && read.bytes.length === read.width * HASH_BYTES) return null
  const different = differsAt(ours, theirs)
  // Nothing of what is ours differs: the file is longer or shorter than a tile of its name.
  const index = at + Math.floor((different === -1 ? ours.length - 1 : different) / HASH_BYTES)
  const what =
    different === -1 ? 'tile outside has another length' : 'leaf differs from the tile outside the database'
  return { log, index, what, ref: null, file: read.file }
}

function differsAt(a: Buffer, b: Buffer): number {
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return i
  return -1
}

/** Full tiles above level 0 follow from those below; a proof reads them, so they must be right as well. */
export async function upperTileFaults(
  where: Where,
  writes: TileWrite[],
  outerSize: number,
): Promise<Problem[]> {
  const found: Problem[] = []
  for (const write of writes) {
    const { level, index, width } = parseTilePath(write.path)
    if (level === 0 || width < TILE_WIDTH || tileWidth(level, index, outerSize) < TILE_WIDTH) continue
    const theirs = await where.outside.blobs.get(tileName(where.log, write.path))
    if (theirs?.equals(write.bytes)) continue
    found.push(upperFault(where, level, index, write.path, theirs === null))
  }
  return found
}

/**
 * The partial tiles at the right edge of a tree that a checkpoint speaks of. Those of the checkpoint outside must be
 * there. Those of earlier checkpoints stay until their full tile is written and serve older proofs: give `compared`,
 * and each that is still there is compared once.
 */
export async function edgeFaults(
  where: Where,
  tree: TileLog,
  outerSize: number,
  compared?: Set<string>,
): Promise<Problem[]> {
  const found: Problem[] = []
  for (const path of edgeTilePaths(tree.size)) {
    const { level, index, width } = parseTilePath(path)
    const ours = tree.edges[level]?.subarray(0, width * HASH_BYTES)
    if (!ours) continue
    if (compared) {
      // Filled since: its partial tiles are gone, or about to go.
      const filled = tileWidth(level, index, outerSize) === TILE_WIDTH
      if (filled || compared.has(path)) continue
      compared.add(path)
      const theirs = await where.outside.blobs.get(tileName(where.log, path))
      if (theirs && !theirs.equals(ours)) found.push(edgeFault(where, path, ours, theirs))
      continue
    }
    // Level 0 has been compared leaf by leaf.
    if (level === 0) continue
    const read = await readTile(where, level, index, tree.size)
    const same = read.bytes?.subarray(0, ours.length).equals(ours)
    if (!same || read.bytes?.length !== read.width * HASH_BYTES)
      found.push(upperFault(where, level, index, path, read.bytes === null))
  }
  return found
}

function edgeFault(where: Where, path: string, ours: Buffer, theirs: Buffer): Problem {
  const { level, index } = parseTilePath(path)
  if (level > 0) return upperFault(where, level, index, path, false)
  const place = index * TILE_WIDTH + Math.floor(Math.max(0, differsAt(ours, theirs)) / HASH_BYTES)
  const what = 'leaf differs from the tile outside the database'
  return { log: where.log, index: place, what, ref: null, file: tileName(where.log, path) }
}

function upperFault(where: Where, level: number, index: number, path: string, missing: boolean): Problem {
  return {
    log: where.log,
    index: index * TILE_WIDTH ** (level + 1),
    what: missing
      ? 'tile missing outside the database'
      : 'tile outside does not follow from the leaves below it',
    ref: null,
    file: tileName(where.log, path),
  }
}

/** Hashes of leaves that only the level-0 tiles outside still hold; the problem, where one is not there. */
export async function leafHashesOutside(
  where: Where,
  { from, to }: { from: number; to: number },
  outerSize: number,
): Promise<Buffer | Problem> {
  const parts: Buffer[] = []
  for (let at = from; at < to; ) {
    const tile = Math.floor(at / TILE_WIDTH)
    const end = Math.min(to, (tile + 1) * TILE_WIDTH)
    const { bytes, file } = await readTile(where, 0, tile, outerSize)
    const part = bytes?.subarray((at % TILE_WIDTH) * HASH_BYTES, (end - tile * TILE_WIDTH) * HASH_BYTES)
    if (part?.length !== (end - at) * HASH_BYTES)
      return { log: where.log, index: at, what: 'tile missing outside the database', ref: null, file }
    parts.push(part)
    at = end
  }
  return Buffer.concat(parts)
}

type Read = { bytes: Buffer | null; width: number; file: string }
const LOOKS = 10
const LOOK_MS = 20

/**
 * A partial tile is deleted once a fuller one is written, and the fuller one begins with the same hashes. While the
 * sealer goes on, the newest checkpoint outside says how wide it is by now.
 */
async function readTile(where: Where, level: number, index: number, outerSize: number): Promise<Read> {
  let size = outerSize
  for (let look = 0; ; look += 1) {
    const width = tileWidth(level, index, size)
    const file = tileName(where.log, tilePath(level, index, width))
    const bytes = await where.outside.blobs.get(file)
    if (bytes || look === LOOKS) return { bytes, width, file }
    const full =
      width < TILE_WIDTH ? await where.outside.blobs.get(tileName(where.log, tilePath(level, index))) : null
    if (full) return { bytes: full, width: TILE_WIDTH, file: tileName(where.log, tilePath(level, index)) }
    const newer = await outsideCheckpoint(where.outside, where.log).catch(() => null)
    // Nothing has grown since: it is gone, and no sealer took it.
    if (!newer || newer.size === size) return { bytes: null, width, file }
    size = newer.size
    await wait(LOOK_MS)
  }
}
