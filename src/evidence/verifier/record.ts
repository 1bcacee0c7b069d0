import { sha256 } from '@noble/hashes/sha2.js'
import { concat, same, u32, utf8 } from './bytes.ts'

const LEAF = Uint8Array.of(0x00)
const NODE = Uint8Array.of(0x01)
const RECORD = Uint8Array.of(0x54)
const NOTHING = new Uint8Array(0)
const MAX_DEPTH = 64

/** RFC 8785, numbers restricted to safe integers. Throws on what has no such form. */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new Error('nested too deep')
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new Error('a lone surrogate')
    return JSON.stringify(value)
  }
  if (typeof value === 'number') {
    if (!Number.isSafeInteger(value)) throw new Error('a number that is no safe integer')
    return String(value)
  }
  if (Array.isArray(value)) return `[${value.map(item => canonicalJson(item, depth + 1)).join(',')}]`
  if (typeof value !== 'object') throw new Error(`no JSON: ${typeof value}`)
  const fields = value as Record<string, unknown>
  // Plain sort() orders by UTF-16 code units, as RFC 8785 §3.2.3 asks.
  const keys = Object.keys(fields).sort()
  return `{${keys.map(key => `${JSON.stringify(key)}:${canonicalJson(fields[key], depth + 1)}`).join(',')}}`
}

/** H(0x54 ‖ u32 4 ‖ u32 version ‖ u32 n ‖ kind ‖ u32 m ‖ canonical JSON of the envelope ‖ u32 32 or 0 ‖ commitment). */
export function recordHash(
  version: number,
  kind: string,
  envelope: unknown,
  commitment: Uint8Array | null,
): Uint8Array {
  const json = utf8(canonicalJson(envelope))
  const name = utf8(kind)
  const hidden = commitment ?? NOTHING
  return sha256(
    concat(
      RECORD,
      u32(4),
      u32(version),
      u32(name.length),
      name,
      u32(json.length),
      json,
      u32(hidden.length),
      hidden,
    ),
  )
}

/** H(u32 salt length ‖ salt ‖ raw bytes). */
export function commitmentOf(salt: Uint8Array, raw: Uint8Array): Uint8Array {
  return sha256(concat(u32(salt.length), salt, raw))
}

/** RFC 6962 §2.1: H(0x00 ‖ record hash). */
export function leafHash(record: Uint8Array): Uint8Array {
  return sha256(concat(LEAF, record))
}

/** RFC 9162 §2.1.4.2: the tree of `first` leaves is a prefix of that of `second`. Anything malformed is false. */
export function isPrefix(claim: {
  first: number
  second: number
  firstRoot: Uint8Array
  secondRoot: Uint8Array
  path: readonly Uint8Array[]
}): boolean {
  const { first, second, firstRoot, secondRoot, path } = claim
  if (!Number.isSafeInteger(first) || !Number.isSafeInteger(second) || first < 1 || first > second)
    return false
  if (first === second) return path.length === 0 && same(firstRoot, secondRoot)
  let [place, last] = [first - 1, second - 1]
  while (place % 2 === 1) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
  // Where the first tree is a whole subtree of the second, its own root begins the path.
  const [seed, ...siblings] = place === 0 ? [firstRoot, ...path] : path
  if (seed === undefined || path.length === 0) return false
  let [one, two] = [seed, seed]
  for (const sibling of siblings) {
    if (last === 0 || sibling.length !== 32) return false
    if (place % 2 === 1 || place === last) {
      one = sha256(concat(NODE, sibling, one))
      two = sha256(concat(NODE, sibling, two))
      while (place % 2 === 0 && place !== 0) [place, last] = [Math.floor(place / 2), Math.floor(last / 2)]
    } else {
      two = sha256(concat(NODE, two, sibling))
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && same(one, firstRoot) && same(two, secondRoot)
}

/** RFC 9162 §2.1.3.2. Anything malformed is false, never an exception. */
export function isIncluded(claim: {
  index: number
  size: number
  leaf: Uint8Array
  path: readonly Uint8Array[]
  root: Uint8Array
}): boolean {
  const { index, size, leaf, path, root } = claim
  if (!Number.isSafeInteger(index) || !Number.isSafeInteger(size) || index < 0 || index >= size) return false
  let place = index
  let last = size - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0 || sibling.length !== 32) return false
    if (place % 2 === 1 || place === last) {
      hash = sha256(concat(NODE, sibling, hash))
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2)
        last = Math.floor(last / 2)
      }
    } else {
      hash = sha256(concat(NODE, hash, sibling))
    }
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 && same(hash, root)
}
