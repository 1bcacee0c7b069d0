/**
 * A trie in a double array, all plain typed arrays. Slot 1 is the root. A child of `s` by symbol `c` stands at
 * base[s] + c when check says so; `cells` interleaves base and check so that one cache line answers a step.
 *
 * There are no failure links: a table of hashed first pairs says where a word can begin at all, which is at few
 * places of ordinary text, and from there the trie is walked. A place costs one load of a table that stays in
 * the nearest cache, where a failure link would cost two far ones.
 */
export type Automaton = {
  /** Code unit → symbol; `none` for units in no word. Symbols 1 … singles are words by themselves. */
  symbol: Uint16Array
  none: number
  singles: number
  /** One bit for every hashed pair of symbols that a word begins with. */
  pairs: Int32Array
  cells: Int32Array
  /** Word index ending at this state, or -1. */
  word: Int32Array
}

type Trie = { kids: Map<number, number>[]; word: number[] }
const ROOT = 1

function trieOf(words: string[], symbol: Uint16Array): Trie {
  const trie: Trie = { kids: [new Map()], word: [-1] }
  words.forEach((word, index) => {
    let node = 0
    for (let i = 0; i < word.length; i++) {
      const c = symbol[word.charCodeAt(i)] as number
      const kids = trie.kids[node] as Map<number, number>
      let next = kids.get(c)
      if (next === undefined) {
        next = trie.kids.push(new Map()) - 1
        trie.word.push(-1)
        kids.set(c, next)
      }
      node = next
    }
    trie.word[node] = index
  })
  return trie
}

/** Words of one unit first, so that a comparison tells them; then the commonest, which packs the array tighter. */
function symbols(words: string[], others: Iterable<number>) {
  const count = new Map<number, number>()
  const alone = new Set<number>()
  for (const unit of others) count.set(unit, 0)
  for (const word of words) {
    if (word.length === 1) alone.add(word.charCodeAt(0))
    for (let i = 0; i < word.length; i++)
      count.set(word.charCodeAt(i), (count.get(word.charCodeAt(i)) ?? 0) + 1)
  }
  const rank = (unit: number) => (alone.has(unit) ? 0 : 1)
  const sorted = [...count].sort((a, b) => rank(a[0]) - rank(b[0]) || b[1] - a[1] || a[0] - b[0])
  const none = sorted.length + 1
  const symbol = new Uint16Array(65536).fill(none)
  sorted.forEach(([unit], i) => {
    symbol[unit] = i + 1
  })
  return { symbol, none, singles: alone.size }
}

/** Finds room for a node's children by walking a linked list of the free cells only. */
class Room {
  readonly cells: Int32Array
  readonly size: number
  readonly nextFree: Int32Array
  readonly lastFree: Int32Array
  first = 2

  constructor(size: number) {
    this.size = size
    this.cells = new Int32Array(size * 2)
    this.nextFree = new Int32Array(size)
    this.lastFree = new Int32Array(size)
    for (let i = 0; i < size; i++) {
      this.nextFree[i] = i + 1
      this.lastFree[i] = i - 1
    }
  }

  take(slot: number, parent: number): void {
    this.cells[2 * slot + 1] = parent
    const next = this.nextFree[slot] as number
    const last = this.lastFree[slot] as number
    if (slot === this.first) this.first = next
    else this.nextFree[last] = next
    this.lastFree[next] = last
  }

  fits(base: number, kids: number[]): boolean {
    for (let i = 1; i < kids.length; i++) {
      const slot = base + (kids[i] as number)
      if (this.cells[2 * slot + 1] !== 0) return false
    }
    return true
  }

  base(kids: number[]): number {
    const lowest = kids[0] as number
    for (let slot = this.first; ; slot = this.nextFree[slot] as number) {
      if (slot > lowest && this.fits(slot - lowest, kids)) return slot - lowest
    }
  }
}

/** `others` are units that get a symbol without standing in a word: gates look for them. */
export function buildAutomaton(words: string[], others: Iterable<number> = []): Automaton {
  const { symbol, none, singles } = symbols(words, others)
  const trie = trieOf(words, symbol)
  const room = new Room(trie.word.length * 2 + 3 * none + 64)
  const slot = new Int32Array(trie.word.length)
  slot[0] = ROOT
  const order = [0]
  let size = none + 2
  for (let i = 0; i < order.length; i++) {
    const node = order[i] as number
    const kids = trie.kids[node] as Map<number, number>
    if (kids.size === 0) continue
    const keys = [...kids.keys()].sort((a, b) => a - b)
    const base = room.base(keys)
    const at = slot[node] as number
    room.cells[2 * at] = base
    // Any base + symbol must lie inside the array, or a step would read undefined.
    size = Math.max(size, base + none + 1)
    for (const key of keys) {
      const kid = kids.get(key) as number
      slot[kid] = base + key
      room.take(base + key, at)
      order.push(kid)
    }
  }
  for (const at of slot) size = Math.max(size, at + 1)
  const cells = new Int32Array(size * 2)
  cells.set(room.cells.subarray(0, Math.min(size * 2, room.cells.length)))
  const word = new Int32Array(size).fill(-1)
  for (const node of order) word[slot[node] as number] = trie.word[node] as number
  return { symbol, none, singles, pairs: pairsOf(words, symbol), cells, word }
}

/** Spreads the pairs of a few thousand symbols over a table of a power of two. */
export const SPREAD = 40503

function pairsOf(words: string[], symbol: Uint16Array): Int32Array {
  // Some sixteen bits a word keep false company under one place in sixteen.
  let bits = 1024
  while (bits < 16 * words.length) bits *= 2
  const pairs = new Int32Array(bits / 32)
  for (const word of words) {
    if (word.length < 2) continue
    const [a, b] = [symbol[word.charCodeAt(0)] as number, symbol[word.charCodeAt(1)] as number]
    const h = (Math.imul(a, SPREAD) + b) & (bits - 1)
    pairs[h >>> 5] = (pairs[h >>> 5] as number) | (1 << (h & 31))
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

/** `sym` holds n symbols and room for one more. */
export function scanWords(a: Automaton, sym: Uint16Array, n: number, found: Found): void {
  const { pairs, singles } = a
  const mask = pairs.length * 32 - 1
  if (found.starts.length <= n) found.starts = new Int32Array(2 * n)
  const { starts } = found
  sym[n] = a.none
  let m = 0
  let here = sym[0] as number
  for (let i = 0; i < n; ) {
    const next = sym[i + 1] as number
    const h = (Math.imul(here, SPREAD) + next) & mask
    // Written always, kept when a word can begin here: cheaper than a branch nobody can predict.
    starts[m] = i++
    m += (((pairs[h >>> 5] as number) >>> (h & 31)) & 1) | (here <= singles ? 1 : 0)
    here = next
  }
  walkFrom(a, sym, m, found)
}

/** Walks the trie from the first m of found.starts; a start before the text is none. */
export function walkFrom(a: Automaton, sym: Uint16Array, m: number, found: Found): void {
  const { cells, word } = a
  const { starts } = found
  found.n = 0
  for (let k = (starts[0] as number) < 0 ? 1 : 0; k < m; k++) {
    let i = starts[k] as number
    let s = ROOT
    for (;;) {
      const to = (cells[2 * s] as number) + (sym[i] as number)
      if (cells[2 * to + 1] !== s) break
      s = to
      i++
      if ((word[s] as number) >= 0) report(found, word[s] as number, i)
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
