import { longest, type Node, PatternError, parsePattern, type Ranges } from './pattern-syntax.ts'
import { outOfSight, placeOf } from './sight.ts'

/** More would make one step of the simulation dear; a rule that needs it is two rules. */
const MOST_NODES = 1500
const MOST_STATES = 1024

/** Nondeterministic program. `set[i] >= 0` reads a character; otherwise a split, or the end when next is -1. */
type Program = {
  set: number[]
  next: number[]
  other: number[]
  sets: Ranges[]
  entry: number
  longest: number
}

export type Span = { start: number; end: number }

/** Thompson's construction, written back to front so that every target is known. */
class Builder {
  readonly p: Program = { set: [], next: [], other: [], sets: [], entry: 0, longest: 0 }
  readonly known = new Map<string, number>()

  node(set: number, next: number, other: number): number {
    if (this.p.set.length >= MOST_NODES) throw new PatternError('the pattern is too large; split it')
    this.p.set.push(set)
    this.p.next.push(next)
    this.p.other.push(other)
    return this.p.set.length - 1
  }

  build(node: Node, then: number): number {
    if (node.type === 'set') return this.node(this.setId(node.ranges), then, -1)
    if (node.type === 'cat') return node.items.reduceRight((next, item) => this.build(item, next), then)
    if (node.type === 'alt') {
      return node.items
        .map(item => this.build(item, then))
        .reduceRight((rest, one) => this.node(-1, one, rest))
    }
    let next = then
    for (let i = node.min; i < node.max; i++) next = this.node(-1, this.build(node.item, next), then)
    for (let i = 0; i < node.min; i++) next = this.build(node.item, next)
    return next
  }

  setId(ranges: Ranges): number {
    const key = ranges.join()
    const id = this.known.get(key) ?? this.p.sets.push(ranges) - 1
    this.known.set(key, id)
    return id
  }
}

function compileProgram(source: string): Program {
  const tree = parsePattern(source)
  const builder = new Builder()
  const end = builder.node(-1, -1, -1)
  builder.p.entry = builder.build(tree, end)
  builder.p.longest = longest(tree)
  return builder.p
}

const inside = (ranges: Ranges, unit: number): boolean => {
  for (let i = 0; i < ranges.length; i += 2) {
    if (unit < (ranges[i] as number)) return false
    if (unit <= (ranges[i + 1] as number)) return true
  }
  return false
}

/** The live program nodes are the state; `to[state * classes + class]` leads on (see `step`), -1 when not made yet. */
type States = { nodes: Int32Array[]; accepts: boolean[]; to: Int32Array; known: Map<string, number> }

/** State 0 is the dead one. */
const noStates = (classes: number): States => ({
  nodes: [new Int32Array(0)],
  accepts: [false],
  to: new Int32Array(16 * classes).fill(-1).fill(0, 0, classes),
  known: new Map([['', 0]]),
})

/** States are made when first met and kept (a lazy DFA); the cache is emptied when full. */
class Automaton {
  readonly program: Program
  readonly accepts: Uint8Array[]
  readonly classes: number
  /** A search may begin at every character; the other kind only where it is set down. */
  readonly anchored: boolean
  states: States
  first: number

  constructor(program: Program, accepts: Uint8Array[], classes: number, anchored: boolean) {
    this.program = program
    this.accepts = accepts
    this.classes = classes
    this.anchored = anchored
    this.states = noStates(classes)
    this.first = this.intern(this.closure([program.entry]))
  }

