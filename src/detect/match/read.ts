import { type Folded, Folder } from '../fold/fold.ts'
import * as T from '../fold/fold-table.ts'
import { OPENS, stickerAt } from '../fold/sticker.ts'
import { A, B, CLOSE, GATE_BITS, OPEN } from '../model/features.ts'
import { type Automaton, type Found, foundBuffer, scanWords, walkFrom } from './automaton.ts'
import { isLetter, ordinaryPairs, PAIR_MASK, pairsBuffer, pairsOf } from './pairs.ts'

/** The folded character of a unit that stays where it is. */
const CHAR = T.MAP.map((char, unit) => (T.KIND[unit] === T.NEWLINE ? 10 : char))

/** What stands above the folded character in the table of units: it can be part of a word, is a letter, a word alone, Han. */
const WORDISH = 1 << 16
const LETTER = 1 << 17
const SINGLE = 1 << 18
const HAN = 1 << 19
/** A separator or a stop, which may have to go; a unit that always needs a second look. */
const ODD = 1 << 20
const STOP = 1 << 21

/** What `odd` says of a unit that the quick reading cannot judge, and of one that is taken out. */
const UNSURE = 0
const OUT = -1
const STAYS = 1

/**
 * Reads a text into folded characters. Most texts hide nothing: every unit stands for one character or, when it parts
 * a word, for none, and one look into one table tells; positions are written down only for texts in which something
 * is found. Whatever is not so simple goes to the folder.
 */
export class Reader {
  readonly folder = new Folder()
  readonly automaton: Automaton
  readonly found: Found = foundBuffer()
  /** Of the starts of words that a quick reading wrote down. */
  starts = 0
  /** Unit → its folded character and what it is. */
  readonly table: Int32Array
  /** What the table says of each character of the text. */
  entries = new Int32Array(1024)
  readonly ordinary = ordinaryPairs()
  readonly pairs = pairsBuffer()
  text = ''
  from = 0
  to = 0
  /** Did every unit give one character? */
  plain = false
  /** And do flags and positions? */
  placed = false

  constructor(automaton: Automaton) {
    const { symbol, singles } = automaton
    this.automaton = automaton
    this.table = new Int32Array(65536)
    for (let unit = 0; unit < 65536; unit++) {
      const char = CHAR[unit] as number
      const kind = T.KIND[unit] as number
      const odd = kind > T.ALNUM || char === 0 || unit === OPENS
      this.table[unit] =
        char |
        (kind === T.HANZI || kind === T.ALNUM ? WORDISH : 0) |
        (isLetter(char) ? LETTER : 0) |
        ((symbol[char] as number) <= singles ? SINGLE : 0) |
        (kind === T.HANZI ? HAN : 0) |
        (odd ? ODD : 0) |
        (kind === T.STOP && char !== 0 ? STOP : 0)
    }
  }

  /** The characters stand in what is returned, the words in `found`, the neighbours, weighed by `gates`, in `pairs`. */
  read(text: string, from: number, to: number, gates: Int8Array): Folded {
    this.text = text
    this.from = from
    this.to = to
    const { folder, found, pairs } = this
    const f = folder.room(to - from)
    const size = f.chars.length
    if (this.entries.length < size) this.entries = new Int32Array(size)
    if (found.starts.length < size) found.starts = new Int32Array(size)
    if (pairs.odd.length < size) pairs.odd = new Int32Array(size)
    this.placed = false
    if (this.quickly(text, from, to, f) && this.neighbours(f, gates)) {
      walkFrom(this.automaton, f.chars, f.n, this.starts, found)
      return f
    }
    this.reread(folder.fold(text, from, to))
    pairsOf(gates, f.chars, f.n, pairs)
    return f
  }

  /** Finds the words of what was folded, or rewritten, already. */
  reread(f: Folded): void {
    this.plain = false
    this.placed = true
    scanWords(this.automaton, f.chars, f.n, this.found)
  }

  /**
   * Every unit as it stands; separators that part a word are left out, those that part two stay. False when only the
   * folder can tell.
   */
  quickly(text: string, from: number, to: number, f: Folded): boolean {
    const { table, entries } = this
    const { chars } = f
    let o = 0
    for (let i = from; i < to; i++) {
      const here = table[text.charCodeAt(i)] as number
      if ((here & ODD) !== 0 && ((here & STOP) === 0 || !standsAlone(text, i))) {
        const verdict = this.odd(text, i)
        if (verdict === OUT) continue
        if (verdict === UNSURE) return false
      }
      entries[o] = here
      chars[o++] = here & 0xffff
    }
    f.n = o
    this.plain = o === to - from
    return true
  }

  /** One look at every two neighbours. False when something repeats as only the folder can tell. */
  neighbours(f: Folded, gates: Int8Array): boolean {
    const { entries, ordinary, pairs: neighbours } = this
    const { pairs } = this.automaton
    const { starts } = this.found
    const { odd } = neighbours
    const { n } = f
    const mask = pairs.length * 32 - 1
    let before = 0
    let left = Math.imul(OPEN, A)
    let gate = 0
    let doubles = 0
    let m = 0
    let k = 0
    for (let i = 0; i < n; i++) {
      const here = entries[i] as number
      const char = here & 0xffff
      // pairHash, without a call.
      const raw = left + Math.imul(char, B) + 1
      const mixed = Math.imul(raw ^ (raw >>> 15), 0x2c1b3c6d)
      const hash = mixed ^ (mixed >>> 13)
      gate += gates[hash >>> (32 - GATE_BITS)] as number
      // Written always, kept when a word can begin at the character before: a branch nobody could predict costs more.
      starts[m] = i - 1
      const bits = pairs[(hash & mask) >>> 5] as number
      m += (((bits >>> (hash & 31)) & (bits >>> (hash >>> 27))) | (before >>> 18)) & 1
      odd[k] = i - 1
      const strange = (ordinary[hash & PAIR_MASK] as number) - (hash >>> 24 || 1)
      k += (((here & before) >>> 16) | (here >>> 17)) & ((strange | -strange) >>> 31)
      if (here === before && (here & HAN) !== 0) doubles++
      left = Math.imul(char, A)
      before = here
    }
    starts[m] = n - 1
    this.starts = m + ((before >>> 18) & 1)
    const raw = left + Math.imul(CLOSE, B) + 1
    const mixed = Math.imul(raw ^ (raw >>> 15), 0x2c1b3c6d)
    neighbours.gate = gate + (gates[(mixed ^ (mixed >>> 13)) >>> (32 - GATE_BITS)] as number)
    neighbours.n = k
    // What repeats among separators is the folder's.
    return doubles < 2 || (this.plain && !stutters(f.chars, n))
  }

  /** STAYS for a stop or a divider at `i` that stays where it is, OUT when it goes, UNSURE when more must be known. */
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
    return CHAR[unit] === 0 ? UNSURE : STAYS
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

/** A stop that does not come again two units on or back has not been put in between the characters of a word. */
function standsAlone(text: string, i: number): boolean {
  const unit = text.charCodeAt(i)
  return (
    (i < 2 || text.charCodeAt(i - 2) !== unit) && (i + 2 >= text.length || text.charCodeAt(i + 2) !== unit)
  )
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
