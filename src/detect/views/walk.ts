import { stateAfter, wordAt } from '../match/automaton.ts'
import { isDigit, isLetter } from '../match/pairs.ts'
import { CLASS, inPieces, keySets, LETTER, SPLITTING } from './classes.ts'
import { NEVER_A_MASK } from './glue.ts'
import * as K from './kinds.ts'
import { charChances, FLOOR, isHan, isWord, wordChance } from './lexicon.ts'
import { type Orders, ordersOf, type Voices, voicesOf } from './orders.ts'
import { isNumeral } from './plainer.ts'
import { LOOKALIKES, SPLITS, standAt, WITH_RADICAL } from './shapes.ts'
import { alike, heardIn, keyOf, LONGEST_SYLLABLE, readingsOf, syllableOf } from './sound.ts'
import type { Views } from './views.ts'

/** A span that can be read as a watched word: how each character of the word is written. */
export type Candidate = {
  start: number
  end: number
  word: string
  /** Of each character: where its writing begins and ends, and what it takes to read it. */
  from: number[]
  to: number[]
  kind: number[]
  cost: number
}

const ROOT = 0
/** Watched words have at most so many characters, and a start is tried so far before letters and pieces. */
const DEEPEST = 8
const BACK = 3
/** The odd two may be the third and fourth character of the word. */
const BEFORE = 2
/** So many candidates of one text are enough. */
const MOST = 200

/** What better cuts of the words around can add, at most. */
const SLACK = 2

/** Two characters so common side by side are nobody's disguise. */
const COMMON = FLOOR - 1

/** Fewer letters after what no ordinary word puts before them are no words in letters. */
const LETTERS = 4

/** Two numerals of which one is written in words. */
const inNumber = (a: number, b: number): boolean =>
  isNumeral(a) && isNumeral(b) && !(isDigit(a) && isDigit(b))

export class Walker {
  readonly views: Views
  chars: Uint16Array = new Uint16Array(0)
  n = 0
  readonly from: number[] = new Array(DEEPEST + 1).fill(0)
  readonly to: number[] = new Array(DEEPEST + 1).fill(0)
  /** 0 for a character as it stands, K.SPLIT | character << 16, K.PINYIN | syllable << 16. */
  readonly how: number[] = new Array(DEEPEST + 1).fill(0)
  out: Candidate[] = []
  starts: number[] = []
  /** Did the neighbours just looked at hold pieces of a character, or numerals beside one another? */
  plainer = false
  /** And letters beside one another as in no ordinary word of letters? */
  latin = false

  /** Of each class of units: the symbols that what it can stand for has among the watched sounds. */
  readonly voices: Voices
  readonly orders: Orders

  constructor(views: Views) {
    this.views = views
    this.voices = voicesOf(views)
    this.orders = ordersOf(views, this.voices)
  }

  /**
   * The places at which a watched word may begin. Disguise leaves two neighbours that honest writing does not put side
   * by side: only around those in `odd` (the position of the first of the two, -1 before the text) is anything looked at.
   */
  find(chars: Uint16Array, n: number, odd: Int32Array, count: number): number {
    const { starts } = this
    starts.length = 0
    this.plainer = false
    this.latin = false
    let tried = -1
    let letters = 0
    for (let k = 0; k < count; k++) {
      const i = odd[k] as number
      const b = chars[i + 1] as number
      if (isLetter(b)) {
        letters++
        if (i < 0 || !isLetter(chars[i] as number)) starts.push(i)
        continue
      }
      if (i < 0 || CLASS[b] === 0 || (CLASS[chars[i] as number] as number) <= LETTER) continue
      if (SPLITTING[chars[i] as number] === 1 && inPieces(chars[i] as number, b)) this.plainer = true
      else if (inNumber(chars[i] as number, b)) this.plainer = true
      for (let at = Math.max(tried + 1, i - BEFORE); at <= i; at++)
        if (this.promises(chars, n, at, i)) starts.push(at)
      tried = i
    }
    this.latin = letters >= LETTERS
    return starts.length
  }

  /** May a word begin at `at` that holds the odd two at `odd`? */
  promises(chars: Uint16Array, n: number, at: number, odd: number): boolean {
    if (at === odd && inPieces(chars[at] as number, chars[at + 1] as number)) return true
    const { any, short, on } = this.orders
    const a = CLASS[chars[at] as number] as number
    const b = CLASS[chars[at + 1] as number] as number
    if (!any.has(a, b)) return false
    if (at + 2 < n) {
      const third = chars[at + 2] as number
      // A letter, a digit or a piece may stand for what goes on.
      if (isLetter(third) || isDigit(third) || SPLITTING[third] === 1) return true
      const c = CLASS[third] as number
      if (on.has(b, c) && this.reaches(a, b, c)) return true
    }
    // Two characters that are a word with their other neighbours can only be the beginning of a longer one.
    return at === odd && short.has(a, b) && !this.honest(chars, n, at)
  }

