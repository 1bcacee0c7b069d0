import { pairHash } from '../model/features.ts'

/**
 * A trie in a table of hashed steps, all plain typed arrays. There are no failure links: a table of hashed first
 * pairs says where a word can begin at all, which is at few places of ordinary text, and from there the trie is
 * walked, two symbols at the first step. A place costs one load of a table that stays in the nearest cache, where a
 * failure link would cost two far ones. Steps are hashed and not packed into a double array because that took five
 * seconds to build for 100,000 words; this takes a twentieth of it.
 */
export type Automaton = {
  /** Code unit → symbol; `none` for units in no word. Symbols 1 … singles are words by themselves. */
  symbol: Uint16Array
  none: number
  singles: number
  /** Of each symbol up to singles: its word. */
  single: Int32Array
  /** Two bits for every hash (model/features.ts) of two units that a word begins with. */
  pairs: Int32Array
  /** Fours: where the step comes from (0 empty, -symbol a word's first, otherwise slot + 1), symbol, word or -1, 1 when it goes on. */
  cells: Int32Array
}

/** Words of one unit first, so that a comparison tells them; then the commonest, which keeps what is used together. */
function symbols(words: string[], others: Iterable<number>) {
  const count = new Int32Array(65536)
  const known = new Uint8Array(65536)
  for (const unit of others) known[unit] = 1
  for (const word of words) {
    if (word.length === 1) known[word.charCodeAt(0)] = 2
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i)
      count[unit] = (count[unit] as number) + 1
      if (known[unit] === 0) known[unit] = 1
    }
  }
  const units: number[] = []
  for (let unit = 0; unit < 65536; unit++) if (known[unit] !== 0) units.push(unit)
  const at = (table: Int32Array | Uint8Array, unit: number) => table[unit] as number
  units.sort((a, b) => at(known, b) - at(known, a) || at(count, b) - at(count, a) || a - b)
  const none = units.length + 1
  const symbol = new Uint16Array(65536).fill(none)
  units.forEach((unit, i) => {
    symbol[unit] = i + 1
  })
  return { symbol, none, singles: units.filter(unit => known[unit] === 2).length }
}

/** The slot of a step, or the empty one where it would stand. */
function slotOf(cells: Int32Array, from: number, symbol: number): number {
  const mask = (cells.length >>> 2) - 1
  let h = Math.imul(from, -1640531535) + Math.imul(symbol, -2048144789)
  h ^= h >>> 15
  for (let slot = h & mask; ; slot = (slot + 1) & mask) {
    const parent = cells[4 * slot] as number
    if (parent === 0 || (parent === from && cells[4 * slot + 1] === symbol)) return slot
  }
}

/** The state one symbol on from another, 0 when there is none; 0 is also where a walk begins. */
export function stateAfter(a: Automaton, state: number, symbol: number): number {
  if (state === 0) return symbol === a.none ? 0 : -symbol
  const slot = slotOf(a.cells, state, symbol)
  return a.cells[4 * slot] === 0 ? 0 : slot + 1
}

/** The word that ends at a state, or -1. */
export function wordAt(a: Automaton, state: number): number {
  if (state > 0) return a.cells[4 * state - 2] as number
  return state < 0 && -state <= a.singles ? (a.single[-state] as number) : -1
}

/** `others` are units that get a symbol without standing in a word: gates look for them. */
export function buildAutomaton(words: string[], others: Iterable<number> = []): Automaton {
  const { symbol, none, singles } = symbols(words, others)
  const single = new Int32Array(singles + 1).fill(-1)
  // A third stays free, so that a step which is not there is told by one look or two.
  const need = 1.5 * words.reduce((sum, word) => sum + word.length, 1)
  let size = 64
  while (size < need) size *= 2
  const cells = new Int32Array(4 * size)
  words.forEach((word, index) => {
    const first = symbol[word.charCodeAt(0)] as number
    if (word.length === 1) single[first] = index
    let from = -first
    let slot = 0
    for (let i = 1; i < word.length; i++) {
      const c = symbol[word.charCodeAt(i)] as number
      if (i > 1) cells[4 * slot + 3] = 1
      slot = slotOf(cells, from, c)
      if (cells[4 * slot] === 0) {
        cells[4 * slot] = from
        cells[4 * slot + 1] = c
        cells[4 * slot + 2] = -1
      }
      from = slot + 1
    }
    if (word.length > 1) cells[4 * slot + 2] = index
  })
  return { symbol, none, singles, single, pairs: pairsOf(words), cells }
}

