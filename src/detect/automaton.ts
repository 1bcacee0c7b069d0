/**
 * Aho–Corasick over a double array, all plain typed arrays. Slot 1 is the root. A child of `s` by symbol
 * `c` stands at base[s] + c when check says so; `cells` interleaves base and check so that one cache line
 * answers a step.
 */
export type Automaton = {
  /** Code unit → symbol; 0 for units in no word. */
  symbol: Uint16Array
  cells: Int32Array
  fail: Int32Array
  /** Nearest state, itself or a suffix, that ends a word; 0 when none. */
  out: Int32Array
  /** Word index ending at this state, or -1. */
  word: Int32Array
  /** The next shorter word's state. */
  shorter: Int32Array
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

/** The commonest units get the smallest symbols, which packs the array tighter. */
function symbols(words: string[]): { symbol: Uint16Array; count: number } {
  const count = new Map<number, number>()
  for (const word of words) {
    for (let i = 0; i < word.length; i++)
      count.set(word.charCodeAt(i), (count.get(word.charCodeAt(i)) ?? 0) + 1)
  }
  const symbol = new Uint16Array(65536)
  const sorted = [...count].sort((a, b) => b[1] - a[1] || a[0] - b[0])
  sorted.forEach(([unit], i) => {
    symbol[unit] = i + 1
  })
  return { symbol, count: sorted.length + 1 }
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
    this.nextFree = Int32Array.from({ length: size }, (_, i) => i + 1)
    this.lastFree = Int32Array.from({ length: size }, (_, i) => i - 1)
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

export function buildAutomaton(words: string[]): Automaton {
  const { symbol, count } = symbols(words)
  const trie = trieOf(words, symbol)
  const room = new Room(trie.word.length * 2 + 3 * count + 64)
  const slot = new Int32Array(trie.word.length)
  slot[0] = ROOT
  const order = [0]
  for (let i = 0; i < order.length; i++) {
    const node = order[i] as number
    const kids = trie.kids[node] as Map<number, number>
    if (kids.size === 0) continue
    const keys = [...kids.keys()].sort((a, b) => a - b)
    const base = room.base(keys)
    const at = slot[node] as number
    room.cells[2 * at] = base
    for (const key of keys) {
      const kid = kids.get(key) as number
      slot[kid] = base + key
      room.take(base + key, at)
      order.push(kid)
    }
  }
  return link(symbol, room, trie, slot, order, count)
}

function link(
  symbol: Uint16Array,
  room: Room,
  trie: Trie,
  slot: Int32Array,
  order: number[],
  count: number,
): Automaton {
  // Any base + symbol must lie inside the array, or a step would read undefined.
  let size = 2
  for (const at of slot) size = Math.max(size, at + 1, (room.cells[2 * at] as number) + count + 1)
  const cells = new Int32Array(size * 2)
  cells.set(room.cells.subarray(0, Math.min(size * 2, room.cells.length)))
  const a: Automaton = {
    symbol,
    cells,
    fail: new Int32Array(size).fill(ROOT),
    out: new Int32Array(size),
    word: new Int32Array(size).fill(-1),
    shorter: new Int32Array(size),
  }
  for (const node of order) {
    const at = slot[node] as number
    const index = trie.word[node] as number
    a.word[at] = index
    const fail = a.fail[at] as number
    a.shorter[at] = at === ROOT ? 0 : (a.out[fail] as number)
    a.out[at] = index >= 0 ? at : (a.shorter[at] as number)
    for (const [key, kid] of trie.kids[node] as Map<number, number>) {
      a.fail[slot[kid] as number] = at === ROOT ? ROOT : follow(a, fail, key)
    }
  }
  return a
}

function follow(a: Automaton, from: number, key: number): number {
  for (let s = from; ; s = a.fail[s] as number) {
    const to = (a.cells[2 * s] as number) + key
    if (a.cells[2 * to + 1] === s) return to
    if (s === ROOT) return ROOT
  }
}

/** What a scan found: word index and the position after its last unit, in order of end. */
export type Found = { n: number; word: Int32Array; end: Int32Array }

export const foundBuffer = (): Found => ({ n: 0, word: new Int32Array(256), end: new Int32Array(256) })

export function scanWords(a: Automaton, chars: Uint16Array, n: number, found: Found): void {
  const { symbol, cells, fail, out } = a
  let s = ROOT
  found.n = 0
  for (let i = 0; i < n; i++) {
    const c = symbol[chars[i] as number] as number
    if (c === 0) {
      s = ROOT
      continue
    }
    for (;;) {
      const to = (cells[2 * s] as number) + c
      if (cells[2 * to + 1] === s) {
        s = to
        break
      }
      if (s === ROOT) break
      s = fail[s] as number
    }
    if (out[s] !== 0) report(a, s, i + 1, found)
  }
}

function report(a: Automaton, state: number, end: number, found: Found): void {
  for (let s = a.out[state] as number; s !== 0; s = a.shorter[s] as number) {
    if (found.n === found.word.length) {
      const word = new Int32Array(found.n * 2)
      const ends = new Int32Array(found.n * 2)
      word.set(found.word)
      ends.set(found.end)
      found.word = word
      found.end = ends
    }
    found.word[found.n] = a.word[s] as number
    found.end[found.n++] = end
  }
}
