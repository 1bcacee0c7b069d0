import { Pattern } from './pattern.ts'

/** Words that must stand near each other; how a compliance officer says a rule without an expression. */
export type Near = {
  /** No more than this many characters between one word and the next. */
  within: number
  in: 'sentence' | 'clause'
  anyOrder: boolean
  /** One of each group; `<比例>`, `<金额>` and `<数字>` stand for what they name. */
  groups: string[][]
  notNear: { within: number; words: string[] } | undefined
}

/** No word, number or name of a number is longer. */
const LONGEST = 32
const RING = 64

const HAN = '[零一二两三四五六七八九十百千半点]'
const PLACES: Record<string, string> = {
  '<比例>': `(\\d{1,3}(\\.\\d{1,4})?|${HAN}{1,5})(%|个点|个百分点|厘|成|分利)|百分之(\\d{1,3}|${HAN}{1,5})`,
  '<金额>': `(\\d{1,9}(\\.\\d{1,2})?|${HAN}{1,6})(万元|万块|万|元|块|亿|w)`,
  '<数字>': `\\d{1,12}|${HAN}{1,6}`,
}

export const isPlace = (word: string): boolean => word in PLACES

const quoted = (word: string): string => word.replace(/[^\p{L}\p{N}]/gu, sign => `\\${sign}`)
const sourceOf = (group: readonly string[]): string =>
  group.map(word => PLACES[word] ?? quoted(word)).join('|')

/** For the gates: the words that must be there, and how far from them a match may reach. */
export function gateOf(near: Near, cost: (words: string[]) => number): string {
  const plain = near.groups.filter(group => !group.some(isPlace))
  const rarest = plain.toSorted((a, b) => cost(a) - cost(b))[0] ?? []
  const reach = Math.min(256, (near.groups.length - 1) * (near.within + LONGEST))
  return `.{0,${reach}}(${sourceOf(rarest)}).{0,${reach}}`
}

const SENTENCE = new Set([...'。!?;…\n'].map(char => char.charCodeAt(0)))
const CLAUSE = new Set([...SENTENCE, 44, 58])

/**
 * Finds such words in one pass. Of every set of groups it keeps the chain that ended last: whether a further word is
 * near enough depends on nothing else. Cost: a step for each character and group, 2^groups for each word found.
 */
export class NearFinder {
  readonly near: Near
  readonly groups: Pattern[]
  readonly not: Pattern | undefined
  readonly stops: Set<number>
  readonly all: number
  /** Of each set of groups, the chain that ended last: its start and end. */
  readonly start: Int32Array
  readonly end: Int32Array
  readonly ring: { mask: number; start: number }[][] = Array.from({ length: RING }, () => [])

  constructor(near: Near) {
    this.near = near
    this.groups = near.groups.map(group => new Pattern(sourceOf(group)))
    this.not = near.notNear && new Pattern(sourceOf(near.notNear.words))
    this.stops = near.in === 'clause' ? CLAUSE : SENTENCE
    this.all = (1 << near.groups.length) - 1
    this.start = new Int32Array(this.all + 1)
    this.end = new Int32Array(this.all + 1)
  }

  test(chars: Uint16Array, from: number, to: number): boolean {
    return this.find(chars, from, to) !== undefined
  }

  /** The first to be complete. */
  find(chars: Uint16Array, from: number, to: number): { start: number; end: number } | undefined {
    this.forget()
    for (let i = from; i <= to; i++) {
      const done = this.arrive(i)
      if (done >= 0 && !this.takenBack(chars, from, to, done, i)) {
        this.forget()
        return { start: done, end: i }
      }
      if (i === to) break
      if (this.stops.has(chars[i] as number)) this.forget()
      else for (let group = 0; group < this.groups.length; group++) this.begin(chars, group, i, to)
    }
    this.forget()
    return undefined
  }

  forget(): void {
    this.end.fill(-1)
    for (const slot of this.ring) slot.length = 0
  }

  /** Chains that end here count from now on; the start of a complete one, or -1. */
  arrive(i: number): number {
    const slot = this.ring[i % RING] as { mask: number; start: number }[]
    let done = -1
    for (const { mask, start } of slot) {
      if (mask === this.all) done = Math.max(done, start)
      if ((this.end[mask] as number) < i || (this.start[mask] as number) < start) {
        this.end[mask] = i
        this.start[mask] = start
      }
    }
    slot.length = 0
    return done
  }

  begin(chars: Uint16Array, group: number, i: number, to: number): void {
    const end = (this.groups[group] as Pattern).longestEnd(chars, i, Math.min(to, i + LONGEST))
    if (end <= i) return
    const slot = this.ring[end % RING] as { mask: number; start: number }[]
    const own = 1 << group
    const first = this.near.anyOrder || group === 0
    if (first) slot.push({ mask: own, start: i })
    for (let mask = 1; mask < this.all; mask++) {
      if (mask & own || (this.end[mask] as number) < 0 || i - (this.end[mask] as number) > this.near.within)
        continue
      if (!this.near.anyOrder && mask !== own - 1) continue
      slot.push({ mask: mask | own, start: this.start[mask] as number })
    }
  }

  takenBack(chars: Uint16Array, from: number, to: number, start: number, end: number): boolean {
    if (!this.not || !this.near.notNear) return false
    const { within } = this.near.notNear
    let low = start
    while (low > from && start - low < within && !this.stops.has(chars[low - 1] as number)) low--
    let high = end
    while (high < to && high - end < within && !this.stops.has(chars[high] as number)) high++
    return this.not.test(chars, low, high)
  }
}
