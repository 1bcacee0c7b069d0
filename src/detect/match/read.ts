import { type Folded, Folder } from '../fold/fold.ts'
import * as T from '../fold/fold-table.ts'
import { OPENS, stickerAt } from '../fold/sticker.ts'
import { A, B, CLOSE, GATE_BITS, OPEN } from '../model/features.ts'
import { type Automaton, type Found, foundBuffer, SPREAD, scanWords, walkFrom } from './automaton.ts'
import { isLetter, ordinaryPairs, PAIR_MASK, pairsBuffer, pairsOf, TOGETHER } from './pairs.ts'

/** The folded character of a unit that stays where it is. */
const CHAR = T.MAP.map((char, unit) => (T.KIND[unit] === T.NEWLINE ? 10 : char))

/** The kind of a unit that always needs a second look. */
const LOOK = 7

/**
 * Four kinds in a row, three bits each, the newest last: 2 when the last two can be parts of one word, and 1 when a separator between them may have to go or a stop
 * may have been put in, so that the plain reading will not do.
 */
const SUSPECT = suspects()

function suspects(): Uint8Array {
  const separates = (kind: number) => kind >= T.ORNAMENT && kind <= T.NEWLINE
  const alone = (row: number): number => {
    const [d, c, b, a] = [row >> 9, (row >> 6) & 7, (row >> 3) & 7, row & 7] as const
    if (a === LOOK) return 1
    if (separates(b)) {
      const parts = c === T.HANZI && a === T.HANZI
      const mixes = b === T.ORNAMENT && c + a === T.HANZI + T.ALNUM && c * a !== 0
      return parts || mixes || separates(a) ? 1 : 0
    }
    const before = d === T.HANZI || separates(d)
    if (before && c === T.STOP && b === T.HANZI && a === T.STOP) return 1
    return d === T.STOP && c === T.HANZI && b === T.STOP && a === T.HANZI ? 1 : 0
  }
  return Uint8Array.from({ length: 4096 }, (_, row) => alone(row) | (2 * (TOGETHER[row & 63] as number)))
}

/** What `odd` says of a unit that the quick reading cannot judge, and of one that is taken out. */
const UNSURE = 0
const OUT = -1

/**
 * Reads a text into symbols. Most texts hide nothing: every unit stands for one character or for none, one look
 * into one table gives its symbol, and characters and positions are written down only for texts in which
 * something is found. Whatever is not so simple goes to the folder.
 */
export class Reader {
  readonly folder = new Folder()
  readonly automaton: Automaton
  readonly symbol: Uint16Array
  readonly found: Found = foundBuffer()
  /** Of the starts of words that a quick reading wrote down. */
  starts = 0
  /** Unit u → at 2u its letter bit << 20 | kind << 16 | symbol of its folded character, at 2u + 1 that character. */
  readonly table: Int32Array
  readonly gates: Int8Array
  readonly ordinary = ordinaryPairs()
  readonly pairs = pairsBuffer()
  sym = new Uint16Array(1024)
  text = ''
  from = 0
  to = 0
  /** Did every unit give one character? */
  plain = false
  /** And do flags and positions? */
  placed = false

  constructor(automaton: Automaton, gates: Int8Array) {
    const { symbol } = automaton
    this.automaton = automaton
    this.gates = gates
    this.symbol = symbol
    this.table = new Int32Array(2 * 65536)
    for (let unit = 0; unit < 65536; unit++) {
      const char = CHAR[unit] as number
      const kind = T.KIND[unit] as number
      const look = kind > T.STOP || char === 0 || unit === OPENS
      this.table[2 * unit] =
        ((isLetter(char) ? 1 : 0) << 20) | ((look ? LOOK : kind) << 16) | (symbol[char] as number)
      this.table[2 * unit + 1] = char
    }
  }

  /** The characters stand in what is returned, their symbols in `sym`, the words in `found`, the neighbours in `pairs`. */
  read(text: string, from: number, to: number): Folded {
    this.text = text
    this.from = from
    this.to = to
    const { folder } = this
    const f = folder.room(to - from)
    if (this.sym.length <= f.chars.length) this.sym = new Uint16Array(f.chars.length + 1)
    if (this.found.starts.length < f.chars.length) this.found.starts = new Int32Array(f.chars.length)
    if (this.pairs.odd.length < f.chars.length) this.pairs.odd = new Int32Array(f.chars.length)
    this.placed = false
    if (this.plainly(text, from, to, f)) {
      walkFrom(this.automaton, this.sym, this.starts, this.found)
      return f
    }
    if (this.carefully(text, from, to, f)) {
      walkFrom(this.automaton, this.sym, this.starts, this.found)
      pairsOf(this.gates, f.chars, f.n, this.pairs)
      return f
    }
    this.reread(folder.fold(text, from, to))
    pairsOf(this.gates, f.chars, f.n, this.pairs)
    return f
  }

