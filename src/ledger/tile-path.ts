import { refuse, requireCount } from './errors.ts'

/** Hashes in a full tile (C2SP tlog-tiles: tiles are eight tree levels high). */
export const TILE_WIDTH = 256

/** Tree levels from one tile level to the next. */
export const TILE_HEIGHT = 8

// C2SP tlog-tiles allows levels 0 to 63.
const MAX_LEVEL = 63

const PATH = /^tile\/(\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/

/** Which tile: its level, its place in that level, and how many hashes it holds (256 when full). */
export type TileId = { readonly level: number; readonly index: number; readonly width: number }

/**
 * Where a tile is served: `tile/<level>/<index>` with `.p/<width>` unless full, and the index cut into groups of
 * three digits, so that 1234067 is `x001/x234/067` and no folder grows past a thousand names (C2SP tlog-tiles).
 * Throws `ledger.range`.
 */
export function tilePath(level: number, index: number, width: number = TILE_WIDTH): string {
  requireCount('level', level)
  requireCount('index', index)
  requireCount('width', width)
  if (level > MAX_LEVEL || width === 0 || width > TILE_WIDTH) throw refuse('ledger.range', { level, width })
  const suffix = width === TILE_WIDTH ? '' : `.p/${width}`
  return `tile/${level}/${groupsOfThree(index)}${suffix}`
}

/** Reads {@link tilePath}. Throws `ledger.tile_path` unless it is exactly what tilePath would have written. */
export function parseTilePath(path: string): TileId {
  const [, level, groups, width] = PATH.exec(path) ?? []
  if (level === undefined || groups === undefined) throw refuse('ledger.tile_path', { path })
  const tile = {
    level: Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: width === undefined ? TILE_WIDTH : Number(width),
  }
  if (!isTile(tile) || tilePath(tile.level, tile.index, tile.width) !== path) {
    throw refuse('ledger.tile_path', { path })
  }
  return tile
}

/** How many hashes the whole of a tile level holds in a tree of `size` leaves: one for each full tile below. */
export function levelCount(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level)
}

/** How many tile levels a tree of `size` leaves has. */
export function levelsOf(size: number): number {
  let levels = 0
  while (levelCount(levels, size) > 0) levels++
  return levels
}

/** How many hashes tile `index` of `level` holds in a tree of `size` leaves: 0 (there is none) to 256 (full). */
export function tileWidth(level: number, index: number, size: number): number {
  return Math.max(0, Math.min(TILE_WIDTH, levelCount(level, size) - index * TILE_WIDTH))
}

function groupsOfThree(index: number): string {
  const digits = String(index)
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0')
  return padded.replaceAll(/\d{3}(?=\d)/g, 'x$&/')
}

function isTile(tile: TileId): boolean {
  return (
    tile.level <= MAX_LEVEL && Number.isSafeInteger(tile.index) && tile.width > 0 && tile.width <= TILE_WIDTH
  )
}
