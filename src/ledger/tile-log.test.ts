import fc from 'fast-check'
import { expect, test } from 'vitest'
import { appendLeaf, frontierRoot, hashLeaf, rootOf } from './merkle.ts'
import {
  appendTiles,
  decodeTileLog,
  edgeTilePaths,
  emptyTileLog,
  encodeTileLog,
  rebuildTileLog,
  resumeTileLog,
  type TileLog,
  type TileWrite,
  tileLogFrontier,
  tileLogRoot,
} from './tile-log.ts'

const COUNT = 70_000
const leaves = Buffer.concat(Array.from({ length: COUNT }, (_, i) => hashLeaf(Buffer.from(`leaf ${i}`))))
const run = (from: number, to: number) => leaves.subarray(from * 32, to * 32)
const each = (to: number) => Array.from({ length: to }, (_, i) => run(i, i + 1))

/** Stores tiles as a sealer would, deleting what each write replaces. */
function store(tiles: Map<string, Buffer>, writes: readonly TileWrite[]) {
  for (const { path, bytes, replaces } of writes) {
    tiles.set(path, Buffer.from(bytes))
    for (const old of replaces) tiles.delete(old)
  }
}

function build(sizes: readonly number[]): { log: TileLog; tiles: Map<string, Buffer> } {
  const tiles = new Map<string, Buffer>()
  let log = emptyTileLog()
  for (const size of sizes) {
    const grown = appendTiles(log, run(log.size, log.size + size))
    store(tiles, grown.writes)
    log = grown.log
  }
  return { log, tiles }
}

const full = (tiles: ReadonlyMap<string, Buffer>) =>
  new Map([...tiles].filter(([path]) => !path.includes('.p/')))
const batches = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 3000 })), {
  maxLength: 20,
})

test('a tree of 70,000 leaves has exactly the tiles C2SP tlog-tiles counts', () => {
  const { tiles } = build([COUNT])
  expect(tiles.size).toBe(273 + 1 + 1 + 1 + 1)
  expect(tiles.get('tile/0/272')?.length).toBe(8192)
  expect(tiles.get('tile/0/273.p/112')?.length).toBe(112 * 32)
  expect(tiles.get('tile/1/000')?.length).toBe(8192)
  expect(tiles.get('tile/1/001.p/17')?.length).toBe(17 * 32)
  expect(tiles.get('tile/2/000.p/1')?.length).toBe(32)
})

test('a tile above level 0 holds the roots of the full tiles below', () => {
  const { tiles } = build([COUNT])
  expect(tiles.get('tile/1/000')?.subarray(0, 32)).toEqual(rootOf(each(256)))
  expect(tiles.get('tile/2/000.p/1')).toEqual(rootOf(each(65_536)))
})

test('appending in batches of any size leaves the same tiles and state as appending at once', () => {
  fc.assert(
    fc.property(batches, sizes => {
      const total = sizes.reduce((sum, size) => sum + size, 0)
      const inBatches = build(sizes)
      const atOnce = build([total])
      expect(inBatches.log).toEqual(atOnce.log)
      expect(full(inBatches.tiles)).toEqual(full(atOnce.tiles))
      for (const [path, bytes] of atOnce.tiles) expect(inBatches.tiles.get(path)).toEqual(bytes)
    }),
    { numRuns: 40 },
  )
})

test('no partial tile is left beside its full tile, and none is deleted before', () => {
  const { tiles } = build(Array.from({ length: 600 }, () => 1))
  const partial = [...tiles.keys()].filter(path => path.startsWith('tile/0/') && path.includes('.p/'))
  expect(partial).toEqual(Array.from({ length: 600 - 512 }, (_, i) => `tile/0/002.p/${i + 1}`))
  expect([...tiles.keys()].filter(path => path.startsWith('tile/1/'))).toEqual([
    'tile/1/000.p/1',
    'tile/1/000.p/2',
  ])
})

test('a batch writes only the tiles that grew', () => {
  const { log } = build([COUNT])
  const one = appendTiles(log, hashLeaf(Buffer.from('one more')))
  expect(one.writes.map(write => write.path)).toEqual(['tile/0/273.p/113'])
  expect(appendTiles(log, Buffer.alloc(0))).toEqual({ log, writes: [] })
})

test('appending leaves the earlier state as it was, so a failed transaction can be tried again', () => {
  const { log } = build([1000])
  const before = encodeTileLog(log)
  const first = appendTiles(log, run(1000, 3000))
  expect(encodeTileLog(log)).toEqual(before)
  expect(appendTiles(log, run(1000, 3000))).toEqual(first)
})

test('the root and the frontier of the tile log are those of its tree', () => {
  fc.assert(
    fc.property(batches, sizes => {
      const { log } = build(sizes)
      expect(tileLogRoot(log)).toEqual(rootOf(each(log.size)))
      const frontier = tileLogFrontier(log)
      appendLeaf(frontier, run(log.size, log.size + 1))
      expect(frontierRoot(frontier)).toEqual(rootOf(each(log.size + 1)))
    }),
    { numRuns: 25 },
  )
})

test('a log goes on after a restart: from its stored state, its edge tiles, or its level-0 tiles', () => {
  fc.assert(
    fc.property(batches, sizes => {
      const { log, tiles } = build(sizes)
      expect(decodeTileLog(encodeTileLog(log))).toEqual(log)
      const edge = new Set(edgeTilePaths(log.size))
      expect(resumeTileLog(log.size, path => (edge.has(path) ? tiles.get(path) : undefined))).toEqual(log)
      const levelZero = (path: string) => (path.startsWith('tile/0/') ? tiles.get(path) : undefined)
      expect(rebuildTileLog(log.size, levelZero)).toEqual(log)
    }),
    { numRuns: 25 },
  )
})

test('an earlier state can be had again from tiles that have grown since', () => {
  const earlier = build([700]).log
  const { tiles } = build([700, 5000])
  expect(resumeTileLog(700, path => tiles.get(path))).toEqual(earlier)
  expect(rebuildTileLog(700, path => tiles.get(path))).toEqual(earlier)
})

test('a missing or cut tile stops a restart', () => {
  const { tiles } = build([700])
  expect(() => resumeTileLog(700, () => undefined)).toThrow(
    expect.objectContaining({ code: 'ledger.tile_missing' }),
  )
  const cut = (path: string) => tiles.get(path)?.subarray(1)
  expect(() => resumeTileLog(700, cut)).toThrow(expect.objectContaining({ code: 'ledger.tile_length' }))
  expect(() => rebuildTileLog(700, cut)).toThrow(expect.objectContaining({ code: 'ledger.tile_length' }))
})

test('stored state that is short or long is refused', () => {
  const bytes = encodeTileLog(build([700]).log)
  const code = expect.objectContaining({ code: 'ledger.state_malformed' })
  for (const length of [0, 7, 8, 40, bytes.length - 1]) {
    expect(() => decodeTileLog(bytes.subarray(0, length))).toThrow(code)
  }
  expect(() => decodeTileLog(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(code)
})
