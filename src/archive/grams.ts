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

/** Beyond this many cached pairs the cache starts anew: about 40 MB. */
const CACHE_LIMIT = 500_000

export function gramHasher(secret: Buffer): GramHasher {
  const k0 = secret.readInt32LE(0)
  const k1 = secret.readInt32LE(4)
  const cache = new Map<number, number>()
  const hash = (code: number): number => {
    const known = cache.get(code)
    if (known !== undefined) return known
    if (cache.size >= CACHE_LIMIT) cache.clear()
    const fresh = halfSip(k0, k1, code)
    cache.set(code, fresh)
    return fresh
  }
  return {
    of(text) {
      const found = new Set<number>()
      const folded = foldText(text)
      for (let i = 0; i < folded.length; i += 1) {
        const first = folded.charCodeAt(i)
        found.add(hash(single(first)))
        if (i + 1 < folded.length) found.add(hash(pair(first, folded.charCodeAt(i + 1))))
      }
      return [...found]
    },
    needed(query) {
      const folded = foldText(query)
      if (folded.length === 1) return [hash(single(folded.charCodeAt(0)))]
      const found = new Set<number>()
      for (let i = 0; i + 1 < folded.length; i += 1)
        found.add(hash(pair(folded.charCodeAt(i), folded.charCodeAt(i + 1))))
      return [...found]
    },
  }
}

/** One character and two characters live in separate number ranges below 2^53. */
function single(code: number): number {
  return code
}
function pair(first: number, second: number): number {
  return 0x1_0000_0000 + first * 0x1_0000 + second
}

function rotate(x: number, by: number): number {
  return (x << by) | (x >>> (32 - by))
}

/** HalfSipHash-2-4 of an 8-byte little-endian input, 32-bit output. */
function halfSip(k0: number, k1: number, code: number): number {
  const state: State = { a: k0, b: k1, c: 0x6c796765 ^ k0, d: 0x74656462 ^ k1 }
  for (const word of [code | 0, Math.floor(code / 0x1_0000_0000) | 0, 8 << 24]) {
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
