import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyRoot, hashLeaf, rootOf } from './merkle.ts'
import { consistencyProof, type HashAt, inclusionProof, verifyConsistency, verifyInclusion } from './proof.ts'

const MAX = 300
const leaves = Array.from({ length: MAX }, (_, i) => hashLeaf(Buffer.from(`leaf ${i}`)))
const roots = Array.from({ length: MAX + 1 }, (_, size) => rootOf(leaves.slice(0, size)))

const subtrees = new Map<string, Buffer>()

/** Roots of perfect subtrees straight from the leaves. */
const hashAt: HashAt = (level, index) => {
  const key = `${level}/${index}`
  const known = subtrees.get(key)
  if (known !== undefined) return known
  const root = rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))
  subtrees.set(key, root)
  return root
}

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
const knownLeaves = INPUTS.map(hex => hashLeaf(Buffer.from(hex, 'hex')))
const knownHashAt: HashAt = (level, index) =>
  rootOf(knownLeaves.slice(index * 2 ** level, (index + 1) * 2 ** level))
const hexes = (proof: readonly Buffer[]) => proof.map(hash => hash.toString('hex'))

// Bits 0 to 255 of one hash, picked at random, flipped.
const flip = (hash: Uint8Array, bit: number) => {
  const copy = Buffer.from(hash)
  copy[bit >> 3]! ^= 1 << (bit & 7)
  return copy
}

