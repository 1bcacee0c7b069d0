import type { Folded } from '../fold/fold.ts'
import type { Found } from '../match/automaton.ts'
import { isDigit, isLetter, type Pairs } from '../match/pairs.ts'
import * as K from './kinds.ts'
import { FLOOR, segment, window, wordChance } from './lexicon.ts'
import { plainer } from './plainer.ts'
import type { Views } from './views.ts'
import { type Candidate, Walker } from './walk.ts'
import type { Mark } from './watched.ts'

const isLatin = (unit: number): boolean => isLetter(unit) || isDigit(unit)
/** A clause of the reversed reading must be so much likelier backwards, in nats; more for a word of two. */
const BACKWARDS = 2
const BACKWARDS_SHORT = 5
/** Clauses longer than this are nobody's riddle. */
const LONGEST_CLAUSE = 40
const STOPS = new Set([...',.。!?;:…\n，、"“”'].map(c => c.charCodeAt(0)))

type Weighed = Candidate & { gain: number }

const empty = (size: number): Folded => ({
  n: 0,
  chars: new Uint16Array(size),
  start: new Int32Array(size),
  end: new Int32Array(size),
  flag: new Int32Array(size),
})

/** Finds what a folded text says in disguise, and writes it down as another folded text. */
export class Rewriter {
  readonly walker: Walker
  readonly marks: (Mark | undefined)[]
  readonly lengths: Int32Array
  /** 1 for the words that carry a mark. */
  readonly marked: Uint8Array
  scratch = new Uint16Array(256)
  /** Where a rewritten text is written; overwritten by the next. */
  page = empty(1024)

  constructor(views: Views, marks: (Mark | undefined)[], lengths: Int32Array) {
    this.walker = new Walker(views)
    this.marks = marks
    this.lengths = lengths
    this.marked = Uint8Array.from(marks, mark => (mark ? 1 : 0))
  }

  /** Is there anything to look at? Run on every text, so it must cost next to nothing. */
  suspects(f: Folded, found: Found, { odd, n }: Pairs): boolean {
    let marked = 0
    for (let i = 0; i < found.n; i++) marked |= this.marked[found.word[i] as number] as number
    return this.walker.find(f.chars, f.n, odd, n) + marked > 0 || this.walker.plainer || this.walker.latin
  }

  /** The text as suspects() last saw it, with numbers in plain digits and split characters whole. */
  plainer(f: Folded, ready: () => void): Folded | undefined {
    const { plainer: pieces, latin } = this.walker
    return pieces || latin ? plainer(f, ready, latin ? this.walker.views.pairs : undefined) : undefined
  }

  /** The other readings of a text whose positions are known. `found` is what the plain reading holds. */
  readings(f: Folded, found: Found, ready: () => void): Folded[] {
    const out: Folded[] = []
    const candidates = this.walker.candidates(f.chars, f.n)
    const backwards: [number, number][] = []
    for (let i = 0; i < found.n; i++) {
      const mark = this.marks[found.word[i] as number]
      if (!mark) continue
      const end = found.end[i] as number
      const start = end - (this.lengths[found.word[i] as number] as number)
      if (mark.kind === 'reversed') {
        if (end - start > 2 || !this.walker.honest(f.chars, f.n, start)) backwards.push([start, end])
      } else this.spelling(f, start, end, mark, candidates)
    }
    if (candidates.length === 0 && backwards.length === 0) return out
    const chosen = this.choose(f, candidates)
    if (chosen.length > 0) ready()
    if (chosen.length > 0) out.push(this.rewritten(f, chosen))
    const reversed = this.reversed(f, backwards, ready)
    if (reversed) out.push(reversed)
    return out
  }

  rewritten(f: Folded, chosen: Weighed[]): Folded {
    const need = f.n + 8 * chosen.length + 1
    if (this.page.chars.length < need) this.page = empty(2 * need)
    return rewritten(f, chosen, this.page)
  }

  /** Initials stand alone; two of them do not follow a number (5mm). */
  spelling(f: Folded, start: number, end: number, mark: Mark, out: Candidate[]): void {
    const slang = mark.kind === 'slang'
    const latinEnds = [isLatin(f.chars[start] as number), isLatin(f.chars[end - 1] as number)]
    if (latinEnds[0] && start > 0 && isLatin(f.chars[start - 1] as number)) return
    if (latinEnds[1] && end < f.n && isLatin(f.chars[end] as number)) return
    const { length } = mark.to
    const each = end - start === length
    const from = Array.from({ length }, (_, i) => (each ? start + i : start))
    const to = Array.from({ length }, (_, i) => (each ? start + i + 1 : end))
    const kind = new Array(length).fill(slang ? K.SLANG : K.INITIALS)
    out.push({ start, end, word: mark.to, from, to, kind, cost: -12 })
  }

