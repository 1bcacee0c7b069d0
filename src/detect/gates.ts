import type { Folded } from './fold.ts'
import { rarest, requiredLiterals } from './literals.ts'
import { parsePattern } from './pattern-syntax.ts'

/**
 * When a pattern is worth running. The automaton watches for its rarest group of words; when one of them
 * is seen, of every other group a character must stand in the text too (the rarest of each of its words). Plain data.
 */
export type Gates = {
  /** Patterns watched for by word w: pattern[start[w] … start[w + 1]). */
  start: Int32Array
  pattern: Int32Array
  /** For pattern p from also[alsoAt[p]]: groups, then for each: how many units, and the units. */
  alsoAt: Int32Array
  also: Uint16Array
}

/** A filter of the characters at hand: false company only wakes a pattern that then finds nothing. */
const SLOTS = 4096

export class GateBuilder {
  readonly byWord = new Map<number, number[]>()
  readonly alsoAt: number[] = []
  readonly also: number[] = []

  add(pattern: number, source: string, wordOf: (literal: string) => number): void {
    const [watched = [], ...rest] = requiredLiterals(parsePattern(source))
    for (const literal of watched) {
      const word = wordOf(literal)
      this.byWord.set(word, [...(this.byWord.get(word) ?? []), pattern])
    }
    this.alsoAt.push(this.also.length)
    this.also.push(rest.length)
    for (const group of rest) {
      const units = [...new Set(group.map(literal => rarest(literal).charCodeAt(0)))]
      this.also.push(units.length, ...units)
    }
  }

  build(words: number): Gates {
    const start = new Int32Array(words + 1)
    const pattern: number[] = []
    for (let word = 0; word < words; word++) {
      start[word] = pattern.length
      pattern.push(...(this.byWord.get(word) ?? []))
    }
    start[words] = pattern.length
    return {
      start,
      pattern: Int32Array.from(pattern),
      alsoAt: Int32Array.from(this.alsoAt),
      also: Uint16Array.from(this.also),
    }
  }
}

/** Decides for one text after another; the buffers are its own. */
export class Gatekeeper {
  readonly gates: Gates
  readonly touched: number[] = []
  /** Where the watched word of a pattern was first and last seen. */
  readonly lowest: Int32Array
  readonly highest: Int32Array
  readonly seen = new Uint32Array(SLOTS)
  stamp = 0

  constructor(gates: Gates) {
    this.gates = gates
    this.lowest = new Int32Array(gates.alsoAt.length)
    this.highest = new Int32Array(gates.alsoAt.length)
  }

  see(word: number, end: number): void {
    const { start, pattern } = this.gates
    const stop = start[word + 1] as number
    for (let g = start[word] as number; g < stop; g++) {
      const p = pattern[g] as number
      if (this.highest[p] === 0) {
        this.touched.push(p)
        this.lowest[p] = end
      }
      this.highest[p] = end
    }
  }

  /** The patterns to run; call `reset` when done with lowest and highest. */
  woken(f: Folded, idle: Uint8Array): number[] {
    const { touched, seen } = this
    if (touched.length === 0) return []
    const stamp = ++this.stamp
    for (let i = 0; i < f.n; i++) seen[(f.chars[i] as number) & (SLOTS - 1)] = stamp
    return touched.filter(pattern => idle[pattern] === 0 && this.complete(pattern, stamp))
  }

  complete(pattern: number, stamp: number): boolean {
    const { also } = this.gates
    let at = this.gates.alsoAt[pattern] as number
    for (let groups = also[at++] as number; groups > 0; groups--) {
      const stop = at + 1 + (also[at] as number)
      let i = at + 1
      while (i < stop && this.seen[(also[i] as number) & (SLOTS - 1)] !== stamp) i++
      if (i === stop) return false
      at = stop
    }
    return true
  }

  reset(): void {
    for (const pattern of this.touched) this.highest[pattern] = 0
    this.touched.length = 0
  }
}