test('the known inclusion proofs of the RFC 6962 reference tests come out', () => {
  expect(hexes(inclusionProof(0, 1, knownHashAt))).toEqual([])
  expect(hexes(inclusionProof(0, 8, knownHashAt))).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect(hexes(inclusionProof(5, 8, knownHashAt))).toEqual([
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ])
  expect(hexes(inclusionProof(2, 3, knownHashAt))).toEqual([
    'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  ])
  expect(hexes(inclusionProof(1, 5, knownHashAt))).toEqual([
    '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ])
})

test('the known consistency proofs of the RFC 6962 reference tests come out', () => {
  expect(hexes(consistencyProof(1, 1, knownHashAt))).toEqual([])
  expect(hexes(consistencyProof(1, 8, knownHashAt))).toEqual([
    '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
  ])
  expect(hexes(consistencyProof(6, 8, knownHashAt))).toEqual([
    '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
    'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
    'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  ])
  expect(hexes(consistencyProof(2, 5, knownHashAt))).toEqual([
    '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
    'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
  ])
})

test(`every inclusion proof in every tree of up to ${MAX} leaves verifies`, () => {
  let refused = 0
  for (let size = 1; size <= MAX; size++) {
    for (let index = 0; index < size; index++) {
      const proof = inclusionProof(index, size, hashAt)
      const claim = { index, size, leafHash: leaves[index]!, proof, root: roots[size]! }
      if (!verifyInclusion(claim)) refused++
    }
  }
  expect(refused).toBe(0)
})

test(`every consistency proof between trees of up to ${MAX} leaves verifies`, () => {
  let refused = 0
  for (let second = 0; second <= MAX; second++) {
    for (let first = 0; first <= second; first++) {
      const proof = consistencyProof(first, second, hashAt)
      const claim = { first, second, firstRoot: roots[first]!, secondRoot: roots[second]!, proof }
      if (!verifyConsistency(claim)) refused++
    }
  }
  expect(refused).toBe(0)
})

const places = fc
  .integer({ min: 1, max: MAX })
  .chain(size => fc.tuple(fc.integer({ min: 0, max: size - 1 }), fc.constant(size)))
const bits = fc.integer({ min: 0, max: 255 })

test('an inclusion proof with any one bit flipped in leaf, root or path is refused', () => {
  fc.assert(
    fc.property(places, bits, ([index, size], bit) => {
      const proof = inclusionProof(index, size, hashAt)
      const claim = { index, size, leafHash: leaves[index]!, proof, root: roots[size]! }
      const altered = [
        { ...claim, leafHash: flip(claim.leafHash, bit) },
        { ...claim, root: flip(claim.root, bit) },
        ...proof.map((hash, i) => ({ ...claim, proof: proof.with(i, flip(hash, bit)) })),
      ]
      expect(altered.map(verifyInclusion)).toEqual(altered.map(() => false))
    }),
  )
})

test('an inclusion proof does not prove another index', () => {
  fc.assert(
    fc.property(places, fc.integer({ min: 0, max: MAX }), ([index, size], other) => {
      fc.pre(other !== index)
      const proof = inclusionProof(index, size, hashAt)
      const claim = { index: other, size, leafHash: leaves[index]!, proof, root: roots[size]! }
      expect(verifyInclusion(claim)).toBe(false)
    }),
  )
})

test('a consistency proof with any one bit flipped in either root or the path is refused', () => {
  fc.assert(
    fc.property(places, bits, ([before, second], bit) => {
      const first = before + 1
      const proof = consistencyProof(first, second, hashAt)
      const claim = { first, second, firstRoot: roots[first]!, secondRoot: roots[second]!, proof }
      const altered = [
        { ...claim, firstRoot: flip(claim.firstRoot, bit) },
        { ...claim, secondRoot: flip(claim.secondRoot, bit) },
        ...proof.map((hash, i) => ({ ...claim, proof: proof.with(i, flip(hash, bit)) })),
      ]
      expect(altered.map(verifyConsistency)).toEqual(altered.map(() => false))
    }),
  )
})

test('a proof with a hash more, a hash less or a hash cut short is refused', () => {
  fc.assert(
    fc.property(places, ([index, size]) => {
      const proof = inclusionProof(index, size, hashAt)
      const longer = [...proof, Buffer.alloc(32)]
      const before = [Buffer.alloc(32), ...proof]
      const cut = [...proof.slice(0, -1), Buffer.alloc(31)]
      const shorter = proof.slice(0, -1)
      for (const wrong of [longer, before, cut, ...(proof.length > 0 ? [shorter] : [])]) {
        const claim = { index, size, leafHash: leaves[index]!, proof: wrong, root: roots[size]! }
        expect(verifyInclusion(claim)).toBe(false)
      }
      const first = index + 1
      const path = consistencyProof(first, size, hashAt)
      const wrongPaths = [[...path, Buffer.alloc(32)], [Buffer.alloc(32), ...path], [Buffer.alloc(31)]]
      if (path.length > 0) wrongPaths.push(path.slice(0, -1), path.slice(1))
      for (const wrong of wrongPaths) {
        const claim = {
          first,
          second: size,
          firstRoot: roots[first]!,
          secondRoot: roots[size]!,
          proof: wrong,
        }
        expect(verifyConsistency(claim)).toBe(false)
      }
    }),
  )
})

test('an index or size that is no count is refused and never loops', () => {
  const root = roots[8]!
  const proof = inclusionProof(3, 8, hashAt)
  for (const wrong of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, 8]) {
    expect(verifyInclusion({ index: wrong, size: 8, leafHash: leaves[3]!, proof, root })).toBe(false)
  }
  for (const wrong of [-1, 0, 3, 2.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
    expect(verifyInclusion({ index: 3, size: wrong, leafHash: leaves[3]!, proof, root })).toBe(false)
    const claim = { first: 8, second: wrong, firstRoot: root, secondRoot: root, proof }
    expect(verifyConsistency(claim)).toBe(false)
    expect(verifyConsistency({ ...claim, first: wrong, second: 8 })).toBe(false)
  }
})

test('an empty first tree is a prefix of any, but only with the root of the empty tree and an empty proof', () => {
  const claim = { first: 0, second: 8, firstRoot: emptyRoot(), secondRoot: roots[8]!, proof: [] }
  expect(verifyConsistency(claim)).toBe(true)
  expect(verifyConsistency({ ...claim, firstRoot: roots[8]! })).toBe(false)
  expect(verifyConsistency({ ...claim, proof: [Buffer.alloc(32)] })).toBe(false)
  const both = { ...claim, second: 0, secondRoot: roots[8]!, firstRoot: roots[8]! }
  expect(verifyConsistency(both)).toBe(false)
})

test('trees of equal size are consistent only when their roots are equal', () => {
  const claim = { first: 8, second: 8, firstRoot: roots[8]!, secondRoot: roots[8]!, proof: [] }
  expect(verifyConsistency(claim)).toBe(true)
  expect(verifyConsistency({ ...claim, secondRoot: roots[7]! })).toBe(false)
})

test('a proof for a leaf or tree that is not there cannot be asked for', () => {
  const code = expect.objectContaining({ code: 'ledger.range' })
  expect(() => inclusionProof(8, 8, hashAt)).toThrow(code)
  expect(() => inclusionProof(-1, 8, hashAt)).toThrow(code)
  expect(() => inclusionProof(0.5, 8, hashAt)).toThrow(code)
  expect(() => consistencyProof(9, 8, hashAt)).toThrow(code)
})

test('proofs work at sizes beyond 32 bits', () => {
  // Every leaf equal, so the subtree of each height has one root wherever it stands.
  const heights = [hashLeaf(Buffer.from('same'))]
  for (let h = 1; h < 53; h++) heights.push(rootOf([heights[h - 1]!, heights[h - 1]!]))
  const same: HashAt = level => heights[level]!
  const size = 2 ** 40
  const proof = inclusionProof(2 ** 35 + 7, size, same)
  expect(proof.length).toBe(40)
  const claim = { index: 2 ** 35 + 7, size, leafHash: heights[0]!, proof, root: heights[40]! }
  expect(verifyInclusion(claim)).toBe(true)
  const path = consistencyProof(2 ** 39, size, same)
  const grown = {
    first: 2 ** 39,
    second: size,
    firstRoot: heights[39]!,
    secondRoot: heights[40]!,
    proof: path,
  }
  expect(verifyConsistency(grown)).toBe(true)
})
