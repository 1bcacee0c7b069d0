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

/** Decides for one text after another, for one kind of speaker; the buffers are its own. */
export class Gatekeeper {
  readonly gates: Gates
  /** The gates of patterns that look at this speaker. */
  readonly start: Int32Array
  readonly gate: Int32Array
  readonly lengths: Int32Array
  /** One row of bits a set, a bit a symbol. */
  readonly bits: Int32Array
  readonly row: number
  readonly touched: Int32Array
  n = 0
  /** The stretch of text in which every match of a touched pattern lies; highest is 0 for the others. */
  readonly lowest: Int32Array
  readonly highest: Int32Array

  constructor(gates: Gates, lengths: Int32Array, symbol: Uint16Array, none: number, idle: Uint8Array) {
    this.gates = gates
    this.lengths = lengths
    const gate: number[] = []
    this.start = gates.start.map((from, word) => {
      const before = gate.length
      for (let g = from; g < (gates.start[word + 1] ?? from); g++) {
        const one = gates.gate[g] as number
        if (!idle[gates.pattern[one] as number]) gate.push(one)
      }
      return before
    })
    this.gate = Int32Array.from(gate)
    this.row = (none >>> 5) + 1
    this.bits = new Int32Array(this.row * gates.sets.length)
    gates.sets.forEach((units, set) => {
      for (let i = 0; i < units.length; i++) {
        const c = symbol[units.charCodeAt(i)] as number
        const at = set * this.row + (c >>> 5)
        this.bits[at] = (this.bits[at] as number) | (1 << (c & 31))
      }
    })
    this.touched = new Int32Array(idle.length)
    this.lowest = new Int32Array(idle.length)
    this.highest = new Int32Array(idle.length)
  }

  /** Fills touched with the patterns to run; call `reset` when done with lowest and highest. */
  wake(found: Found, sym: Uint16Array, n: number): void {
    const { start, gate, lengths, gates } = this
    for (let k = 0; k < found.n; k++) {
      const word = found.word[k] as number
      const stop = start[word + 1] as number
      for (let g = start[word] as number; g < stop; g++) {
        const one = gate[g] as number
        const end = found.end[k] as number
        const begin = end - (lengths[word] as number)
        if (this.complete(one, sym, begin, end, n))
          this.touch(
            gates.pattern[one] as number,
            begin - (gates.left[one] as number),
            end + (gates.right[one] as number),
            n,
          )
      }
    }
  }

  complete(gate: number, sym: Uint16Array, begin: number, end: number, n: number): boolean {
    const { bits, row } = this
    const { checks, check } = this.gates
    const last = checks[gate + 1] as number
    for (let c = checks[gate] as number; c < last; c += 4) {
      const base = check[c] === 1 ? end : begin
      const to = Math.min(n, base + (check[c + 2] as number))
      const set = (check[c + 3] as number) * row
      let i = Math.max(0, base + (check[c + 1] as number))
      while (i < to) {
        const s = sym[i] as number
        if (((bits[set + (s >>> 5)] as number) >>> (s & 31)) & 1) break
        i++
      }
      if (i >= to) return false
    }
    return true
  }

  touch(pattern: number, from: number, to: number, n: number): void {
    const low = from < 0 ? 0 : from
    const high = to > n ? n : to
    if (this.highest[pattern] === 0) {
      this.touched[this.n++] = pattern
      this.lowest[pattern] = low
      this.highest[pattern] = high
      return
    }
    if (low < (this.lowest[pattern] as number)) this.lowest[pattern] = low
    if (high > (this.highest[pattern] as number)) this.highest[pattern] = high
  }

  reset(): void {
    for (let k = 0; k < this.n; k++) this.highest[this.touched[k] as number] = 0
    this.n = 0
  }
}
