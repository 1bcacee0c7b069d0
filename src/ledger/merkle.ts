import { refuse, requireCount, requireLength } from './errors.ts'
import { digest, digestInto, HASH_BYTES } from './hash.ts'

// RFC 6962 §2.1 puts different bytes before leaves and nodes, so that a node can never be passed off as a leaf.
const LEAF_PREFIX = 0x00
const NODE_PREFIX = 0x01

// A size below 2^53 has at most 53 peaks.
const MAX_PEAKS = 53
const SIZE_BYTES = 8

// Our leaves hold record hashes, so this is the common case.
const recordLeaf = Buffer.alloc(1 + HASH_BYTES, LEAF_PREFIX)

// Reused for every node: allocating a 65-byte input each time would cost more than the SHA-256 over it.
const node = Buffer.alloc(1 + 2 * HASH_BYTES, NODE_PREFIX)

/** The hash of the tree with no leaves: SHA-256 of nothing (RFC 6962 §2.1). */
export function emptyRoot(): Buffer {
  return digest(new Uint8Array(0))
}

/** The hash of a leaf that holds `data` (RFC 6962 §2.1). */
export function hashLeaf(data: Uint8Array): Buffer {
  if (data.length === HASH_BYTES) {
    recordLeaf.set(data, 1)
    return digest(recordLeaf)
  }
  return digest(Buffer.concat([Buffer.of(LEAF_PREFIX), data]))
}

/** The leaf hashes of records, one after another: the fast way for many. Throws `ledger.hash_length`. */
export function hashLeaves(recordHashes: readonly Uint8Array[]): Buffer {
  const hashes = Buffer.allocUnsafe(recordHashes.length * HASH_BYTES)
  for (const [i, record] of recordHashes.entries()) {
    requireLength('recordHash', record, HASH_BYTES)
    recordLeaf.set(record, 1)
    digestInto(recordLeaf, hashes, i * HASH_BYTES)
  }
  return hashes
}

/** The hash of a node from the hashes of its two children (RFC 6962 §2.1). Throws `ledger.hash_length`. */
export function hashChildren(left: Uint8Array, right: Uint8Array): Buffer {
  requireLength('left', left, HASH_BYTES)
  requireLength('right', right, HASH_BYTES)
  node.set(left, 1)
  node.set(right, 1 + HASH_BYTES)
  return digest(node)
}

/**
 * Appends to a tree while holding only the roots of its perfect subtrees: the "compact range" from 0 to `size`.
 * Bit `h` of `size` says whether there is a subtree of 2^h leaves; its root then lies in `peaks` at h × 32.
 * Changed in place by {@link appendLeaf} and {@link appendLeaves}; use {@link copyFrontier} to keep an earlier one.
 */
export type Frontier = { size: number; readonly peaks: Buffer }

/** The frontier of the tree with no leaves. */
export function emptyFrontier(): Frontier {
  return { size: 0, peaks: Buffer.alloc(MAX_PEAKS * HASH_BYTES) }
}

/** A frontier that later appends to `frontier` do not change. */
export function copyFrontier(frontier: Frontier): Frontier {
  return { size: frontier.size, peaks: Buffer.from(frontier.peaks) }
}

/** Appends one leaf hash, in place. Throws `ledger.hash_length`, or `ledger.range` when the tree is full. */
export function appendLeaf(frontier: Frontier, leafHash: Uint8Array): void {
  requireLength('leafHash', leafHash, HASH_BYTES)
  requireCount('size', frontier.size + 1)
  pushLeaf(frontier, leafHash, 0)
}

/**
 * Appends leaf hashes that lie one after another in `leafHashes`, in place: the fast way for many.
 * Throws `ledger.hash_length`, or `ledger.range` when the tree is full.
 */
export function appendLeaves(frontier: Frontier, leafHashes: Uint8Array): void {
  requireCount('size', frontier.size + countHashes(leafHashes))
  for (let at = 0; at < leafHashes.length; at += HASH_BYTES) pushLeaf(frontier, leafHashes, at)
}

/** The Merkle Tree Hash of the tree a frontier stands for (RFC 6962 §2.1). */
export function frontierRoot(frontier: Frontier): Buffer {
  if (frontier.size === 0) return emptyRoot()
  // A copy, because the only peak of a perfect tree lies in memory that the next append overwrites.
  return Buffer.from(foldRight(peaksOf(frontier)))
}

