import fc from 'fast-check'
import { expect, test } from 'vitest'
import { levelCount, parseTilePath, tilePath, tileWidth } from './tile-path.ts'

test('a tile path groups the index by three digits, as C2SP tlog-tiles shows it', () => {
  expect(tilePath(0, 1234067)).toBe('tile/0/x001/x234/067')
  expect(tilePath(0, 0)).toBe('tile/0/000')
  expect(tilePath(1, 999)).toBe('tile/1/999')
  expect(tilePath(2, 1000)).toBe('tile/2/x001/000')
  expect(tilePath(0, 273, 112)).toBe('tile/0/273.p/112')
})

test('a tile path says which tile it is', () => {
  const level = fc.integer({ min: 0, max: 63 })
  const index = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.maxSafeNat())
  fc.assert(
    fc.property(level, index, fc.integer({ min: 1, max: 256 }), (l, i, width) => {
      expect(parseTilePath(tilePath(l, i, width))).toEqual({ level: l, index: i, width })
    }),
  )
})

test('a path spelt in any other way is refused', () => {
  const wrong = [
    '',
    'tile/0/0',
    'tile/0/0000',
    'tile/00/000',
    'tile/64/000',
    'tile/-1/000',
    'tile/0/x000/001',
    'tile/0/001/002',
    'tile/0/x001',
    'tile/0/x001/x002',
    'tile/0/000.p/0',
    'tile/0/000.p/256',
    'tile/0/000.p/01',
    'tile/0/000.p/',
    'tile/0/000/',
    '/tile/0/000',
    'tile/0/../000',
    'tile/0/000\n',
    'tile/entries/000',
    'tile/0/x999/x999/x999/x999/x999/999',
  ]
  for (const path of wrong) {
    expect(() => parseTilePath(path), path).toThrow(expect.objectContaining({ code: 'ledger.tile_path' }))
  }
})

test('a tile that cannot be is not given a path', () => {
  const code = expect.objectContaining({ code: 'ledger.range' })
  for (const [level, index, width] of [
    [64, 0, 1],
    [-1, 0, 1],
    [0, -1, 1],
    [0, 0.5, 1],
    [0, 0, 0],
    [0, 0, 257],
  ] as const) {
    expect(() => tilePath(level, index, width)).toThrow(code)
  }
})

test('the tree of 70,000 leaves has the tiles C2SP tlog-tiles counts', () => {
  expect(levelCount(0, 70_000)).toBe(273 * 256 + 112)
  expect([tileWidth(0, 272, 70_000), tileWidth(0, 273, 70_000), tileWidth(0, 274, 70_000)]).toEqual([
    256, 112, 0,
  ])
  expect([tileWidth(1, 0, 70_000), tileWidth(1, 1, 70_000), tileWidth(2, 0, 70_000)]).toEqual([256, 17, 1])
})
