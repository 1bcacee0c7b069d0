import type { Folded } from '../fold/fold.ts'
import { isLetter, ordinaryPairs, PAIR_MASK, printOf } from '../match/pairs.ts'
import { pairHash } from '../model/features.ts'
import { GLUE } from './glue.ts'
import { charChances, isHan } from './lexicon.ts'
import { everyRead, LONGEST_SYLLABLE, readingsOf, syllableOf } from './sound.ts'
import { TRADE } from './trade.ts'

/** A syllable read as a character: letters [from, to) stand for it. */
export type Heard = { from: number; to: number; char: number }

/** So many syllables of one text written in letters are no accident: shorter ones are a name or a word of English. */
const LEAST = 2
/** A longer stretch than this is no message in letters. */
const LONGEST_RUN = 160
/** Characters tried of each syllable, the commonest first. */
const MOST_CHARS = 9
/** What two neighbours that honest writing puts side by side are worth, and what the trade's own characters are, in nats. */
const TOGETHER = 4.5
const OWN = 2.5
/** The same of two neighbours in one of its words, and what a reading costs that is not a character's first. */
const OWN_TOGETHER = 9
const SECOND = 3
const GAPS = new Set([..." '-."].map(char => char.charCodeAt(0)))

/** A character that a syllable may stand for, and how likely it is in what this trade writes. */
type Choice = { char: number; worth: number }

let choices: Choice[][] | undefined

/** The likeliest characters of each syllable. */
function choicesOf(syllable: number): Choice[] {
  choices ??= allChoices()
  return choices[syllable] as Choice[]
}

function allChoices(): Choice[][] {
  const alone = charChances()
  const own = new Set([...TRADE.join(''), ...GLUE].map(char => char.charCodeAt(0)))
  const by: Choice[][] = Array.from({ length: syllableOf.size }, () => [])
  for (const char of everyRead()) {
    const sounds = [...new Set(readingsOf(char).map(reading => reading >> 3))]
    sounds.forEach((sound, rank) => {
      const worth = (alone[char] as number) + (own.has(char) ? OWN : 0) - (rank > 0 ? SECOND : 0)
      by[sound]?.push({ char, worth })
    })
  }
  return by.map(list => list.sort((a, b) => b.worth - a.worth).slice(0, MOST_CHARS))
}

/** What two characters side by side are worth; `own` are those of the rules' words. */
function together(own: Uint8Array, a: number, b: number): number {
  const hash = pairHash(a, b)
  const slot = hash & PAIR_MASK
  const print = printOf(hash)
  const ordinary = ordinaryPairs()[slot] === print
  if (own[slot] === print) return ordinary ? OWN_TOGETHER + 2 : OWN_TOGETHER
  return ordinary ? TOGETHER : 0
}

/** Where the words in letters that begin at `at` end: letters, tones and single blanks. */
function runAt(f: Folded, at: number): number {
  const { chars, n } = f
  let i = at
  while (i < n && i - at < LONGEST_RUN) {
    const unit = chars[i] as number
    const tone = unit >= 49 && unit <= 53 && isLetter(chars[i - 1] as number)
    if (isLetter(unit) || tone) i++
    else if (GAPS.has(unit) && i + 1 < n && isLetter(chars[i + 1] as number)) i++
    else break
  }
  return i
}

/** The best way to a place: its worth, the character last read, where that begins, and the way before. */
type Way = { worth: number; char: number; from: number; before: Way | undefined; count: number }

/** The run as characters, or undefined when not all of it is syllables. */
function decoded(f: Folded, own: Uint8Array, from: number, to: number): Heard[] | undefined {
  const ways: Way[][] = Array.from({ length: to - from + 1 }, () => [])
  const left = from > 0 && isHan(f.chars[from - 1] as number) ? (f.chars[from - 1] as number) : 0
  ways[0]?.push({ worth: 0, char: left, from, before: undefined, count: 0 })
  for (let at = from; at < to; at++) {
    const here = ways[at - from] as Way[]
    if (here.length === 0) continue
    let text = ''
    for (let k = at; k < to && k - at < LONGEST_SYLLABLE && isLetter(f.chars[k] as number); k++) {
      text += String.fromCharCode(f.chars[k] as number)
      const syllable = syllableOf.get(text)
      if (syllable === undefined) continue
      const there = ways[afterSyllable(f, k + 1, to) - from] as Way[]
      for (const choice of choicesOf(syllable)) step(own, here, there, choice, at)
    }
  }
  const right = to < f.n && isHan(f.chars[to] as number) ? (f.chars[to] as number) : 0
  let best: Way | undefined
  for (const way of ways[to - from] as Way[]) {
    if (right !== 0) way.worth += together(own, way.char, right)
    if (!best || way.worth > best.worth) best = way
  }
  const out: Heard[] = []
  let end = to
  for (let way = best; way && way.count > 0; way = way.before) {
    // The blank behind it is not the syllable's.
    while (GAPS.has(f.chars[end - 1] as number)) end--
    out.unshift({ from: way.from, to: end, char: way.char })
    end = way.from
  }
  return best ? out : undefined
}

/** The tone and the blank behind a syllable go with it. */
function afterSyllable(f: Folded, at: number, to: number): number {
  let i = at
  if (i < to && !isLetter(f.chars[i] as number) && !GAPS.has(f.chars[i] as number)) i++
  return i < to && GAPS.has(f.chars[i] as number) ? i + 1 : i
}

function step(own: Uint8Array, here: Way[], there: Way[], { char, worth }: Choice, from: number): void {
  let best: Way | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const way of here) {
    const value = way.worth + (way.char !== 0 ? together(own, way.char, char) : 0)
    if (value > most) {
      most = value
      best = way
    }
  }
  if (!best) return
  const known = there.find(way => way.char === char)
  const way = { worth: most + worth, char, from, before: best, count: best.count + 1 }
  if (!known) there.push(way)
  else if (way.worth > known.worth) Object.assign(known, way)
}

/** Words written in letters, as the characters they most likely stand for; none when there are too few to tell. */
export function heardIn(f: Folded, own: Uint8Array): Heard[] {
  const out: Heard[] = []
  for (let i = 0; i < f.n; i++) {
    if (!isLetter(f.chars[i] as number)) continue
    const end = runAt(f, i)
    out.push(...(decoded(f, own, i, end) ?? wordwise(f, own, i, end)))
    i = end
  }
  return out.length >= LEAST ? out : []
}

/** A run that holds a word of another kind (QQ, app) is read word by word around it. */
function wordwise(f: Folded, own: Uint8Array, from: number, to: number): Heard[] {
  const words: [number, number][] = []
  for (let i = from; i < to; ) {
    let end = i
    while (end < to && !GAPS.has(f.chars[end] as number)) end++
    words.push([i, end])
    i = end + 1
  }
  if (words.length < 2) return []
  return words.flatMap(([start, end]) => decoded(f, own, start, end) ?? [])
}
