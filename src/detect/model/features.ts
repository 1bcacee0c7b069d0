/**
 * The features of the model: every run of one to four folded characters, the ends of the text being characters of
 * their own, and every two characters with one to three others between them. A feature is its hash; those of two
 * neighbours alone feed the gate, characters and neighbours the net, all of them the score.
 */

/** The score has one weight for each of so many hashes, the gate fewer, the net a row of weights for each. */
export const SCORE_BITS = 21
export const GATE_BITS = 16
export const NET_BITS = 16
/** What the net makes of a feature: so many weights side by side. */
export const NET_WIDTH = 32

/** Stand before the first and after the last character; no text holds them once folded. */
export const OPEN = 1
export const CLOSE = 2

/** The hash of two neighbours is mix(a × A + b × B + 1); the reader reckons it too, in its one pass. */
export const A = 0x9e3779b1
export const B = 0x85ebca77
const C = 0xc2b2ae3d
const D = 0x27d4eb2f

/** Two characters of a feature stand so far apart at most. */
const WIDEST = 4
const APART = 100

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
    for (let gap = 2; i >= from && gap <= WIDEST && i + gap < to; gap++)
      see(mix(a + Math.imul(at(i + gap), B) + APART), i, gap + 1)
    const b = a + Math.imul(at(i + 1), B)
    see(mix(b + 1), Math.max(from, i), 2)
    if (i + 2 > to) continue
    const c = b + Math.imul(at(i + 2), C)
    see(mix(c + 2), Math.max(from, i), 3)
    if (i + 3 <= to) see(mix(c + Math.imul(at(i + 3), D) + 3), Math.max(from, i), 4)
  }
}

/** The hash of two neighbours. */
export const pairHash = (a: number, b: number): number => mix(Math.imul(a, A) + Math.imul(b, B) + 1)

/** The summed gate weights of the pairs in chars[from, to): one look-up a character. */
export function gateScore(table: Int8Array, chars: Uint16Array, from: number, to: number): number {
  const shift = 32 - GATE_BITS
  let sum = 0
  let before = OPEN
  for (let i = from; i < to; i++) {
    const char = chars[i] as number
    sum += table[pairHash(before, char) >>> shift] as number
    before = char
  }
  return sum + (table[pairHash(before, CLOSE) >>> shift] as number)
}

let sums = new Int32Array(256)
/** Of each character: the gate weights of all pairs up to it, so that those of a stretch are a difference. */
export function gateSums(table: Int8Array, chars: Uint16Array, n: number): Int32Array {
  const shift = 32 - GATE_BITS
  if (sums.length < n) sums = new Int32Array(2 * n)
  let sum = 0
  let before = OPEN
  for (let i = 0; i < n; i++) {
    const char = chars[i] as number
    sum += table[pairHash(before, char) >>> shift] as number
    sums[i] = sum
    before = char
  }
  return sums
}

/** The gate weights of the two pairs that the ends of a stretch make. */
export const gateEnds = (table: Int8Array, chars: Uint16Array, from: number, to: number): number =>
  (table[pairHash(OPEN, chars[from] as number) >>> (32 - GATE_BITS)] as number) +
  (table[pairHash(chars[to - 1] as number, CLOSE) >>> (32 - GATE_BITS)] as number)

/** Of each unit its part in a hash, by its place in the feature: a product each, kept for the next feature. */
const KEPT = 1024
const parts = {
  a: new Int32Array(KEPT),
  b: new Int32Array(KEPT),
  c: new Int32Array(KEPT),
  d: new Int32Array(KEPT),
}

/**
 * The summed weights of all features of chars[from, to): those of `eachFeature`, but without a call for each, so that
 * the far looks into the table wait for one another as little as they can.
 */
export function fullScore(table: Int8Array, chars: Uint16Array, from: number, to: number): number {
  const shift = 32 - SCORE_BITS
  const n = to - from + 2
  let sum = 0
  if (n > KEPT) {
    eachFeature(chars, from, to, hash => {
      sum += table[hash >>> shift] as number
    })
    return sum
  }
  const { a, b, c, d } = parts
  for (let i = 0; i < n; i++) {
    const char = i === 0 ? OPEN : i === n - 1 ? CLOSE : (chars[from + i - 1] as number)
    a[i] = Math.imul(char, A)
    b[i] = Math.imul(char, B)
    c[i] = Math.imul(char, C)
    d[i] = Math.imul(char, D)
  }
  for (let i = 0; i < n; i++) {
    const one = a[i] as number
    if (i > 0 && i + 1 < n) {
      sum += table[mix(one) >>> shift] as number
      for (let gap = 2; gap <= WIDEST && i + gap + 1 < n; gap++)
        sum += table[mix(one + (b[i + gap] as number) + APART) >>> shift] as number
    }
    if (i + 1 >= n) break
    const two = one + (b[i + 1] as number)
    sum += table[mix(two + 1) >>> shift] as number
    if (i + 2 >= n) continue
    const three = two + (c[i + 2] as number)
    sum += table[mix(three + 2) >>> shift] as number
    if (i + 3 < n) sum += table[mix(three + (d[i + 3] as number) + 3) >>> shift] as number
  }
  return sum
}

/** To the net every digit is the same digit: 45块以下 and 38块以下 are one turn of phrase. */
const ZERO = 48
const netChar = (char: number): number => (char > ZERO && char <= ZERO + 9 ? ZERO : char)

/** Adds to `sums` the rows of every character and every two neighbours in chars[from, to); gives how many they were. */
export function addRows(
  table: Int8Array,
  chars: Uint16Array,
  from: number,
  to: number,
  sums: Int32Array,
): number {
  const shift = 32 - NET_BITS
  let before = Math.imul(OPEN, A)
  for (let i = from; i <= to; i++) {
    const char = i < to ? netChar(chars[i] as number) : CLOSE
    const alone = Math.imul(char, A)
    const pair = (mix(before + Math.imul(char, B) + 1) >>> shift) * NET_WIDTH
    // The end of the text is no character, and adds its pair alone.
    const single = i < to ? (mix(alone) >>> shift) * NET_WIDTH : -1
    if (single >= 0)
      for (let d = 0; d < NET_WIDTH; d++)
        sums[d] = (sums[d] as number) + (table[pair + d] as number) + (table[single + d] as number)
    else for (let d = 0; d < NET_WIDTH; d++) sums[d] = (sums[d] as number) + (table[pair + d] as number)
    before = alone
  }
  return 2 * (to - from) + 1
}

/** The features that `addRows` sums up, for the training. */
export function netFeatures(chars: Uint16Array, n: number): number[] {
  const out: number[] = []
  const seen = Uint16Array.from(chars.subarray(0, n), netChar)
  eachFeature(seen, 0, n, (hash, _, length) => {
    if (length <= 2) out.push(hash)
  })
  return out
}

/** How many features chars of such a length have. */
export const featureCount = (length: number): number =>
  4 * length + Math.max(0, length - 2) + Math.max(0, length - 3) + Math.max(0, length - 4)
