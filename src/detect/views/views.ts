import type { Rule } from '../contract.ts'
import { type Automaton, buildAutomaton } from '../match/automaton.ts'
import { PAIR_MASK, printOf } from '../match/pairs.ts'
import { pairHash } from '../model/features.ts'
import { keyOf, readingsOf, syllables } from './sound.ts'
import { TRADE } from './trade.ts'
import { LEXICON, type Mark, marks, watchedWords } from './watched.ts'

/** What the rewriter of one set of rules needs: plain data. */
export type Views = {
  /** Over the keys of the watched words' sounds. */
  keys: Automaton
  /** Words that sound like the automaton's word w: words[start[w] … start[w + 1]). */
  start: Int32Array
  words: string[]
  /** Two characters side by side in any word of the rules: what is written in letters most likely stands for them. */
  pairs: Uint8Array
  /** Spellings for the main automaton. */
  marks: Map<string, Mark>
}

/** A word of many-voiced characters is watched for in so many voices. */
const MOST_VOICES = 6

function voices(word: string): string[] {
  let all = ['']
  for (const char of word) {
    const own = new Set(readingsOf(char.charCodeAt(0)).map(reading => keyOf[reading >> 3] as number))
    const next = all.flatMap(voice => [...own].map(key => voice + String.fromCharCode(key)))
    all = next.slice(0, MOST_VOICES)
  }
  return all
}

const initialsOf = (word: string): string =>
  [...word].map(char => (syllables[(readingsOf(char.charCodeAt(0))[0] ?? -8) >> 3] ?? '').charAt(0)).join('')

function pairsIn(rules: Rule[], fold: (text: string) => string): Uint8Array {
  const out = new Uint8Array(PAIR_MASK + 1)
  const take = (word: string): void => {
    for (let i = 0; i + 1 < word.length; i++) {
      const hash = pairHash(word.charCodeAt(i), word.charCodeAt(i + 1))
      out[hash & PAIR_MASK] = printOf(hash)
    }
  }
  for (const word of TRADE) take(word)
  for (const { terms } of rules) if (terms.length <= LEXICON) for (const { term } of terms) take(fold(term))
  return out
}

export function buildViews(rules: Rule[], fold: (text: string) => string): Views {
  const watched = watchedWords(rules, fold)
  const bySound = new Map<string, string[]>()
  for (const word of watched) {
    for (const voice of voices(word)) {
      const known = bySound.get(voice)
      if (known) known.push(word)
      else bySound.set(voice, [word])
    }
  }
  const start: number[] = []
  const words: string[] = []
  for (const list of bySound.values()) {
    start.push(words.length)
    words.push(...list)
  }
  start.push(words.length)
  return {
    keys: buildAutomaton([...bySound.keys()]),
    start: Int32Array.from(start),
    words,
    pairs: pairsIn(rules, fold),
    marks: marks(watched, initialsOf),
  }
}
