import { type Node, PatternError, parsePattern, type Ranges } from './pattern-syntax.ts'

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

function longest(node: Node): number {
  if (node.type === 'set') return 1
  if (node.type === 'cat') return node.items.reduce((sum, item) => sum + longest(item), 0)
  if (node.type === 'alt') return Math.max(...node.items.map(longest))
  return node.max * longest(node.item)
}

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

type State = { nodes: Int32Array; accepts: boolean; to: (State | undefined)[] }

/**
 * A pattern that runs in time linear in the text whatever the pattern: the set of live program nodes is
 * the state, states are made when first met and kept (a lazy DFA), and the cache is emptied when full.
 */
export class Pattern {
  readonly source: string
  readonly program: Program
  readonly cuts: Int32Array
  readonly accepts: Uint8Array[]
  readonly ascii = new Uint16Array(128)
  states = new Map<string, State>()
  first: State

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
    this.accepts = this.program.sets.map(set => Uint8Array.from(this.cuts, cut => (inside(set, cut) ? 1 : 0)))
    for (let i = 0; i < 128; i++) this.ascii[i] = this.search(i)
    this.first = this.intern(this.closure([this.program.entry]))
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

  intern(seen: Set<number>): State {
    const { set, next } = this.program
    const nodes = Int32Array.from([...seen].filter(node => (set[node] as number) >= 0)).sort()
    const accepts = [...seen].some(node => set[node] === -1 && next[node] === -1)
    const key = `${accepts ? '+' : ''}${nodes.join()}`
    const known = this.states.get(key)
    if (known) return known
    if (this.states.size >= MOST_STATES) this.states = new Map()
    const state: State = { nodes, accepts, to: [] }
    this.states.set(key, state)
    return state
  }

  step(state: State, cls: number): State {
    const { set, next, entry } = this.program
    const targets = [entry]
    for (const node of state.nodes) {
      if ((this.accepts[set[node] as number] as Uint8Array)[cls]) targets.push(next[node] as number)
    }
    const made = this.intern(this.closure(targets))
    state.to[cls] = made
    return made
  }

  /** Where the first match to end ends, or -1. */
  firstEnd(chars: ArrayLike<number>, from: number, to: number): number {
    let state = this.first
    if (state.accepts) return from
    for (let i = from; i < to; i++) {
      const unit = chars[i] as number
      const cls = unit < 128 ? (this.ascii[unit] as number) : this.search(unit)
      state = state.to[cls] ?? this.step(state, cls)
      if (state.accepts) return i + 1
    }
    return -1
  }

  test(chars: ArrayLike<number>, from: number, to: number): boolean {
    return this.firstEnd(chars, from, to) >= 0
  }

  /** The leftmost match, the longest of those that start there. */
  find(chars: ArrayLike<number>, from: number, to: number): Span | undefined {
    const end = this.firstEnd(chars, from, to)
    if (end < 0) return undefined
    return this.simulate(chars, Math.max(from, end - this.program.longest), to)
  }

  /** Every node remembers the leftmost start that reaches it. */
  simulate(chars: ArrayLike<number>, from: number, to: number): Span | undefined {
    const { set, next, entry } = this.program
    let live = new Map<number, number>()
    let best: Span | undefined
    for (let i = from; ; i++) {
      if (!best) this.spread(live, entry, i)
      for (const [node, start] of live) {
        if (set[node] !== -1 || next[node] !== -1) continue
        if (!best || start < best.start || (start === best.start && i > best.end)) best = { start, end: i }
      }
      if (i >= to) return best
      const cls = this.search(chars[i] as number)
      const moved = new Map<number, number>()
      for (const [node, start] of live) {
        const id = set[node] as number
        if (id < 0 || (best && start > best.start)) continue
        if ((this.accepts[id] as Uint8Array)[cls]) this.spread(moved, next[node] as number, start)
      }
      live = moved
      if (best && live.size === 0) return best
    }
  }

  spread(into: Map<number, number>, from: number, start: number): void {
    const stack = [from]
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const known = into.get(node)
      if (known !== undefined && known <= start) continue
      into.set(node, start)
      if ((this.program.set[node] as number) >= 0) continue
      for (const to of [this.program.next[node] as number, this.program.other[node] as number])
        if (to >= 0) stack.push(to)
    }
  }
}

export const units = (text: string): Uint16Array =>
  Uint16Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))
