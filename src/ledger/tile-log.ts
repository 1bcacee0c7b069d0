import { refuse, requireCount } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import {
  appendLeaves,
  countHashes,
  decodeSize,
  emptyFrontier,
  encodeSize,
  type Frontier,
  frontierRoot,
  rootOfRun,
} from './merkle.ts'
import { levelCount, levelsOf, TILE_HEIGHT, TILE_WIDTH, tilePath, tileWidth } from './tile-path.ts'
import { type ReadTile, tileBytes } from './tile-reader.ts'

const TILE_BYTES = TILE_WIDTH * HASH_BYTES

/**
 * All that is needed to go on appending: the size and, for each tile level, the hashes of its rightmost tile while
 * that is not full. A value: appending returns a new one, so a sealer whose transaction rolls back keeps the old.
 */
export type TileLog = { readonly size: number; readonly edges: readonly Buffer[] }

/** A tile to be stored. `replaces` are paths of partial tiles that may exist and may be deleted once it is. */
export type TileWrite = {
  readonly path: string
  readonly bytes: Buffer
  readonly replaces: readonly string[]
}

/** The log with no leaves. */
export function emptyTileLog(): TileLog {
  return { size: 0, edges: [] }
}

/**
 * Appends leaf hashes that lie one after another in `leafHashes`; returns the log after them and every tile of every
 * level that is new or has grown. Store the tiles before publishing a checkpoint of the new size.
 *
 * A partial tile stays until its full tile is there, as C2SP tlog-tiles demands: checkpoints of earlier sizes need it.
 * Throws `ledger.hash_length`, or `ledger.range` when the tree is full.
 */
export function appendTiles(log: TileLog, leafHashes: Uint8Array): { log: TileLog; writes: TileWrite[] } {
  const size = log.size + countHashes(leafHashes)
  requireCount('size', size)
  const edges: Buffer[] = []
  const writes: TileWrite[] = []
  let hashes = leafHashes
  for (let level = 0; level < levelsOf(size); level++) {
    const edge = log.edges[level] ?? Buffer.alloc(0)
    const index = Math.floor(levelCount(level, log.size) / TILE_WIDTH)
    const grown = growLevel(level, index, edge, hashes)
    edges.push(grown.edge)
    writes.push(...grown.writes)
    hashes = grown.roots
  }
  return { log: { size, edges }, writes }
}

/** The compact range of the log's tree, from which its root and further appends can be had. */
export function tileLogFrontier(log: TileLog): Frontier {
  const frontier = emptyFrontier()
  frontier.size = log.size
  log.edges.forEach((edge, level) => {
    // The peaks inside a tile of level l are those of the whole tree between heights 8 l and 8 l + 7.
    const inside = emptyFrontier()
    appendLeaves(inside, edge)
    inside.peaks.copy(frontier.peaks, level * TILE_HEIGHT * HASH_BYTES, 0, TILE_HEIGHT * HASH_BYTES)
  })
  return frontier
}

/** The root of the log's tree (RFC 6962 §2.1). */
export function tileLogRoot(log: TileLog): Buffer {
  return frontierRoot(tileLogFrontier(log))
}

/** A log's state as bytes: size as a big-endian u64, then the rightmost partial tiles from level 0 upwards. */
export function encodeTileLog(log: TileLog): Buffer {
  return Buffer.concat([encodeSize(log.size), ...log.edges])
}

/** Reads {@link encodeTileLog}. Throws `ledger.state_malformed` unless every byte is accounted for. */
export function decodeTileLog(bytes: Uint8Array): TileLog {
  const size = decodeSize(bytes)
  let at = encodeSize(size).length
  const edges = edgeWidths(size).map(width => {
    const edge = Buffer.from(bytes.subarray(at, at + width * HASH_BYTES))
    at += width * HASH_BYTES
    return edge
  })
  if (at !== bytes.length) throw refuse('ledger.state_malformed', { bytes: bytes.length, expected: at })
  return { size, edges }
}

/** The paths {@link resumeTileLog} reads: the partial tiles on the right edge of a tree of `size` leaves. */
export function edgeTilePaths(size: number): string[] {
  requireCount('size', size)
  return edgeWidths(size).flatMap((width, level) =>
    width === 0 ? [] : [tilePath(level, Math.floor(levelCount(level, size) / TILE_WIDTH), width)],
  )
}

/**
 * The state of a log of `size` leaves from its stored tiles: at most seven reads. It trusts the tiles, so compare
 * {@link tileLogRoot} with the signed checkpoint. Throws `ledger.tile_missing` or `ledger.tile_length`.
 */
export function resumeTileLog(size: number, readTile: ReadTile): TileLog {
  requireCount('size', size)
  const edges = edgeWidths(size).map((width, level) => {
    if (width === 0) return Buffer.alloc(0)
    return Buffer.from(tileBytes(level, Math.floor(levelCount(level, size) / TILE_WIDTH), width, readTile))
  })
  return { size, edges }
}

/**
 * The state of a log of `size` leaves from its level-0 tiles alone, hashing everything above them anew: one SHA-256
 * a leaf. Throws `ledger.tile_missing` or `ledger.tile_length`.
 */
export function rebuildTileLog(size: number, readTile: ReadTile): TileLog {
  requireCount('size', size)
  let log = emptyTileLog()
  while (log.size < size) {
    const index = log.size / TILE_WIDTH
    log = appendTiles(log, tileBytes(0, index, tileWidth(0, index, size), readTile)).log
  }
  return log
}

/** Adds `hashes` to one level whose rightmost tile, `index`, holds `edge`; `roots` are what the next level gains. */
function growLevel(level: number, index: number, edge: Buffer, hashes: Uint8Array) {
  if (hashes.length === 0) return { edge, writes: [], roots: hashes }
  const row = Buffer.concat([edge, hashes])
  const fullTiles = Math.floor(row.length / TILE_BYTES)
  const roots = Buffer.alloc(fullTiles * HASH_BYTES)
  const writes: TileWrite[] = []
  for (let i = 0; i < fullTiles; i++) {
    const bytes = row.subarray(i * TILE_BYTES, (i + 1) * TILE_BYTES)
    rootOfRun(bytes).copy(roots, i * HASH_BYTES)
    const replaces = i === 0 ? partialPaths(level, index, edge.length / HASH_BYTES) : []
    writes.push({ path: tilePath(level, index + i), bytes, replaces })
  }
  const rest = row.subarray(fullTiles * TILE_BYTES)
  if (rest.length > 0) {
    const path = tilePath(level, index + fullTiles, rest.length / HASH_BYTES)
    writes.push({ path, bytes: rest, replaces: [] })
  }
  // A copy, or the state would keep the whole batch in memory.
  return { edge: Buffer.from(rest), writes, roots }
}

function partialPaths(level: number, index: number, upToWidth: number): string[] {
  return Array.from({ length: upToWidth }, (_, i) => tilePath(level, index, i + 1))
}

function edgeWidths(size: number): number[] {
  return Array.from({ length: levelsOf(size) }, (_, level) => levelCount(level, size) % TILE_WIDTH)
}
