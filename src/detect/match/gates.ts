import type { Found } from './automaton.ts'
import { type Plan, plansOf } from './gate-plan.ts'

/**
 * When and where a pattern is worth running. The automaton watches for the rarest words of its plans; when one is
 * seen, the characters that the rest of the pattern needs must stand at their distance from it. Plain data.
 */
export type Gates = {
  /** Gates watched for by word w: gate[start[w] … start[w + 1]). */
  start: Int32Array
  gate: Int32Array
  /** Of each gate: its pattern, how far a match may reach to each side of the word, and where its checks begin. */
  pattern: Int32Array
  left: Int32Array
  right: Int32Array
  checks: Int32Array
  /** Fours: 1 when counted from the end of the word, from, to, and the number of the set. */
  check: Int32Array
  /** The units of each set. */
  sets: string[]
}

type Words = { lengths: Int32Array; isTerm: Uint8Array }
type Symbols = { symbol: Uint16Array; none: number }

export class GateBuilder {
  readonly byWord = new Map<number, number[]>()
  readonly plans: { pattern: number; plan: Plan }[] = []

  add(pattern: number, source: string, wordOf: (literal: string) => number): void {
    for (const plan of plansOf(source)) {
      const gate = this.plans.push({ pattern, plan }) - 1
      for (const literal of plan.words) {
        const word = wordOf(literal)
        const known = this.byWord.get(word)
        if (known) known.push(gate)
        else this.byWord.set(word, [gate])
      }
    }
  }

  build(words: number): Gates {
    const start = new Int32Array(words + 1)
    const gate: number[] = []
    for (let word = 0; word < words; word++) {
      start[word] = gate.length
      gate.push(...(this.byWord.get(word) ?? []))
    }
    start[words] = gate.length
    const sets = new Map<string, number>()
    const checks = [0]
    const check: number[] = []
    for (const { plan } of this.plans) {
      for (const { side, from, to, units } of plan.checks) {
        const set = sets.get(units) ?? sets.size
        sets.set(units, set)
        check.push(side === 'after' ? 1 : 0, from, to, set)
      }
      checks.push(check.length)
    }
    return {
      start,
      gate: Int32Array.from(gate),
      pattern: Int32Array.from(this.plans, ({ pattern }) => pattern),
      left: Int32Array.from(this.plans, ({ plan }) => plan.left),
      right: Int32Array.from(this.plans, ({ plan }) => plan.right),
      checks: Int32Array.from(checks),
      check: Int32Array.from(check),
      sets: [...sets.keys()],
    }
  }
}

/** A gate in the program: its pattern, left, right and the number of its checks, then the checks. */
const HEAD = 4
/** A check in the program: what it counts from, from, to, and the set. */
const CHECK = 4
/** Bits of a cache line. */
const LINE = 512

/** Decides for one text after another, for one kind of speaker; the buffers are its own. */
export class Gatekeeper {
  /** Of each word: where its gates stand in the program, doubled, plus one when it is a term for this speaker. */
  readonly start: Int32Array
  /** The gates of a word side by side: their number, then each of them. */
  readonly program: Int32Array
  readonly lengths: Uint16Array
  /** A row of bits for each symbol, a bit for each set: texts come back to the same rows. */
  readonly bits: Int32Array
  readonly row: number
  /** The same in one cache line a set, units folded over it: what it denies is not there. */
  readonly coarse: Int32Array
  readonly symbol: Uint16Array
  /** Stretches of text that hold every match of a pattern: the pattern, and where the stretch begins and ends. */
  touched = new Int32Array(256)
  lowest = new Int32Array(256)
  highest = new Int32Array(256)
  n = 0
  /** Of each pattern: its newest stretch, or -1. */
  readonly last: Int32Array

