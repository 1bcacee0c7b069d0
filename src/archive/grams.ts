import { foldText } from '../detect/index.ts'

/**
 * Search tokens: the distinct, unordered 1- and 2-grams (UTF-16 units) of the folded text, each a keyed 32-bit number.
 * HalfSipHash-2-4 (Aumasson and Bernstein's reduced SipHash) is the keyed hash: one HMAC call a gram would cost 12 µs
 * (84,000/s measured), this costs 60 ns and a cache makes the common ones cheaper still. Collisions only add candidates, which are
 * decrypted and rechecked. What gram frequencies leak is stated in docs/THREATS.md.
 */
export type GramHasher = {
  /** Grams of a text to store. */
  of(text: string): number[]
  /** Grams every match of `query` must hold: its 2-grams, or its one character. */
  needed(query: string): number[]
}

/**
 * Known grams stand in an open-addressing table: 2^19 slots, 6 MB. A full table starts anew; busy archives talk in far
 * fewer pairs than it holds. A Map keyed by numbers beyond 2^31 cost five times as much.
 */
const SLOTS = 1 << 19
const FULL = SLOTS * 0.7
/** Beyond this, probing for a free slot takes too long, and at the very end for ever. */
const FULLEST = SLOTS * 0.9

class GramTable {
  readonly #k0: number
  readonly #k1: number
  readonly #low = new Int32Array(SLOTS)
  readonly #high = new Int32Array(SLOTS).fill(EMPTY)
  readonly #hash = new Int32Array(SLOTS)
  /** The text in which a slot was last met: grams are distinct within a text without a set for each. */
  readonly #met = new Uint32Array(SLOTS)
  #text = 0
  #count = 0
  #restarted = false

  constructor(secret: Buffer) {
    this.#k0 = secret.readInt32LE(0)
    this.#k1 = secret.readInt32LE(4)
  }

  begin(): void {
    if (this.#count > FULL) this.#clear()
    this.#restarted = false
    this.#text = (this.#text + 1) >>> 0
  }

  /** The grams of the text begun: distinct, also when one text alone filled the table and it had to start anew. */
  end(found: number[]): number[] {
    return this.#restarted ? [...new Set(found)] : found
  }

  #clear(): void {
    this.#high.fill(EMPTY)
    this.#count = 0
    this.#restarted = true
  }

  /** Add the gram to `found` unless this text has had it. `high` is 0 for one character, 1 for two. */
  add(low: number, high: number, found: number[]): void {
    let slot = (Math.imul(low ^ (high << 16), 0x9e3779b1) >>> 13) & (SLOTS - 1)
    while (this.#high[slot] !== EMPTY && (this.#low[slot] !== low || this.#high[slot] !== high)) {
      slot = (slot + 1) & (SLOTS - 1)
    }
    if (this.#high[slot] === EMPTY) {
      if (this.#count > FULLEST) this.#clear()
      this.#low[slot] = low
      this.#high[slot] = high
      this.#hash[slot] = halfSip(this.#k0, this.#k1, low, high)
      this.#met[slot] = 0
      this.#count += 1
    }
    if (this.#met[slot] === this.#text) return
    this.#met[slot] = this.#text
    found.push(this.#hash[slot] ?? 0)
  }
}

const EMPTY = -1

/** The hasher of one institution; its secret comes from the institution's own key. */
export function gramHasher(secret: Buffer): GramHasher {
  const table = new GramTable(secret)
  return {
    of(text) {
      table.begin()
      const found: number[] = []
      const folded = foldText(text)
      for (let i = 0; i < folded.length; i += 1) {
        const first = folded.charCodeAt(i)
        table.add(first, ONE, found)
        if (i + 1 < folded.length) table.add((first << 16) | folded.charCodeAt(i + 1), TWO, found)
      }
      return table.end(found)
    },
    needed(query) {
      table.begin()
      const found: number[] = []
      const folded = foldText(query)
      if (folded.length === 1) table.add(folded.charCodeAt(0), ONE, found)
      for (let i = 0; i + 1 < folded.length; i += 1) {
        table.add((folded.charCodeAt(i) << 16) | folded.charCodeAt(i + 1), TWO, found)
      }
      return table.end(found)
    },
  }
}

/** One character and two characters are told apart by the second word of what is hashed. */
const ONE = 0
const TWO = 1

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

/** HalfSipHash-2-4 of an 8-byte little-endian input, 32-bit output. */
function halfSip(k0: number, k1: number, low: number, high: number): number {
  const state: State = { a: k0, b: k1, c: 0x6c796765 ^ k0, d: 0x74656462 ^ k1 }
  for (const word of [low | 0, high, 8 << 24]) {
    state.d ^= word
    round(state)
    round(state)
    state.a ^= word
  }
  state.c ^= 0xff
  for (let i = 0; i < 4; i += 1) round(state)
  return state.b ^ state.d
}

type State = { a: number; b: number; c: number; d: number }
function round(s: State): void {
  s.a = (s.a + s.b) | 0
  s.b = rotate(s.b, 5) ^ s.a
  s.a = rotate(s.a, 16)
  s.c = (s.c + s.d) | 0
  s.d = rotate(s.d, 8) ^ s.c
  s.a = (s.a + s.d) | 0
  s.d = rotate(s.d, 7) ^ s.a
  s.c = (s.c + s.b) | 0
  s.b = rotate(s.b, 13) ^ s.c
  s.c = rotate(s.c, 16)
}