  closure(from: number[]): Set<number> {
    const seen = new Set<number>()
    const stack = [...from]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      if (seen.has(node)) continue
      seen.add(node)
      if ((this.program.set[node] as number) >= 0) continue
      for (const to of [this.program.next[node] as number, this.program.other[node] as number])
        if (to >= 0) stack.push(to)
    }
    return seen
  }

  intern(seen: Set<number>): number {
    const { set, next } = this.program
    const nodes = Int32Array.from([...seen].filter(node => (set[node] as number) >= 0)).sort()
    const accepts = [...seen].some(node => set[node] === -1 && next[node] === -1)
    const key = `${accepts ? '+' : ''}${nodes.join()}`
    const { states } = this
    const known = states.known.get(key)
    if (known !== undefined) return known
    const state = states.nodes.push(nodes) - 1
    states.accepts.push(accepts)
    states.known.set(key, state)
    if ((state + 1) * this.classes > states.to.length) {
      const to = new Int32Array(states.to.length * 2).fill(-1)
      to.set(states.to)
      states.to = to
    }
    return state
  }

  /** Makes the state that `row` goes to, and writes it down as its row doubled, plus one when it accepts. */
  step(row: number, cls: number): number {
    const { set, next, entry } = this.program
    const { classes } = this
    const targets = this.anchored ? [] : [entry]
    for (const node of this.states.nodes[row / classes] as Int32Array) {
      if ((this.accepts[set[node] as number] as Uint8Array)[cls]) targets.push(next[node] as number)
    }
    const seen = this.closure(targets)
    const full = this.states.nodes.length >= MOST_STATES
    if (full) {
      this.states = noStates(classes)
      this.first = this.intern(this.closure([entry]))
    }
    const state = this.intern(seen)
    const made = 2 * state * classes + (this.states.accepts[state] ? 1 : 0)
    if (!full) this.states.to[row + cls] = made
    return made
  }
}

/** Units that some pattern names have an id, the same for all patterns; 0 stands for all others. NAMES leads back. */
const IDS = new Uint16Array(65536)
const NAMES: number[] = [0]
/** Wider ranges are classes of characters and not letters of a word. */
const NAMED = 64

function register(set: Ranges): void {
  for (let i = 0; i < set.length; i += 2) {
    const [from, to] = [set[i] as number, set[i + 1] as number]
    if (to - from >= NAMED) continue
    for (let unit = from; unit <= to; unit++) if (IDS[unit] === 0) IDS[unit] = NAMES.push(unit) - 1
  }
}

/** A pattern that runs in time linear in the text whatever the pattern. */
export class Pattern {
  readonly source: string
  readonly program: Program
  readonly cuts: Int32Array
  /** Unit → class: blocks[pages[unit >> 6] + (unit & 63)]. Pages of one class throughout share a block. */
  readonly pages = new Uint16Array(1024)
  readonly blocks: Uint8Array | Uint16Array
  readonly searching: Automaton
  readonly anchored: Automaton
  /** A bit for each id: can a match begin with it? Ids given out after `known` behave like the units without one. */
  readonly firsts: Int32Array
  readonly known: number
  /** Where it is passed by at a glance (match/sight.ts). */
  place = -1

  constructor(source: string) {
    this.source = source
    this.program = compileProgram(source)
    const cuts = new Set([0])
    for (const set of this.program.sets) {
      for (let i = 0; i < set.length; i += 2) {
        cuts.add(set[i] as number)
        cuts.add((set[i + 1] as number) + 1)
      }
    }
    this.cuts = Int32Array.from([...cuts].filter(cut => cut <= 0xffff)).sort()
    const accepts = this.program.sets.map(set =>
      Uint8Array.from(this.cuts, cut => (inside(set, cut) ? 1 : 0)),
    )
    this.blocks = this.classes()
    this.searching = new Automaton(this.program, accepts, this.cuts.length, false)
    this.anchored = new Automaton(this.program, accepts, this.cuts.length, true)
    for (const set of this.program.sets) register(set)
    this.known = NAMES.length
    this.firsts = this.beginnings(accepts)
  }

  beginnings(accepts: Uint8Array[]): Int32Array {
    const { program, searching, cuts } = this
    const nodes = [...(searching.states.nodes[searching.first] as Int32Array)]
    const begins = Array.from(cuts, (_, cls) =>
      nodes.some(node => (accepts[program.set[node] as number] as Uint8Array)[cls] === 1),
    )
    const firsts = new Int32Array((NAMES.length >>> 5) + 1)
    const add = (id: number): void => {
      firsts[id >>> 5] = (firsts[id >>> 5] as number) | (1 << (id & 31))
    }
    for (let id = 1; id < NAMES.length; id++) if (begins[this.classOf(NAMES[id] as number)]) add(id)
    begins.forEach((yes, cls) => {
      const [from, to] = [cuts[cls] as number, cuts[cls + 1] ?? 65536]
      // A class of which some unit has no id.
      if (yes && IDS.subarray(from, to).includes(0)) add(0)
    })
    return firsts
  }