/** The Merkle Tree Hash over leaf hashes in order (RFC 6962 §2.1). Throws `ledger.hash_length`. */
export function rootOf(leafHashes: Iterable<Uint8Array>): Buffer {
  const frontier = emptyFrontier()
  for (const leafHash of leafHashes) appendLeaf(frontier, leafHash)
  return frontierRoot(frontier)
}

/** As {@link rootOf}, over hashes that lie one after another. Throws `ledger.hash_length`. */
export function rootOfRun(leafHashes: Uint8Array): Buffer {
  const frontier = emptyFrontier()
  appendLeaves(frontier, leafHashes)
  return frontierRoot(frontier)
}

/** Folds the roots of adjoining subtrees, largest first, into one: each joins the fold of all to its right. */
export function foldRight(hashes: readonly Buffer[]): Buffer {
  return hashes.reduceRight((right, left) => hashChildren(left, right))
}

/** A frontier as bytes: size as a big-endian u64, then its peaks from the largest subtree to the smallest. */
export function encodeFrontier(frontier: Frontier): Buffer {
  return Buffer.concat([encodeSize(frontier.size), ...peaksOf(frontier)])
}

/** Reads {@link encodeFrontier}. Throws `ledger.state_malformed` unless every byte is accounted for. */
export function decodeFrontier(bytes: Uint8Array): Frontier {
  const frontier = emptyFrontier()
  frontier.size = decodeSize(bytes)
  let at = SIZE_BYTES
  for (const height of peakHeights(frontier.size)) {
    frontier.peaks.set(bytes.subarray(at, at + HASH_BYTES), height * HASH_BYTES)
    at += HASH_BYTES
  }
  if (at !== bytes.length) throw refuse('ledger.state_malformed', { bytes: bytes.length, expected: at })
  return frontier
}

/** A tree size as a big-endian u64. */
export function encodeSize(size: number): Buffer {
  const bytes = Buffer.alloc(SIZE_BYTES)
  bytes.writeBigUInt64BE(BigInt(size))
  return bytes
}

/** The tree size at the start of `bytes`. Throws `ledger.state_malformed` when cut short or above 2^53 - 1. */
export function decodeSize(bytes: Uint8Array): number {
  if (bytes.length < SIZE_BYTES) throw refuse('ledger.state_malformed', { bytes: bytes.length })
  const size = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0))
  if (!Number.isSafeInteger(size)) throw refuse('ledger.state_malformed', { size })
  return size
}

/** How many hashes lie in `hashes`. Throws `ledger.hash_length` when the last one is cut short. */
export function countHashes(hashes: Uint8Array): number {
  if (hashes.length % HASH_BYTES !== 0) throw refuse('ledger.hash_length', { bytes: hashes.length })
  return hashes.length / HASH_BYTES
}

/** The heights of the perfect subtrees that make up a tree of `size` leaves, largest (leftmost) first. */
export function peakHeights(size: number): number[] {
  const heights: number[] = []
  for (let rest = size, height = 0; rest > 0; rest = Math.floor(rest / 2), height++) {
    if (rest % 2 === 1) heights.push(height)
  }
  return heights.reverse()
}

/** Adds a leaf as binary addition adds one: every subtree of equal height to the left is carried into it. */
function pushLeaf(frontier: Frontier, from: Uint8Array, at: number): void {
  const { peaks, size } = frontier
  let slot = 0
  if (size % 2 === 0) {
    for (let i = 0; i < HASH_BYTES; i++) peaks[i] = from[at + i] as number
  } else {
    for (let i = 0; i < HASH_BYTES; i++) node[1 + HASH_BYTES + i] = from[at + i] as number
    for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
      for (let i = 0; i < HASH_BYTES; i++) node[1 + i] = peaks[slot + i] as number
      slot += HASH_BYTES
      digestInto(node, node, 1 + HASH_BYTES)
    }
    for (let i = 0; i < HASH_BYTES; i++) peaks[slot + i] = node[1 + HASH_BYTES + i] as number
  }
  frontier.size = size + 1
}

function peaksOf(frontier: Frontier): Buffer[] {
  return peakHeights(frontier.size).map(height =>
    frontier.peaks.subarray(height * HASH_BYTES, (height + 1) * HASH_BYTES),
  )
}
