import type { Folded } from '../fold/fold.ts'
import { SEPARATOR, VALUE, VARIANT, WIDTH } from '../fold/fold-table.ts'
import { isDigit } from '../match/pairs.ts'
import { SPLITTING } from './classes.ts'
import * as K from './kinds.ts'
import { isWord } from './lexicon.ts'
import { heardIn } from './pinyin.ts'
import { SPLITS, standAt } from './shapes.ts'

/** A number of so many digits is somebody's: a telephone, an account, a card. */
const LEAST_DIGITS = 7
const GAPS = new Set([..." -.·'"].map(char => char.charCodeAt(0)))

/** Is the unit a numeral, in figures or in words? */
export const isNumeral = (unit: number): boolean => (VALUE[unit] as number) >= 0

/** Of a text being written anew: characters [from, to) of the old one stand as one. */
type Piece = { from: number; to: number; char: number; flag: number }

/** A run of numerals of any kind that begins at `at`, as plain digits: 一三九 7788 六六二二. */
function numberAt(f: Folded, at: number): { pieces: Piece[]; end: number } {
  const { chars, flag, n } = f
  const out: Piece[] = []
  let strange = 0
  let apart = 0
  let i = at
  while (i < n) {
    const unit = chars[i] as number
    const gap = GAPS.has(unit) && i + 1 < n && isNumeral(chars[i + 1] as number)
    if (gap) {
      if (i > at && i + 2 < n && GAPS.has(chars[i + 2] as number)) apart++
      i++
      continue
    }
    if (!isNumeral(unit)) break
    if (!isDigit(unit) || (flag[i] as number) & (WIDTH | VARIANT)) strange++
    out.push({ from: i, to: i + 1, char: 48 + (VALUE[unit] as number), flag: K.DIGITS | K.WORD })
    i++
  }
  const long = out.length >= LEAST_DIGITS && (strange > 0 || apart >= LEAST_DIGITS - 2)
  return { pieces: long ? out : [], end: i }
}

/** A split character whose pieces stand at `at`; two that make a word of their own are none. */
function splitAt(f: Folded, at: number): Piece | undefined {
  const { chars, n } = f
  for (const { pieces, meant } of SPLITS.get(String.fromCharCode(chars[at] as number)) ?? []) {
    if (!standAt(chars, n, at, pieces) || isWord(chars[at] as number, chars[at + 1] as number)) continue
    return { from: at, to: at + pieces.length, char: meant.charCodeAt(0), flag: K.SPLIT | K.WORD }
  }
  return undefined
}

const NO_NUMBER: { pieces: Piece[]; end: number } = { pieces: [], end: 0 }

/** The text with its numbers in plain digits and its split characters put together, or undefined when it has neither. */
export function plainer(f: Folded, ready: () => void, own?: Uint8Array): Folded | undefined {
  const found: Piece[] = []
  for (let i = 0; i < f.n; ) {
    const { pieces, end } = isNumeral(f.chars[i] as number) ? numberAt(f, i) : NO_NUMBER
    for (const piece of pieces) found.push(piece)
    const split = pieces.length > 0 || SPLITTING[f.chars[i] as number] === 0 ? undefined : splitAt(f, i)
    if (split) found.push(split)
    // A long run is read once, number or not.
    i = split?.to ?? (pieces.length > 0 || end - i > LEAST_DIGITS ? end : i + 1)
  }
  if (own)
    for (const { from, to, char } of heardIn(f, own)) found.push({ from, to, char, flag: K.PINYIN | K.WORD })
  if (found.length === 0) return undefined
  found.sort((a, b) => a.from - b.from)
  ready()
  return written(f, found)
}

function written(f: Folded, found: Piece[]): Folded {
  const out: Folded = {
    n: 0,
    chars: new Uint16Array(f.n + 64),
    start: new Int32Array(f.n + 64),
    end: new Int32Array(f.n + 64),
    flag: new Int32Array(f.n + 64),
  }
  const put = (from: number, to: number, char: number, flag: number): void => {
    const at = out.n++
    out.chars[at] = char
    out.start[at] = f.start[from] as number
    out.end[at] = f.end[to - 1] as number
    out.flag[at] = flag
    for (let k = from; k < to; k++) out.flag[at] = (out.flag[at] as number) | (f.flag[k] as number)
  }
  let i = 0
  let last: Piece | undefined
  for (const piece of found) {
    // What parts the digits of one number, or the syllables of one run, goes.
    const inRun = last !== undefined && last.flag === piece.flag && piece.flag & (K.DIGITS | K.PINYIN)
    const gone = inRun && onlyGaps(f, i, piece.from)
    if (!gone) for (; i < piece.from; i++) put(i, i + 1, f.chars[i] as number, 0)
    put(
      piece.from,
      piece.to,
      piece.char,
      piece.flag | (gone && i < piece.from && piece.flag & K.DIGITS ? SEPARATOR : 0),
    )
    i = piece.to
    last = piece
  }
  for (; i < f.n; i++) put(i, i + 1, f.chars[i] as number, 0)
  return out
}

function onlyGaps(f: Folded, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (!GAPS.has(f.chars[i] as number)) return false
  return true
}