  /** Does a watched word begin with sounds of these three classes? */
  reaches(a: number, b: number, c: number): boolean {
    const { keys } = this.views
    const { first: start, symbols } = this.voices
    for (let i = start[a] as number; i < (start[a + 1] as number); i++) {
      for (let j = start[b] as number; j < (start[b + 1] as number); j++) {
        const two = stateAfter(keys, -(symbols[i] as number), symbols[j] as number)
        if (two === 0) continue
        for (let k = start[c] as number; k < (start[c + 1] as number); k++)
          if (stateAfter(keys, two, symbols[k] as number) !== 0) return true
      }
    }
    return false
  }

  /** Are these two a word as they stand, or each common or part of a word with its other neighbour (推荐|您看)? */
  honest(chars: Uint16Array, n: number, i: number): boolean {
    return (i > 0 && isWord(chars[i - 1] as number, chars[i] as number)) || this.common(chars, n, i)
  }

  /** The same, without a look at what stands before them. */
  common(chars: Uint16Array, n: number, i: number): boolean {
    const [a, b] = [chars[i] as number, chars[i + 1] as number]
    if (isWord(a, b)) return true
    if (i + 2 < n && isWord(b, chars[i + 2] as number)) return true
    const alone = charChances()
    return (alone[a] as number) + (alone[b] as number) >= COMMON
  }

  candidates(chars: Uint16Array, n: number): Candidate[] {
    this.chars = chars
    this.n = n
    this.out = []
    let tried = -1
    for (const at of this.starts) {
      const odd = isLetter(chars[at + 1] as number) || inPieces(chars[at] as number, chars[at + 1] as number)
      const first = odd ? at - BACK : at
      const last = isLetter(chars[at + 1] as number) ? at + 1 : at
      for (let i = Math.max(0, first, tried + 1); i <= last; i++) {
        if (this.out.length >= MOST) return this.out
        if (isLetter(chars[i] as number) && i > 0 && isLetter(chars[i - 1] as number)) continue
        this.step(i, 0, ROOT)
      }
      tried = Math.max(tried, last)
    }
    return this.out
  }

  step(at: number, depth: number, state: number): void {
    const word = wordAt(this.views.keys, state)
    if (word >= 0 && depth > 1) this.end(at, depth, word)
    if (at >= this.n || depth >= DEEPEST) return
    const unit = this.chars[at] as number
    if (isLetter(unit)) this.letters(at, depth, state)
    else if (unit > 0x2e7f || isDigit(unit)) this.sign(unit, at, depth, state)
    if (depth > 0 && this.junk(at)) this.step(at + 1, depth, state)
  }

  /** One letter or digit put between two characters of a word. */
  junk(at: number): boolean {
    const { chars, n } = this
    const unit = chars[at] as number
    if (at + 1 >= n || (!isLetter(unit) && !isDigit(unit))) return false
    return isHan(chars[at - 1] as number) && isHan(chars[at + 1] as number)
  }

  sign(unit: number, at: number, depth: number, state: number): void {
    const { first, symbols } = this.voices
    const cls = CLASS[unit] as number
    const last = first[cls + 1] as number
    for (let k = first[cls] as number; k < last; k++)
      this.on(symbols[k] as number, at, at + 1, 0, depth, state)
    if (SPLITTING[unit] === 0) return
    let whole = false
    for (const { pieces, meant } of SPLITS.get(String.fromCharCode(unit)) ?? []) {
      if (!standAt(this.chars, this.n, at, pieces)) continue
      this.piece(meant.charCodeAt(0), at, at + pieces.length, depth, state)
      whole = true
    }
    if (whole || at + 1 >= this.n || !isHan(this.chars[at + 1] as number)) return
    for (const code of WITH_RADICAL.get(unit) ?? []) this.piece(code, at, at + 2, depth, state)
  }

  /** A split character in each of its voices. */
  piece(code: number, at: number, end: number, depth: number, state: number): void {
    for (const key of keySets[CLASS[code] as number] ?? [])
      this.go(key, at, end, K.SPLIT | (code << 16), depth, state)
  }

  letters(at: number, depth: number, state: number): void {
    const { chars, n } = this
    let text = ''
    for (let k = at; k < n && k - at < LONGEST_SYLLABLE && isLetter(chars[k] as number); k++) {
      text += String.fromCharCode(chars[k] as number)
      const syllable = syllableOf.get(text)
      if (syllable === undefined) continue
      const end = this.afterSyllable(k + 1)
      this.go(keyOf[syllable] as number, at, end, K.PINYIN | (syllable << 16), depth, state)
    }
  }