/** Two bits of one number for each pair: with twenty bits a word, false company is under one place in a hundred. */
const BITS_A_WORD = 20

function pairsOf(words: string[]): Int32Array {
  let bits = 1024
  while (bits < BITS_A_WORD * words.length) bits *= 2
  const pairs = new Int32Array(bits / 32)
  for (const word of words) {
    if (word.length < 2) continue
    const h = pairHash(word.charCodeAt(0), word.charCodeAt(1))
    const at = (h & (bits - 1)) >>> 5
    pairs[at] = (pairs[at] as number) | (1 << (h & 31)) | (1 << (h >>> 27))
  }
  return pairs
}

/** What a scan found: word index and the position after its last unit, in order of start. */
export type Found = { n: number; word: Int32Array; end: Int32Array; starts: Int32Array }

export const foundBuffer = (): Found => ({
  n: 0,
  word: new Int32Array(256),
  end: new Int32Array(256),
  starts: new Int32Array(1024),
})

/** Finds the words of chars[0, n). */
export function scanWords(a: Automaton, chars: Uint16Array, n: number, found: Found): void {
  const { pairs, singles, symbol } = a
  const mask = pairs.length * 32 - 1
  if (found.starts.length <= n) found.starts = new Int32Array(2 * n)
  const { starts } = found
  let m = 0
  for (let i = 0; i < n; i++) {
    const here = chars[i] as number
    const h = i + 1 < n ? pairHash(here, chars[i + 1] as number) : 0
    const bits = pairs[(h & mask) >>> 5] as number
    // Written always, kept when a word can begin here: cheaper than a branch nobody can predict.
    starts[m] = i
    m += ((bits >>> (h & 31)) & (bits >>> (h >>> 27)) & 1) | ((symbol[here] as number) <= singles ? 1 : 0)
  }
  walkFrom(a, chars, n, m, found)
}

/** May a word begin with these two units? */
function begins({ pairs }: Automaton, a: number, b: number): boolean {
  const h = pairHash(a, b)
  const bits = pairs[(h & (32 * pairs.length - 1)) >>> 5] as number
  return ((bits >>> (h & 31)) & (bits >>> (h >>> 27)) & 1) === 1
}

/** Walks the trie from the first m of found.starts; a start before the text is none. */
export function walkFrom(a: Automaton, chars: Uint16Array, n: number, m: number, found: Found): void {
  const { cells, single, singles, symbol } = a
  const { starts } = found
  found.n = 0
  for (let k = m > 0 && (starts[0] as number) < 0 ? 1 : 0; k < m; k++) {
    let i = starts[k] as number
    const first = symbol[chars[i++] as number] as number
    if (first <= singles) {
      report(found, single[first] as number, i)
      // It stands here as a word by itself; does a longer one begin with it?
      if (i >= n || !begins(a, chars[i - 1] as number, chars[i] as number)) continue
    }
    let from = -first
    while (i < n) {
      const slot = slotOf(cells, from, symbol[chars[i] as number] as number)
      if (cells[4 * slot] === 0) break
      i++
      const word = cells[4 * slot + 2] as number
      if (word >= 0) report(found, word, i)
      if (cells[4 * slot + 3] === 0) break
      from = slot + 1
    }
  }
}

function report(found: Found, word: number, end: number): void {
  if (found.n === found.word.length) {
    const [words, ends] = [new Int32Array(found.n * 2), new Int32Array(found.n * 2)]
    words.set(found.word)
    ends.set(found.end)
    found.word = words
    found.end = ends
  }
  found.word[found.n] = word
  found.end[found.n++] = end
}
