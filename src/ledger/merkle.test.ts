import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  appendLeaf,
  appendLeaves,
  copyFrontier,
  decodeFrontier,
  emptyFrontier,
  emptyRoot,
  encodeFrontier,
  type Frontier,
  frontierRoot,
  hashChildren,
  hashLeaf,
  rootOf,
} from './merkle.ts'

// The eight inputs and their roots, from the Certificate Transparency reference tests of RFC 6962.
const INPUTS = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
]
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
]
const LEAVES = INPUTS.map(hex => hashLeaf(Buffer.from(hex, 'hex')))

const leafHashes = (count: number) =>
  Array.from({ length: count }, (_, i) => hashLeaf(Buffer.from(`leaf ${i}`)))

/** RFC 6962 §2.1 word for word, with a hash of its own. */
function naiveRoot(hashes: readonly Buffer[]): Buffer {
  const [only] = hashes
  if (only === undefined) return createHash('sha256').digest()
  if (hashes.length === 1) return only
  let k = 1
  while (k * 2 < hashes.length) k *= 2
  const children = [naiveRoot(hashes.slice(0, k)), naiveRoot(hashes.slice(k))]
  return createHash('sha256')
    .update(Buffer.concat([Buffer.of(1), ...children]))
    .digest()
}

test('the empty tree has the hash of nothing', () => {
  const hex = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
  expect(emptyRoot().toString('hex')).toBe(hex)
  expect(frontierRoot(emptyFrontier()).toString('hex')).toBe(hex)
  expect(rootOf([]).toString('hex')).toBe(hex)
})

test('the known roots of RFC 6962 come out for one to eight leaves', () => {
  expect(ROOTS.map((_, i) => rootOf(LEAVES.slice(0, i + 1)).toString('hex'))).toEqual(ROOTS)
})

test('a leaf and a node over the same bytes have different hashes', () => {
  const [a, b] = LEAVES as [Buffer, Buffer]
  expect(hashLeaf(Buffer.concat([a, b])).equals(hashChildren(a, b))).toBe(false)
})

test('a leaf of 32 bytes, which takes the short way, has the hash RFC 6962 gives', () => {
  const data = Buffer.alloc(32, 7)
  const expected = createHash('sha256').update(Buffer.of(0)).update(data).digest()
  expect(hashLeaf(data)).toEqual(expected)
})

test('the frontier root equals the naive root at every size up to 300', () => {
  const leaves = leafHashes(300)
  const frontier = emptyFrontier()
  for (const [i, leaf] of leaves.entries()) {
    appendLeaf(frontier, leaf)
    expect(frontierRoot(frontier)).toEqual(naiveRoot(leaves.slice(0, i + 1)))
  }
})

test('appending in batches of any size equals appending one by one', () => {
  const leaves = leafHashes(600)
  const batches = fc.array(fc.integer({ min: 0, max: 90 }), { maxLength: 6 })
  fc.assert(
    fc.property(batches, sizes => {
      const frontier = emptyFrontier()
      for (const size of sizes) {
        appendLeaves(frontier, Buffer.concat(leaves.slice(frontier.size, frontier.size + size)))
      }
      expect(frontierRoot(frontier)).toEqual(rootOf(leaves.slice(0, frontier.size)))
    }),
  )
})

test('a root once given out does not change with later appends', () => {
  const frontier = emptyFrontier()
  for (const leaf of LEAVES) {
    appendLeaf(frontier, leaf)
    const root = frontierRoot(frontier)
    const before = root.toString('hex')
    appendLeaf(copyFrontier(frontier), leaf)
    appendLeaf(frontier, leaf)
    expect(root.toString('hex')).toBe(before)
  }
})

test('a copied frontier and its original go separate ways', () => {
  const original = emptyFrontier()
  appendLeaf(original, LEAVES[0]!)
  const copy = copyFrontier(original)
  appendLeaf(copy, LEAVES[1]!)
  expect(frontierRoot(original).toString('hex')).toBe(ROOTS[0])
  expect(frontierRoot(copy).toString('hex')).toBe(ROOTS[1])
})

test('a frontier survives being stored, at every size up to 300', () => {
  const frontier = emptyFrontier()
  for (const leaf of leafHashes(300)) {
    const restored = decodeFrontier(encodeFrontier(frontier))
    expect(frontierRoot(restored)).toEqual(frontierRoot(frontier))
    appendLeaf(frontier, leaf)
    appendLeaf(restored, leaf)
    expect(frontierRoot(restored)).toEqual(frontierRoot(frontier))
  }
})

test('sizes beyond 32 bits keep every peak', () => {
  const size = 2 ** 40 + 2 ** 33 + 3
  const bytes = Buffer.alloc(8 + 4 * 32, 9)
  bytes.writeBigUInt64BE(BigInt(size))
  const frontier: Frontier = decodeFrontier(bytes)
  appendLeaf(frontier, LEAVES[0]!)
  expect(frontier.size).toBe(size + 1)
  // 3 + 1 carries into height 2, so the peaks are now at heights 40, 33 and 2.
  expect(encodeFrontier(frontier).length).toBe(8 + 3 * 32)
  expect(encodeFrontier(frontier).subarray(8, 8 + 64)).toEqual(bytes.subarray(8, 8 + 64))
})

test('stored frontier bytes that are short, long or of an impossible size are refused', () => {
  const frontier = emptyFrontier()
  appendLeaves(frontier, Buffer.concat(LEAVES.slice(0, 7)))
  const bytes = encodeFrontier(frontier)
  const code = { code: 'ledger.state_malformed' }
  for (let length = 0; length < bytes.length; length++) {
    expect(() => decodeFrontier(bytes.subarray(0, length))).toThrow(expect.objectContaining(code))
  }
  expect(() => decodeFrontier(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(expect.objectContaining(code))
  expect(() => decodeFrontier(Buffer.alloc(8, 0xff))).toThrow(expect.objectContaining(code))
})

test('hashes of a wrong length are refused', () => {
  const code = expect.objectContaining({ code: 'ledger.hash_length' })
  expect(() => appendLeaf(emptyFrontier(), Buffer.alloc(31))).toThrow(code)
  expect(() => appendLeaves(emptyFrontier(), Buffer.alloc(63))).toThrow(code)
  expect(() => hashChildren(Buffer.alloc(32), Buffer.alloc(33))).toThrow(code)
})

test('a tree never grows past the safe integers', () => {
  const full = { size: Number.MAX_SAFE_INTEGER, peaks: emptyFrontier().peaks }
  expect(() => appendLeaf(full, LEAVES[0]!)).toThrow(expect.objectContaining({ code: 'ledger.range' }))
})
