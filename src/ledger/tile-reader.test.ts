import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hashLeaf, rootOf } from './merkle.ts'
import { consistencyProof, inclusionProof, verifyConsistency, verifyInclusion } from './proof.ts'
import { appendTiles, emptyTileLog } from './tile-log.ts'
import { hashFromTiles, tilesNeeded, withTiles } from './tile-reader.ts'

const SIZE = 70_000
const leaves = Array.from({ length: SIZE }, (_, i) => hashLeaf(Buffer.from(`leaf ${i}`)))
const tiles = new Map(
  appendTiles(emptyTileLog(), Buffer.concat(leaves)).writes.map(({ path, bytes }) => [path, bytes]),
)
const root = rootOf(leaves)
const hashAt = hashFromTiles(SIZE, path => tiles.get(path))
const fewRuns = { numRuns: 20 }

test('inclusion proofs from tiles verify for any leaf', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: SIZE - 1 }), index => {
      const proof = inclusionProof(index, SIZE, hashAt)
      expect(verifyInclusion({ index, size: SIZE, leafHash: leaves[index]!, proof, root })).toBe(true)
    }),
    fewRuns,
  )
})

test('consistency proofs from tiles verify from any earlier size', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: SIZE }), first => {
      const proof = consistencyProof(first, SIZE, hashAt)
      const firstRoot = rootOf(leaves.slice(0, first))
      expect(verifyConsistency({ first, second: SIZE, firstRoot, secondRoot: root, proof })).toBe(true)
    }),
    fewRuns,
  )
})

test('today’s tiles prove a leaf against an earlier checkpoint', () => {
  const size = 68_123
  const proof = inclusionProof(68_100, size, hashAt)
  const claim = { index: 68_100, size, leafHash: leaves[68_100]!, proof, root: rootOf(leaves.slice(0, size)) }
  expect(verifyInclusion(claim)).toBe(true)
})

test('the tiles a proof needs are named beforehand, and no other is read', () => {
  const read = new Set<string>()
  const spying = hashFromTiles(SIZE, path => {
    read.add(path)
    return tiles.get(path)
  })
  inclusionProof(12_345, SIZE, spying)
  const needed = tilesNeeded(SIZE, at => inclusionProof(12_345, SIZE, at))
  expect(new Set(needed)).toEqual(read)
  expect(needed.length).toBeLessThanOrEqual(6)
})

test('tiles are read in one request', async () => {
  const requests: (readonly string[])[] = []
  const proof = await withTiles(
    SIZE,
    async paths => {
      requests.push(paths)
      return tiles
    },
    at => inclusionProof(12_345, SIZE, at),
  )
  expect(requests.length).toBe(1)
  expect(verifyInclusion({ index: 12_345, size: SIZE, leafHash: leaves[12_345]!, proof, root })).toBe(true)
})

test('a partial tile that was deleted meanwhile is served by its full tile', async () => {
  const index = 69_000
  const size = 69_001
  const readTiles = async (paths: readonly string[]) =>
    new Map(paths.flatMap(path => (tiles.has(path) ? [[path, tiles.get(path)!] as const] : [])))
  const proof = await withTiles(size, readTiles, at => inclusionProof(index, size, at)).catch(
    error => error.code,
  )
  // Tile 1/001 is still partial but wider than the old one, so only the tiles of level 0 can stand in.
  expect(proof).toBe('ledger.tile_missing')
  const grown = new Map([...tiles, ['tile/1/001', padded(tiles.get('tile/1/001.p/17')!)]])
  const readGrown = async (paths: readonly string[]) =>
    new Map(paths.flatMap(path => (grown.has(path) ? [[path, grown.get(path)!] as const] : [])))
  const mended = await withTiles(size, readGrown, at => inclusionProof(index, size, at))
  const claim = { index, size, leafHash: leaves[index]!, proof: mended, root: rootOf(leaves.slice(0, size)) }
  expect(verifyInclusion(claim)).toBe(true)
})

test('a hash beyond the tree is not made up', () => {
  const code = expect.objectContaining({ code: 'ledger.range' })
  expect(() => hashAt(0, SIZE)).toThrow(code)
  expect(() => hashAt(17, 0)).toThrow(code)
  expect(() => hashAt(-1, 0)).toThrow(code)
})

test('a missing tile and a tile of a wrong length are told apart', () => {
  const missing = hashFromTiles(SIZE, () => undefined)
  expect(() => missing(0, 0)).toThrow(expect.objectContaining({ code: 'ledger.tile_missing' }))
  const cut = hashFromTiles(SIZE, path => tiles.get(path)?.subarray(32))
  expect(() => cut(0, 0)).toThrow(expect.objectContaining({ code: 'ledger.tile_length' }))
})

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(8192 - bytes.length)])
}
