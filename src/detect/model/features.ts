/**
 * The features of the model: every run of one to four folded characters, the ends of the text being characters of
 * their own. A feature is its hash; those of two characters alone feed the gate, all of them the score.
 */

/** The score has one weight for each of so many hashes, the gate and each category fewer. */
export const SCORE_BITS = 19
export const GATE_BITS = 16
export const CATEGORY_BITS = 14

/** Stand before the first and after the last character; no text holds them once folded. */
const OPEN = 1
const CLOSE = 2

const A = 0x9e3779b1
const B = 0x85ebca77
const C = 0xc2b2ae3d
const D = 0x27d4eb2f

const mix = (h: number): number => {
  const a = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
  return (a ^ (a >>> 13)) >>> 0
}

/** Calls `see(hash, start, length)` for every feature of chars[from, to); start and length are those of the text, ends left out. */
export function eachFeature(
  chars: Uint16Array,
  from: number,
  to: number,
  see: (hash: number, start: number, length: number) => void,
): void {
  const at = (i: number): number => (i < from ? OPEN : i >= to ? CLOSE : (chars[i] as number))
  for (let i = from - 1; i <= to; i++) {
    const a = Math.imul(at(i), A)
    if (i >= from && i < to) see(mix(a), i, 1)
    if (i + 1 > to) break
    const b = a + Math.imul(at(i + 1), B)
    see(mix(b + 1), Math.max(from, i), 2)
    if (i + 2 > to) continue
    const c = b + Math.imul(at(i + 2), C)
    see(mix(c + 2), Math.max(from, i), 3)
    if (i + 3 <= to) see(mix(c + Math.imul(at(i + 3), D) + 3), Math.max(from, i), 4)
  }
}

/** The summed gate weights of the pairs in chars[from, to): one look-up a character. */
export function gateScore(table: Int8Array, chars: Uint16Array, from: number, to: number): number {
  const shift = 32 - GATE_BITS
  let sum = 0
  let left = Math.imul(OPEN, A)
  for (let i = from; i < to; i++) {
    const char = chars[i] as number
    const h = left + Math.imul(char, B) + 1
    const m = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d)
    sum += table[((m ^ (m >>> 13)) >>> 0) >>> shift] as number
    left = Math.imul(char, A)
  }
  const h = left + Math.imul(CLOSE, B) + 1
  sum += table[mix(h) >>> shift] as number
  return sum
}

/** The summed weights of all features of chars[from, to). */
export function fullScore(table: Int8Array, chars: Uint16Array, from: number, to: number): number {
  const shift = 32 - SCORE_BITS
  let sum = 0
  eachFeature(chars, from, to, hash => {
    sum += table[hash >>> shift] as number
  })
  return sum
}

/** How many features chars of such a length have. */
export const featureCount = (length: number): number =>
  length + (length + 1) + length + Math.max(0, length - 1)
