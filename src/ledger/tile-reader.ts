import { refuse, requireCount } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { rootOfRun } from './merkle.ts'
import type { HashAt } from './proof.ts'
import { TILE_HEIGHT, TILE_WIDTH, tilePath, tileWidth } from './tile-path.ts'

/** The bytes of the tile at a path, or undefined when there is none. */
export type ReadTile = (path: string) => Uint8Array | undefined

/** Reads many tiles at once; a path that does not exist is absent from the answer. */
export type ReadTiles = (paths: readonly string[]) => Promise<ReadonlyMap<string, Uint8Array>>

/**
 * Serves the hashes a proof needs from the tiles of a log of `size` leaves. `size` says which tiles exist and may be
 * later than the tree the proof is about: a hash never changes once it is there.
 * The function it returns throws `ledger.range`, `ledger.tile_missing` or `ledger.tile_length`.
 */
export function hashFromTiles(size: number, readTile: ReadTile): HashAt {
  requireCount('size', size)
  return (level, index) => {
    const run = locate(level, index, size)
    const bytes = tileBytes(run.level, run.index, run.width, readTile)
    return rootOfRun(bytes.subarray(run.begin * HASH_BYTES, run.end * HASH_BYTES))
  }
}

/**
 * The paths of all tiles that `build` (which makes a proof from a {@link HashAt}) will read, found by running it once
 * on hashes of zeros: which hashes a proof needs depends on sizes only.
 */
export function tilesNeeded(size: number, build: (hashAt: HashAt) => unknown): string[] {
  requireCount('size', size)
  const paths = new Set<string>()
  build((level, index) => {
    const run = locate(level, index, size)
    paths.add(tilePath(run.level, run.index, run.width))
    return Buffer.alloc(HASH_BYTES)
  })
  return [...paths]
}

/**
 * Runs `build` on the tiles of a log of `size` leaves, read together in one request; in a second one, full tiles in
 * place of partial ones that were deleted meanwhile. Throws as {@link hashFromTiles} and `readTiles` do.
 */
export async function withTiles<T>(
  size: number,
  readTiles: ReadTiles,
  build: (hashAt: HashAt) => T,
): Promise<T> {
  const paths = tilesNeeded(size, build)
  const tiles = await readTiles(paths)
  const grown = paths.filter(path => !tiles.has(path)).map(fullTilePath)
  const fullTiles = grown.length === 0 ? tiles : await readTiles(grown)
  return build(hashFromTiles(size, path => tiles.get(path) ?? fullTiles.get(path)))
}

/**
 * The first `width` hashes of a tile. A partial tile may be deleted once the full one exists (C2SP tlog-tiles), and
 * the full one begins with the same hashes, so it serves as well.
 * Throws `ledger.tile_missing` or `ledger.tile_length`.
 */
export function tileBytes(level: number, index: number, width: number, readTile: ReadTile): Uint8Array {
  const path = tilePath(level, index, width)
  const exact = readTile(path)
  if (exact !== undefined) return requireTileLength(path, exact, width)
  const full = width < TILE_WIDTH ? readTile(tilePath(level, index)) : undefined
  if (full === undefined) throw refuse('ledger.tile_missing', { path })
  return requireTileLength(path, full, TILE_WIDTH).subarray(0, width * HASH_BYTES)
}

/** Where the leaves of a perfect subtree stand: a run of 2^(height mod 8) hashes inside one tile. */
function locate(height: number, place: number, size: number) {
  requireCount('level', height)
  requireCount('index', place)
  const level = Math.floor(height / TILE_HEIGHT)
  const count = 2 ** (height % TILE_HEIGHT)
  const first = place * count
  const index = Math.floor(first / TILE_WIDTH)
  const begin = first % TILE_WIDTH
  const end = begin + count
  const width = tileWidth(level, index, size)
  if (end > width) throw refuse('ledger.range', { level: height, index: place, size })
  return { level, index, width, begin, end }
}

function fullTilePath(path: string): string {
  return path.replace(/\.p\/\d+$/, '')
}

function requireTileLength(path: string, bytes: Uint8Array, width: number): Uint8Array {
  if (bytes.length !== width * HASH_BYTES) throw refuse('ledger.tile_length', { path, bytes: bytes.length })
  return bytes
}
