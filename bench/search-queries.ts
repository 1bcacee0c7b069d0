import { createRng } from '../sim/rng.ts'
import { type Corpus, plantedWords, textOf } from './bulk-corpus.ts'

export type QueryClass = { name: string; queries: string[] }

/** Characters that begin no word here: absent for certain. */
const NOWHERE = [...'龗齾爩鱻麤灪龖厵']

/**
 * What an officer may type, each query new, so that no answer of an earlier one is warm: words planted a few times, words
 * of ordinary talk, words that are nowhere (strange ones, and common pairs that never stand together), 1 to 8 characters.
 */
export function queryClasses(corpus: Corpus, n: number, seed: string, each: number): QueryClass[] {
  const rng = createRng(`${seed} queries`)
  const piece = (length: number): string => {
    for (;;) {
      const text = textOf(corpus, rng).replace(/[\s"'“”:：|-]/g, '')
      const at = rng.int(0, Math.max(0, text.length - length))
      const word = text.slice(at, at + length)
      if (word.length === length && !word.includes('或')) return word
    }
  }
  const many = (make: () => string): string[] => [...new Set(Array.from({ length: each }, make))]
  const common = commonPairs(corpus)
  return [
    {
      name: '少见（全库 1–12 条）',
      queries: plantedWords(n, seed)
        .map(({ word }) => word)
        .slice(0, each),
    },
    { name: '常见二字', queries: common.slice(0, each) },
    {
      name: '不存在（生僻字）',
      queries: many(() => Array.from({ length: rng.int(2, 8) }, () => rng.pick(NOWHERE)).join('')),
    },
    {
      name: '不存在（常见字相连）',
      queries: many(() => rng.pick(common) + rng.pick(common) + rng.pick(common)),
    },
    ...[2, 3, 4, 5, 6, 7, 8].map(length => ({ name: `${length} 字`, queries: many(() => piece(length)) })),
    { name: '单字', queries: many(() => piece(1)) },
    { name: '两词且排除一词', queries: many(() => `${piece(2)} ${piece(2)} -${piece(2)}`) },
  ]
}

function commonPairs(corpus: Corpus): string[] {
  const seen = new Map<string, number>()
  for (const line of corpus.lines)
    for (let i = 0; i + 1 < line.length; i += 1) {
      const pair = line.slice(i, i + 2)
      if (/^\p{Script=Han}{2}$/u.test(pair)) seen.set(pair, (seen.get(pair) ?? 0) + 1)
    }
  return [...seen]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 200)
    .map(([pair]) => pair)
}