  /** All code units between two neighbouring cuts behave alike. */
  search(unit: number): number {
    const { cuts } = this
    let low = 0
    let high = cuts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((cuts[middle] as number) <= unit) low = middle
      else high = middle - 1
    }
    return low
  }

  classes(): Uint8Array | Uint16Array {
    const { cuts, pages } = this
    const blocks: number[] = []
    const shared = new Map<number, number>()
    let cls = 0
    for (let page = 0; page < 1024; page++) {
      const known = shared.get(cls)
      const first = page << 6
      const same = (cuts[cls + 1] ?? 65536) >= first + 64
      if (same && known !== undefined) {
        pages[page] = known
        continue
      }
      if (same) shared.set(cls, blocks.length)
      pages[page] = blocks.length
      for (let unit = first; unit < first + 64; unit++) blocks.push(this.search(unit))
      cls = this.search(first + 64)
    }
    // A page of a byte a unit fills one line of the cache.
    return cuts.length <= 256 ? Uint8Array.from(blocks) : Uint16Array.from(blocks)
  }

  classOf(unit: number): number {
    return this.blocks[(this.pages[unit >> 6] as number) + (unit & 63)] as number
  }

  /** Can a match begin with this unit? Asked of every unit that a search passes, so it must stay in the nearest cache. */
  begins(unit: number): boolean {
    const id = IDS[unit] as number
    const at = id < this.known ? id : 0
    return (((this.firsts[at >>> 5] as number) >>> (at & 31)) & 1) === 1
  }

  /** Where the first match to end ends, or -1. */
  firstEnd(chars: Uint16Array, from: number, to: number): number {
    if (outOfSight(this.place, chars)) return -1
    const { pages, blocks, searching } = this
    if (searching.states.accepts[searching.first]) return from
    let i = from
    while (i < to && !this.begins(chars[i] as number)) i++
    let table = searching.states.to
    let row = searching.first * searching.classes
    for (; i < to; i++) {
      const unit = chars[i] as number
      const cls = blocks[(pages[unit >> 6] as number) + (unit & 63)] as number
      let next = table[row + cls] as number
      if (next < 0) {
        next = searching.step(row, cls)
        table = searching.states.to
      }
      if (next & 1) return i + 1
      row = next >> 1
      if (row !== searching.first * searching.classes) continue
      while (i + 1 < to && !this.begins(chars[i + 1] as number)) i++
    }
    return -1
  }

  test(chars: Uint16Array, from: number, to: number): boolean {
    return this.firstEnd(chars, from, to) >= 0
  }

  /** The leftmost match, the longest of those that start there. */
  find(chars: Uint16Array, from: number, to: number): Span | undefined {
    const first = this.firstEnd(chars, from, to)
    if (first < 0) return undefined
    // A match that ends there is no longer than the longest: nothing starts before, something not far behind.
    for (let start = Math.max(from, first - this.program.longest); start <= first; start++) {
      if (start < first && !this.begins(chars[start] as number)) continue
      const end = this.longestEnd(chars, start, to)
      if (end >= 0) return { start, end }
    }
    return undefined
  }

  /** The end of the longest match that starts at `from`, or -1. */
  longestEnd(chars: Uint16Array, from: number, to: number): number {
    const { anchored } = this
    let row = anchored.first * anchored.classes
    let end = anchored.states.accepts[anchored.first] ? from : -1
    for (let i = from; i < to && row !== 0; i++) {
      const cls = this.classOf(chars[i] as number)
      let next = anchored.states.to[row + cls] as number
      if (next < 0) next = anchored.step(row, cls)
      if (next & 1) end = i + 1
      row = next >> 1
    }
    return end
  }
}

/** An expression that is asked of every find: most texts hold nothing that it could match. */
export function sighted(source: string, mayShare = false): Pattern {
  const pattern = new Pattern(source)
  pattern.place = placeOf(source, mayShare)
  return pattern
}

export const units = (text: string): Uint16Array =>
  Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
