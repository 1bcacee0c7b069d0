import { type Folded, Folder } from '../fold/fold.ts'
import * as T from '../fold/fold-table.ts'
import { OPENS, stickerAt } from '../fold/sticker.ts'
import { type Automaton, type Found, foundBuffer, SPREAD, scanWords, walkFrom } from './automaton.ts'

/**
 * Reads a text into folded characters and their symbols. Most texts hide nothing: every unit stands for one
 * character, one look into one table gives that character and its symbol, and positions are written down only
 * for texts in which something is found. Whatever is not so simple goes to the folder.
 */
export class Reader {
  readonly folder = new Folder()
  readonly automaton: Automaton
  readonly symbol: Uint16Array
  readonly found: Found = foundBuffer()
  /** Of the starts of words that a plain reading wrote down. */
  starts = 0
  /** Unit → symbol << 16 | folded character; 0 for all that may need a second look. */
  readonly table: Int32Array
  sym = new Uint16Array(1024)
  text = ''
  from = 0
  to = 0
  /** Did every unit give one character? */
  plain = false

  constructor(automaton: Automaton) {
    const { symbol } = automaton
    this.automaton = automaton
    this.symbol = symbol
    this.table = new Int32Array(65536)
    for (let unit = 0; unit < 65536; unit++) {
      const char = T.MAP[unit] as number
      if ((T.KIND[unit] as number) <= T.ALNUM && char !== 0)
        this.table[unit] = ((symbol[char] as number) << 16) | char
    }
  }

  /** What it reads stands in its buffers, the words it holds in `found`. */
  read(text: string, from: number, to: number): Folded {
    this.text = text
    this.from = from
    this.to = to
    const { folder } = this
    const f = folder.room(to - from)
    if (this.sym.length <= f.chars.length) this.sym = new Uint16Array(f.chars.length + 1)
    if (this.found.starts.length < f.chars.length) this.found.starts = new Int32Array(f.chars.length)
    this.plain = this.simply(text, from, to, f)
    if (this.plain) {
      walkFrom(this.automaton, this.sym, this.starts, this.found)
      return f
    }
    const { chars, n } = folder.fold(text, from, to)
    if (this.sym.length <= n) this.sym = new Uint16Array(chars.length + 1)
    const { sym, symbol } = this
    for (let i = 0; i < n; i++) sym[i] = symbol[chars[i] as number] as number
    scanWords(this.automaton, sym, n, this.found)
    return f
  }

  /** Reads what was folded and rewritten already. */
  reread(f: Folded): void {
    this.plain = false
    if (this.sym.length <= f.n) this.sym = new Uint16Array(f.chars.length + 1)
    const { sym, symbol } = this
    for (let i = 0; i < f.n; i++) sym[i] = symbol[f.chars[i] as number] as number
    scanWords(this.automaton, sym, f.n, this.found)
  }

  simply(text: string, from: number, to: number, f: Folded): boolean {
    const { table, sym } = this
    const { chars } = f
    const { pairs, singles, none } = this.automaton
    const { starts } = this.found
    const mask = pairs.length * 32 - 1
    let doubles = 0
    let before = none
    let m = 0
    for (let i = from, o = 0; i < to; i++, o++) {
      let both = table[text.charCodeAt(i)] as number
      if (both === 0) {
        both = this.sign(text, i)
        if (both === 0) return false
      }
      const here = both >>> 16
      chars[o] = both
      sym[o] = here
      // Written always, kept when a word can begin at the symbol before: a branch nobody could predict costs more.
      starts[m] = o - 1
      const h = (Math.imul(before, SPREAD) + here) & mask
      m += (((pairs[h >>> 5] as number) >>> (h & 31)) & 1) | (before <= singles ? 1 : 0)
      doubles += here === before ? 1 : 0
      before = here
    }
    sym[to - from] = none
    starts[m] = to - from - 1
    this.starts = m + (before <= singles ? 1 : 0)
    f.n = to - from
    return doubles < 2 || !stutters(chars, f.n)
  }

  /** A stop or a divider at `i` that stays where it is; 0 when it may not. */
  sign(text: string, i: number): number {
    const unit = text.charCodeAt(i)
    const kind = T.KIND[unit] as number
    if (unit === OPENS && stickerAt(text, i, this.to) > 0) return 0
    if (kind === T.STOP) {
      if (this.maybeInserted(text, i, i)) return 0
    } else if (kind < T.ORNAMENT || kind > T.NEWLINE || !this.stays(text, i)) return 0
    const char = kind === T.NEWLINE ? 10 : (T.MAP[unit] as number)
    return char === 0 ? 0 : ((this.symbol[char] as number) << 16) | char
  }

  /** The run of dividers around `i` stands between two characters that it does not part. */
  stays(text: string, i: number): boolean {
    const held = (at: number) => {
      const kind = T.KIND[text.charCodeAt(at)] as number
      return kind >= T.ORNAMENT && kind <= T.NEWLINE
    }
    let start = i
    let end = i + 1
    // A run is looked at as a whole; a long one is the folder's.
    while (start > this.from && held(start - 1)) if (i - --start > 8) return false
    while (end < this.to && held(end)) if (++end - i > 8) return false
    if (end === this.to) return true
    const next = T.KIND[text.charCodeAt(end)] as number
    if (next === T.STOP) return !this.maybeInserted(text, end, start)
    if (next > T.ALNUM) return false
    // Between two of Han or Han and a letter a run may go: that is for the folder to decide.
    const last = start > this.from ? (T.KIND[text.charCodeAt(start - 1)] as number) : T.OTHER
    return !(last === T.HANZI && next !== T.OTHER) && !(last === T.ALNUM && next === T.HANZI)
  }

  /** 稳,赚,不,赔: `last` is where the run before the stop begins. */
  maybeInserted(text: string, i: number, last: number): boolean {
    if (last <= this.from || i + 1 >= this.to) return false
    if (T.KIND[text.charCodeAt(last - 1)] !== T.HANZI || T.KIND[text.charCodeAt(i + 1)] !== T.HANZI)
      return false
    const unit = text.charCodeAt(i)
    return text.charCodeAt(i + 2) === unit || text.charCodeAt(i - 2) === unit
  }

  /** A plain text has no flag that parts anything: the marks of the text before must go. */
  flags(f: Folded): void {
    if (this.plain) f.flag.fill(0, 0, f.n)
  }

  /** Positions and transformations, for texts in which something was found. */
  places(f: Folded): void {
    if (!this.plain) return
    const { start, end, flag } = f
    for (let o = 0, i = this.from; o < f.n; o++, i++) {
      start[o] = i
      end[o] = i + 1
      flag[o] = T.PATH[this.text.charCodeAt(i)] as number
    }
  }
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