  constructor(gates: Gates, words: Words, { symbol, none }: Symbols, idle: Uint8Array) {
    const program = [0]
    this.start = words.lengths.map((_, word) => {
      const own = gates.gate
        .subarray(gates.start[word], gates.start[word + 1])
        .filter(gate => !idle[gates.pattern[gate] as number])
      const at = own.length > 0 ? program.length : 0
      if (own.length > 0) program.push(own.length)
      for (const gate of own) {
        const checks = gates.check.subarray(gates.checks[gate], gates.checks[gate + 1])
        const { pattern, left, right } = gates
        program.push(pattern[gate] as number, left[gate] as number, right[gate] as number)
        program.push(checks.length / CHECK, ...checks)
      }
      return 2 * at + (words.isTerm[word] as number)
    })
    this.program = Int32Array.from(program)
    this.lengths = Uint16Array.from(words.lengths)
    this.symbol = symbol
    this.row = (gates.sets.length >>> 5) + 1
    this.bits = new Int32Array(this.row * (none + 1))
    this.coarse = new Int32Array((LINE / 32) * gates.sets.length)
    gates.sets.forEach((units, set) => {
      for (let i = 0; i < units.length; i++) {
        const s = symbol[units.charCodeAt(i)] as number
        const at = s * this.row + (set >>> 5)
        this.bits[at] = (this.bits[at] as number) | (1 << (set & 31))
        const unit = units.charCodeAt(i)
        const slot = set * (LINE / 32) + ((unit & (LINE - 1)) >>> 5)
        this.coarse[slot] = (this.coarse[slot] as number) | (1 << (unit & 31))
      }
    })
    this.last = new Int32Array(idle.length).fill(-1)
  }

  /** Fills in the stretches in which patterns are to run (call `reset` when done) and says whether a term was among the words. */
  wake(found: Found, chars: Uint16Array, n: number): boolean {
    const { start, program, lengths } = this
    const { word, end } = found
    let terms = 0
    for (let k = 0; k < found.n; k++) {
      const w = word[k] as number
      const info = start[w] as number
      terms |= info
      if (info < 2) continue
      let p = info >> 1
      const after = end[k] as number
      const begin = after - (lengths[w] as number)
      for (let gates = program[p++] as number; gates > 0; gates--) {
        const checks = program[p + 3] as number
        if (checks === 0 || this.complete(p + HEAD, checks, chars, begin, after, n))
          this.touch(p, begin, after, n)
        p += HEAD + CHECK * checks
      }
    }
    return (terms & 1) === 1
  }

  isTerm(word: number): boolean {
    return ((this.start[word] as number) & 1) === 1
  }

  complete(at: number, checks: number, chars: Uint16Array, begin: number, end: number, n: number): boolean {
    const { bits, row, coarse, program, symbol } = this
    const last = at + CHECK * checks
    for (let c = at; c < last; c += CHECK) {
      const base = program[c] === 1 ? end : begin
      const set = program[c + 3] as number
      const line = set * (LINE / 32)
      let i = base + (program[c + 1] as number)
      let to = base + (program[c + 2] as number)
      if (i < 0) i = 0
      if (to > n) to = n
      for (; i < to; i++) {
        const unit = chars[i] as number
        if ((((coarse[line + ((unit & (LINE - 1)) >>> 5)] as number) >>> (unit & 31)) & 1) === 0) continue
        const s = symbol[unit] as number
        if ((((bits[s * row + (set >>> 5)] as number) >>> (set & 31)) & 1) === 1) break
      }
      if (i >= to) return false
    }
    return true
  }

  touch(gate: number, begin: number, end: number, n: number): void {
    const { program } = this
    const pattern = program[gate] as number
    const low = Math.max(0, begin - (program[gate + 1] as number))
    const high = Math.min(n, end + (program[gate + 2] as number))
    const k = this.last[pattern] as number
    // A long text wakes a pattern here and there, and need not be read in between.
    if (k < 0 || low > (this.highest[k] as number) || high < (this.lowest[k] as number)) {
      if (this.n === this.touched.length) this.grow()
      this.last[pattern] = this.n
      this.touched[this.n] = pattern
      this.lowest[this.n] = low
      this.highest[this.n++] = high
      return
    }
    if (low < (this.lowest[k] as number)) this.lowest[k] = low
    if (high > (this.highest[k] as number)) this.highest[k] = high
  }

  grow(): void {
    const wider = (old: Int32Array): Int32Array<ArrayBuffer> => {
      const next = new Int32Array(2 * old.length)
      next.set(old)
      return next
    }
    this.touched = wider(this.touched)
    this.lowest = wider(this.lowest)
    this.highest = wider(this.highest)
  }

  /** Does any of the patterns woken match near its words at all, whatever the sentences? */
  some(matches: (pattern: number, low: number, high: number) => boolean): boolean {
    const { touched, lowest, highest } = this
    for (let k = 0; k < this.n; k++)
      if (matches(touched[k] as number, lowest[k] as number, highest[k] as number)) return true
    return false
  }

  reset(): void {
    for (let k = 0; k < this.n; k++) this.last[this.touched[k] as number] = -1
    this.n = 0
  }
}
