import { refuse, requireCount, requireLength } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { emptyRoot, foldRight, hashChildren, peakHeights } from './merkle.ts'

/**
 * The root of the perfect subtree over leaves `index` × 2^`level` up to, not including, (`index` + 1) × 2^`level`.
 * Level 0 are the leaf hashes. Such a hash never changes once its leaves are in the tree.
 */
export type HashAt = (level: number, index: number) => Uint8Array

/** "`leafHash` is leaf `index` of the tree of `size` leaves with this `root`", and the proof of it. */
export type InclusionClaim = {
  readonly index: number
  readonly size: number
  readonly leafHash: Uint8Array
  readonly proof: readonly Uint8Array[]
  readonly root: Uint8Array
}

/** "The tree of `first` leaves is a prefix of the tree of `second` leaves", and the proof of it. */
export type ConsistencyClaim = {
  readonly first: number
  readonly second: number
  readonly firstRoot: Uint8Array
  readonly secondRoot: Uint8Array
  readonly proof: readonly Uint8Array[]
}

/**
 * The audit path that proves leaf `index` is in the tree of `size` leaves (RFC 9162 §2.1.3.1), nearest hash first.
 * Throws `ledger.range` unless 0 ≤ `index` < `size`, and whatever `hashAt` throws.
 */
export function inclusionProof(index: number, size: number, hashAt: HashAt): Buffer[] {
  requireCount('index', index)
  requireCount('size', size)
  if (index >= size) throw refuse('ledger.range', { index, size })
  const path: Buffer[] = []
  let begin = 0
  let end = size
  while (end - begin > 1) {
    const split = begin + largestPowerOfTwoBelow(end - begin)
    if (index < split) {
      path.push(subtreeRoot(split, end, hashAt))
      end = split
    } else {
      path.push(subtreeRoot(begin, split, hashAt))
      begin = split
    }
  }
  return path.reverse()
}

/**
 * Whether `proof` shows that `leafHash` is leaf `index` of the tree of `size` leaves with this `root`
 * (RFC 9162 §2.1.3.2). Anything malformed is false, never an exception: a proof comes from outside.
 */
export function verifyInclusion(claim: InclusionClaim): boolean {
  const { index, size, leafHash, proof, root } = claim
  if (!isCount(index) || !isCount(size) || index >= size) return false
  if (![leafHash, root, ...proof].every(isHash)) return false
  let place = index
  let last = size - 1
  let hash = leafHash
  for (const sibling of proof) {
    if (last === 0) return false
    if (isOdd(place) || place === last) {
      hash = hashChildren(sibling, hash)
      // A right edge node has no sibling at some levels; they are stepped over (RFC 9162 §2.1.3.2 step 4.2.2).
      ;[place, last] = skipLevelsWithoutSibling(place, last)
    } else {
      hash = hashChildren(hash, sibling)
    }
    place = half(place)
    last = half(last)
  }
  return last === 0 && sameHash(hash, root)
}

/**
 * The proof that the tree of `first` leaves is a prefix of the tree of `second` leaves (RFC 9162 §2.1.4.1).
 * Empty when there is nothing to prove: equal sizes, or an empty first tree.
 * Throws `ledger.range` unless 0 ≤ `first` ≤ `second`, and whatever `hashAt` throws.
 */
export function consistencyProof(first: number, second: number, hashAt: HashAt): Buffer[] {
  requireCount('first', first)
  requireCount('second', second)
  if (first > second) throw refuse('ledger.range', { first, second })
  if (first === 0) return []
  const path: Buffer[] = []
  let begin = 0
  let end = second
  while (end !== first) {
    const split = begin + largestPowerOfTwoBelow(end - begin)
    if (first <= split) {
      path.push(subtreeRoot(split, end, hashAt))
      end = split
    } else {
      path.push(subtreeRoot(begin, split, hashAt))
      begin = split
    }
  }
  // When the first tree is itself a subtree of the second, the verifier holds its root already.
  if (begin !== 0) path.push(subtreeRoot(begin, end, hashAt))
  return path.reverse()
}

/**
 * Whether `proof` shows that the tree of `first` leaves with `firstRoot` is a prefix of the tree of `second` leaves
 * with `secondRoot` (RFC 9162 §2.1.4.2). Equal sizes need equal roots and an empty proof; an empty first tree needs
 * its own root and an empty proof. Anything malformed is false, never an exception.
 */
export function verifyConsistency(claim: ConsistencyClaim): boolean {
  const { first, second, firstRoot, secondRoot, proof } = claim
  if (!isCount(first) || !isCount(second) || first > second) return false
  if (![firstRoot, secondRoot, ...proof].every(isHash)) return false
  if (first === second)
    return proof.length === 0 && sameHash(firstRoot, secondRoot) && isEmptyRootIfEmpty(claim)
  if (first === 0) return proof.length === 0 && isEmptyRootIfEmpty(claim)
  if (proof.length === 0) return false
  return foldsToBothRoots(claim)
}

/** RFC 9162 §2.1.4.2 from step 2: the same path must fold to the first root and, going on, to the second. */
function foldsToBothRoots(claim: ConsistencyClaim): boolean {
  const { first, second, firstRoot, secondRoot, proof } = claim
  const [seed, ...path] = isPowerOfTwo(first) ? [firstRoot, ...proof] : proof
  if (seed === undefined) return false
  let [place, last] = skipRightEdge(first - 1, second - 1)
  let firstHash = seed
  let secondHash = seed
  for (const sibling of path) {
    if (last === 0) return false
    if (isOdd(place) || place === last) {
      firstHash = hashChildren(sibling, firstHash)
      secondHash = hashChildren(sibling, secondHash)
      ;[place, last] = skipLevelsWithoutSibling(place, last)
    } else {
      secondHash = hashChildren(secondHash, sibling)
    }
    place = half(place)
    last = half(last)
  }
  return last === 0 && sameHash(firstHash, firstRoot) && sameHash(secondHash, secondRoot)
}

/** MTH(D[begin:end]) of RFC 6962 §2.1, where `begin` is a split point, so every perfect subtree inside is aligned. */
function subtreeRoot(begin: number, end: number, hashAt: HashAt): Buffer {
  let at = begin
  const roots = peakHeights(end - begin).map(height => {
    const root = hashAt(height, at / 2 ** height)
    requireLength('hashAt', root, HASH_BYTES)
    at += 2 ** height
    return Buffer.from(root)
  })
  return foldRight(roots)
}

// Sizes reach 2^53 and JavaScript's shifts stop at 2^31, so what the RFC writes as shifts is arithmetic here.

function half(value: number): number {
  return Math.floor(value / 2)
}

function isOdd(value: number): boolean {
  return value % 2 === 1
}

function isPowerOfTwo(value: number): boolean {
  return peakHeights(value).length === 1
}

function largestPowerOfTwoBelow(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

function skipLevelsWithoutSibling(place: number, last: number): [number, number] {
  let [p, l] = [place, last]
  while (!isOdd(p) && p !== 0) [p, l] = [half(p), half(l)]
  return [p, l]
}

function skipRightEdge(place: number, last: number): [number, number] {
  let [p, l] = [place, last]
  while (isOdd(p)) [p, l] = [half(p), half(l)]
  return [p, l]
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0
}

function isHash(value: Uint8Array): boolean {
  return value instanceof Uint8Array && value.length === HASH_BYTES
}

function sameHash(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}

function isEmptyRootIfEmpty(claim: ConsistencyClaim): boolean {
  return claim.first !== 0 || sameHash(claim.firstRoot, emptyRoot())
}