  /** Those likelier than what stands there, the surest first, none over another. */
  choose(f: Folded, candidates: Candidate[]): Weighed[] {
    const weighed: Weighed[] = []
    for (const candidate of candidates) {
      const gain = this.gain(f, candidate)
      if (gain > 0) weighed.push({ ...candidate, gain })
    }
    if (weighed.length > 1) weighed.sort((a, b) => b.gain - a.gain)
    const out: Weighed[] = []
    for (const one of weighed)
      if (!out.some(other => one.start < other.end && other.start < one.end)) out.push(one)
    return out.sort((a, b) => a.start - b.start)
  }

  /** How much likelier the neighbourhood becomes, in nats, less the cost of the rewriting. */
  gain(f: Folded, { start, end, word, cost }: Candidate): number {
    const [from, to] = window(f.chars, f.n, start, end)
    const size = start - from + word.length + to - end
    if (this.scratch.length < size) this.scratch = new Uint16Array(2 * size)
    const { scratch } = this
    scratch.set(f.chars.subarray(from, start))
    for (let i = 0; i < word.length; i++) scratch[start - from + i] = word.charCodeAt(i)
    scratch.set(f.chars.subarray(end, to), start - from + word.length)
    const chance = Math.max(FLOOR, wordChance(word) ?? FLOOR)
    const at = start - from
    const read = segment(scratch, 0, size, { start: at, end: at + word.length, chance })
    return read - segment(f.chars, from, to) - cost
  }

  /** The text with every clause turned round that makes more sense so. */
  reversed(f: Folded, words: [number, number][], ready: () => void): Folded | undefined {
    let out: Folded | undefined
    let done = -1
    for (const [start, end] of words) {
      if (start < done) continue
      let from = start
      let to = end
      while (from > 0 && !STOPS.has(f.chars[from - 1] as number)) from--
      while (to < f.n && !STOPS.has(f.chars[to] as number)) to++
      const span = this.turned(f, from, to, start, end)
      if (!span) continue
      done = to
      if (!out) ready()
      out ??= copy(f)
      const [a, b] = span
      for (let i = a; i < b; i++) {
        const other = a + b - 1 - i
        out.chars[i] = f.chars[other] as number
        out.start[i] = f.start[other] as number
        out.end[i] = f.end[other] as number
        out.flag[i] = (f.flag[other] as number) | K.REVERSED
      }
    }
    return out
  }

  /** The whole clause or the word alone, whichever gains more by being read backwards. */
  turned(f: Folded, from: number, to: number, start: number, end: number): [number, number] | undefined {
    const need = end - start > 2 ? BACKWARDS : BACKWARDS_SHORT
    const spans: [number, number][] = [
      [from, to],
      [start, end],
    ]
    let best: [number, number] | undefined
    let most = need
    for (const [a, b] of spans) {
      if (b - a > LONGEST_CLAUSE) continue
      const back = f.chars.slice(a, b).reverse()
      const gain = segment(back, 0, b - a) - segment(f.chars, a, b)
      if (gain <= most) continue
      best = [a, b]
      most = gain
    }
    return best
  }
}

function copy(f: Folded): Folded {
  const { n } = f
  return {
    n,
    chars: f.chars.slice(0, n + 1),
    start: f.start.slice(0, n + 1),
    end: f.end.slice(0, n + 1),
    flag: f.flag.slice(0, n + 1),
  }
}

function rewritten(f: Folded, chosen: Weighed[], out: Folded): Folded {
  let o = 0
  let i = 0
  const put = (char: number, start: number, end: number, flag: number): void => {
    out.chars[o] = char
    out.start[o] = start
    out.end[o] = end
    out.flag[o++] = flag
  }
  const keep = (to: number): void => {
    for (; i < to; i++)
      put(f.chars[i] as number, f.start[i] as number, f.end[i] as number, f.flag[i] as number)
  }
  for (const { start, end, word, from, to, kind } of chosen) {
    keep(start)
    for (let k = 0; k < word.length; k++) {
      const [a, b] = [from[k] as number, to[k] as number]
      let flag = kind[k] as number
      for (let j = a; j < b; j++) flag |= f.flag[j] as number
      put(word.charCodeAt(k), f.start[a] as number, f.end[b - 1] as number, flag | K.WORD)
    }
    i = end
  }
  keep(f.n)
  out.n = o
  return out
}