  /** A tone and a blank belong to the syllable when more of the word follows. */
  afterSyllable(at: number): number {
    const { chars, n } = this
    let i = at
    const tone = (chars[i] as number) - 48
    if (i < n && tone >= 1 && tone <= 5 && !(i + 1 < n && isDigit(chars[i + 1] as number))) i++
    const gap = i < n && (chars[i] === 32 || chars[i] === 39 || chars[i] === 45 || chars[i] === 46)
    return gap && i + 1 < n && isLetter(chars[i + 1] as number) ? i + 1 : i
  }

  go(key: number, at: number, end: number, how: number, depth: number, state: number): void {
    this.on(this.views.keys.symbol[key] as number, at, end, how, depth, state)
  }

  on(symbol: number, at: number, end: number, how: number, depth: number, state: number): void {
    const next = stateAfter(this.views.keys, state, symbol)
    if (next === 0) return
    this.from[depth] = at
    this.to[depth] = end
    this.how[depth] = how
    this.step(end, depth + 1, next)
  }

  end(at: number, depth: number, word: number): void {
    const { chars, n, views } = this
    const last = this.how[depth - 1] as number
    if (last & K.PINYIN && at < n && isLetter(chars[at] as number) && isLetter(chars[at - 1] as number))
      return
    const to = views.start[word + 1] as number
    for (let k = views.start[word] as number; k < to; k++) this.match(views.words[k] as string, depth)
  }

  /** The sounds agree; do the characters? */
  match(word: string, depth: number): void {
    if (this.plain(word, depth)) return
    const kind: number[] = []
    let cost = 0
    let changed = 0
    for (let i = 0; i < depth; i++) {
      const one = this.kindOf(i, word.charCodeAt(i))
      if (one < 0) return
      kind.push(one)
      cost += K.costOf(one)
      if (one !== 0) changed++
    }
    for (let i = 1; i < depth; i++) if ((this.from[i] as number) > (this.to[i - 1] as number)) changed++
    if (changed === 0) return
    cost += this.doubt(kind, changed)
    if (!this.likely(word, depth, cost)) return
    const end = this.trimmed(depth)
    this.out.push({
      start: this.from[0] as number,
      end,
      word,
      from: this.from.slice(0, depth),
      to: [...this.to.slice(0, depth - 1), end],
      kind,
      cost,
    })
  }

  /** A short word with nothing left of it is nearly any other word; with pieces or letters it is not. */
  doubt(kind: number[], changed: number): number {
    if (kind.some(one => one & (K.SPLIT | K.PINYIN))) return 0
    const sure = kind.filter(one => one === 0 || one === K.HOMOPHONE).length
    if (kind.length > 2) return changed < kind.length ? 0 : sure === kind.length ? 2 : 4
    if (changed < 2) return kind.includes(K.NEAR) ? 2 : 1
    return sure === 2 ? 5 : 9
  }

  /** A bound on what reading it so can gain, before anything dearer is asked. */
  likely(word: string, depth: number, cost: number): boolean {
    const { chars } = this
    const [from, to] = [this.from[0] as number, this.to[depth - 1] as number]
    if (to - from !== depth) return true
    const alone = charChances()
    let written = 0
    for (let i = from; i < to; i++) written += alone[chars[i] as number] as number
    if (Math.max(FLOOR, wordChance(word) ?? FLOOR) - written <= cost - SLACK) return false
    if (depth > 2) return true
    if (this.common(chars, this.n, from)) return false
    return from === 0 || !isWord(chars[from - 1] as number, chars[from] as number)
  }

  /** The blank behind the last syllable is not the word's. */
  trimmed(depth: number): number {
    let end = this.to[depth - 1] as number
    while (end > 0 && [32, 39, 45, 46].includes(this.chars[end - 1] as number)) end--
    return end
  }

  /** Most often it is the word itself that stands there. */
  plain(word: string, depth: number): boolean {
    const start = this.from[0] as number
    if ((this.to[depth - 1] as number) - start !== depth) return false
    for (let i = 0; i < depth; i++) if (this.chars[start + i] !== word.charCodeAt(i)) return false
    return true
  }

  kindOf(i: number, meant: number): number {
    const how = this.how[i] as number
    if (how & K.SPLIT) return how >>> 16 === meant ? K.SPLIT : -1
    if (how & K.PINYIN) {
      const syllable = how >>> 16
      return readingsOf(meant).some(reading => reading >> 3 === syllable) ? K.PINYIN : -1
    }
    const written = this.chars[this.from[i] as number] as number
    if (written === meant) return 0
    if (NEVER_A_MASK.has(written)) return -1
    if (isDigit(written))
      return readingsOf(meant).some(reading => heardIn(written - 48).has(reading >> 3)) ? K.DIGITS : -1
    const sound = alike(written, meant)
    if (sound === 2) return K.HOMOPHONE
    if (LOOKALIKES.get(String.fromCharCode(written))?.includes(String.fromCharCode(meant))) return K.SHAPE
    return sound === 1 ? K.NEAR : -1
  }
}