  /** Finds the words of what was folded, or rewritten, already. */
  reread(f: Folded): void {
    this.plain = false
    this.placed = true
    if (this.sym.length <= f.n) this.sym = new Uint16Array(f.chars.length + 1)
    const { sym, symbol } = this
    for (let i = 0; i < f.n; i++) sym[i] = symbol[f.chars[i] as number] as number
    scanWords(this.automaton, sym, f.n, this.found)
  }

  /** Every unit as it stands; false as soon as all is read when anything in it is suspect. */
  plainly(text: string, from: number, to: number, f: Folded): boolean {
    const { table, sym, gates, ordinary, pairs: neighbours } = this
    const { chars } = f
    const { pairs, singles, none } = this.automaton
    const { starts } = this.found
    const { odd } = neighbours
    const mask = pairs.length * 32 - 1
    const n = to - from
    let all = 0
    let kinds = 0
    let doubles = 0
    let last = none
    let before = none
    let left = Math.imul(OPEN, A)
    let gate = 0
    let m = 0
    let k = 0
    for (let o = 0; o < n; o++) {
      const unit = text.charCodeAt(from + o)
      const both = table[2 * unit] as number
      const char = table[2 * unit + 1] as number
      kinds = ((kinds << 3) | ((both >>> 16) & 7)) & 4095
      const suspect = SUSPECT[kinds] as number
      all |= suspect
      const here = both & 0xffff
      sym[o] = here
      chars[o] = char
      // Written always, kept when a word can begin at the symbol before: a branch nobody could predict costs more.
      starts[m] = o - 1
      const h = (Math.imul(before, SPREAD) + here) & mask
      m += (((pairs[h >>> 5] as number) >>> (h & 31)) & 1) | (before <= singles ? 1 : 0)
      // pairHash, without a call.
      const raw = left + Math.imul(char, B) + 1
      const mixed = Math.imul(raw ^ (raw >>> 15), 0x2c1b3c6d)
      const hash = mixed ^ (mixed >>> 13)
      gate += gates[hash >>> (32 - GATE_BITS)] as number
      odd[k] = o - 1
      k += ((suspect >>> 1) | (both >>> 20)) & (ordinary[hash & PAIR_MASK] === (hash >>> 24 || 1) ? 0 : 1)
      if (both === last && ((both >>> 16) & 7) === T.HANZI) doubles++
      left = Math.imul(char, A)
      before = here
      last = both
    }
    if ((all & 1) !== 0) return false
    sym[n] = none
    starts[m] = n - 1
    this.starts = m + (before <= singles ? 1 : 0)
    const raw = left + Math.imul(CLOSE, B) + 1
    const mixed = Math.imul(raw ^ (raw >>> 15), 0x2c1b3c6d)
    neighbours.gate = gate + (gates[(mixed ^ (mixed >>> 13)) >>> (32 - GATE_BITS)] as number)
    neighbours.n = k
    f.n = n
    this.plain = true
    return doubles < 2 || !stutters(chars, n)
  }

  /** Separators that part a word are left out, those that part two stay; false when only the folder can tell. */
  carefully(text: string, from: number, to: number, f: Folded): boolean {
    const { table, sym } = this
    const { chars } = f
    const { pairs, singles, none } = this.automaton
    const { starts } = this.found
    const mask = pairs.length * 32 - 1
    let doubles = 0
    let before = none
    let m = 0
    let o = 0
    for (let i = from; i < to; i++) {
      const both = table[2 * text.charCodeAt(i)] as number
      const kind = (both >>> 16) & 7
      let here = both & 0xffff
      if (kind > T.ALNUM) {
        here = this.odd(text, i)
        if (here === OUT) continue
        if (here === UNSURE) return false
      }
      sym[o] = here
      chars[o] = CHAR[text.charCodeAt(i)] as number
      starts[m] = o++ - 1
      const h = (Math.imul(before, SPREAD) + here) & mask
      m += (((pairs[h >>> 5] as number) >>> (h & 31)) & 1) | (before <= singles ? 1 : 0)
      if (here === before && kind === T.HANZI) doubles++
      before = here
    }
    sym[o] = none
    starts[m] = o - 1
    this.starts = m + (before <= singles ? 1 : 0)
    f.n = o
    this.plain = o === to - from
    // What repeats among separators is the folder's.
    return doubles < 2
  }

