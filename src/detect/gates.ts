import type { Folded } from './fold.ts'
import { rarest, requiredLiterals } from './literals.ts'
import { longest, parsePattern } from './pattern-syntax.ts'

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
  /** The longest match pattern p can have: how far around the watched word the others may stand. */
  reach: Int32Array
}

/** A filter of the characters at hand: false company only wakes a pattern that then finds nothing. */
const SLOTS = 4096

export class GateBuilder {
  readonly byWord = new Map<number, number[]>()
  readonly alsoAt: number[] = []
  readonly also: number[] = []
  readonly reach: number[] = []

  add(pattern: number, source: string, wordOf: (literal: string) => number): void {
    const tree = parsePattern(source)
    const [watched = [], ...rest] = requiredLiterals(tree)
    this.reach.push(longest(tree))
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
      reach: Int32Array.from(this.reach),
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
  /** First and last place of each character, counted on from text to text so that nothing need be cleared. */
  readonly first = new Float64Array(SLOTS).fill(-1)
  readonly last = new Float64Array(SLOTS).fill(-1)
  base = 0

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
    const { touched, first, last, base } = this
    if (touched.length === 0) return []
    for (let i = 0; i < f.n; i++) {
      const slot = (f.chars[i] as number) & (SLOTS - 1)
      if ((last[slot] as number) < base) first[slot] = base + i
      last[slot] = base + i
    }
    this.base += f.n
    return touched.filter(pattern => idle[pattern] === 0 && this.complete(pattern, base))
  }

  /** A character of every other group must stand within reach of the watched words. */
  complete(pattern: number, base: number): boolean {
    const { first, last } = this
    const { also, reach } = this.gates
    const far = reach[pattern] as number
    const low = base + Math.max(0, (this.lowest[pattern] as number) - far)
    const high = base + (this.highest[pattern] as number) + far
    let at = this.gates.alsoAt[pattern] as number
    for (let groups = also[at++] as number; groups > 0; groups--) {
      const stop = at + 1 + (also[at] as number)
      let i = at + 1
      for (; i < stop; i++) {
        const slot = (also[i] as number) & (SLOTS - 1)
        if ((last[slot] as number) >= low && (first[slot] as number) < high) break
      }
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