  /** The symbol of a stop or a divider at `i` that stays where it is, OUT when it goes, UNSURE when more must be known. */
  odd(text: string, i: number): number {
    const unit = text.charCodeAt(i)
    const kind = T.KIND[unit] as number
    if (unit === OPENS && stickerAt(text, i, this.to) > 0) return UNSURE
    if (kind === T.STOP) {
      if (this.maybeInserted(text, i, i)) return UNSURE
    } else {
      if (kind < T.ORNAMENT || kind > T.NEWLINE) return UNSURE
      const verdict = this.divides(text, i)
      if (verdict <= 0) return verdict
    }
    const char = CHAR[unit] as number
    return char === 0 ? UNSURE : (this.symbol[char] as number)
  }

  /** Does the run of dividers around `i` stay where it is (1), part a word (OUT), or is it for the folder (UNSURE)? */
  divides(text: string, i: number): number {
    let start = i
    let end = i + 1
    // A run is looked at as a whole; a long one is the folder's.
    while (start > this.from && held(text, start - 1)) if (i - --start > 8) return UNSURE
    while (end < this.to && held(text, end)) if (++end - i > 8) return UNSURE
    if (end === this.to) return 1
    const next = T.KIND[text.charCodeAt(end)] as number
    if (next === T.STOP) return this.maybeInserted(text, end, start) ? UNSURE : 1
    if (next > T.ALNUM) return UNSURE
    const last = start > this.from ? (T.KIND[text.charCodeAt(start - 1)] as number) : T.OTHER
    if (last === T.HANZI && next === T.HANZI) return OUT
    if (last + next !== T.HANZI + T.ALNUM || last * next === 0) return 1
    // Between Han and a letter only ornaments go, and none when there is anything else among them.
    for (let at = start; at < end; at++) if (T.KIND[text.charCodeAt(at)] !== T.ORNAMENT) return 1
    return OUT
  }

  /** 稳,赚,不,赔: `last` is where the run before the stop begins. */
  maybeInserted(text: string, i: number, last: number): boolean {
    if (last <= this.from || i + 1 >= this.to) return false
    if (T.KIND[text.charCodeAt(last - 1)] !== T.HANZI || T.KIND[text.charCodeAt(i + 1)] !== T.HANZI)
      return false
    const unit = text.charCodeAt(i)
    return text.charCodeAt(i + 2) === unit || text.charCodeAt(i - 2) === unit
  }

  /** What was taken out of a text, and where: the folder knows, and writes the same characters again. */
  whole(): void {
    if (!this.placed) this.folder.fold(this.text, this.from, this.to)
    this.placed = true
  }

  /** A plain text has no flag that parts anything: the marks of the text before must go. */
  flags(f: Folded): void {
    if (this.plain) f.flag.fill(0, 0, f.n)
    else this.whole()
  }

  /** Positions and transformations, for texts in which something was found. */
  places(f: Folded): void {
    if (!this.plain) {
      this.whole()
      return
    }
    const { start, end, flag } = f
    for (let o = 0, i = this.from; o < f.n; o++, i++) {
      start[o] = i
      end[o] = i + 1
      flag[o] = T.PATH[this.text.charCodeAt(i)] as number
    }
  }
}

function held(text: string, at: number): boolean {
  const kind = T.KIND[text.charCodeAt(at)] as number
  return kind >= T.ORNAMENT && kind <= T.NEWLINE
}

/** Three of one Han or two pairs in a row, which the folder takes together. */
function stutters(chars: Uint16Array, n: number): boolean {
  let last = 0
  for (let i = 0; i < n; ) {
    const char = chars[i] as number
    let run = 1
    while (i + run < n && chars[i + run] === char) run++
    i += run
    if (T.KIND[char] !== T.HANZI) last = 0
    else {
      if (run > 2 || (run === 2 && last === 2)) return true
      last = run
    }
  }
  return false
}
