import type { Packs, Rule } from '../src/detect/index.ts'
import { housePacks, samples } from './detect-samples.ts'

/** mulberry32: small, seeded, the same everywhere. */
function random(seed: number): () => number {
  let a = seed
  return () => {
    a = (a + 0x6d2b79f5) | 0
    let t = Math.imul(a ^ (a >>> 15), 1 | a)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const lines = (name: string): string[] => samples(name).map(sample => sample.text)

/** Words of 2–5 characters from the 3,755 commonest of GB 2312: a lexicon a bank might bring along. */
function words(count: number, next: () => number): string[] {
  const decoder = new TextDecoder('gb18030')
  const han: string[] = []
  for (let row = 0xb0; row <= 0xd7; row++) {
    for (let cell = 0xa1; cell <= 0xfe; cell++) {
      if (row < 0xd7 || cell <= 0xf9) han.push(decoder.decode(Uint8Array.of(row, cell)))
    }
  }
  const out = new Set<string>()
  while (out.size < count) {
    const length = 2 + Math.floor(next() * 4)
    out.add(Array.from({ length }, () => han[Math.floor(next() * han.length)]).join(''))
  }
  return [...out]
}

/** The house rules and enough random words that `count` terms stand in the lexicon. */
export function packsOf(count: number, seed: number): { packs: Packs; terms: string[] } {
  const packs = housePacks()
  const own = [...new Set(packs.rules.flatMap(rule => rule.terms.map(({ term }) => term)))]
  const extra = words(Math.max(0, count - own.length), random(seed))
  const [model] = packs.rules
  if (!model) throw new Error('no rules in rules/')
  const lexicon: Rule = {
    ...model,
    id: 'BENCH-01',
    category: 'BENCH',
    severity: 'P3',
    verdict: 'advisory',
    terms: extra.map(term => ({ term, notIn: [] })),
    patterns: [],
    exceptions: [],
    fires: [],
    clean: [],
  }
  return { packs: { ...packs, rules: [...packs.rules, lexicon] }, terms: [...own, ...extra] }
}

const SEPARATORS = [' ', '.', '*', '·', '-', '\u200b', '🔥']

function disguise(text: string, next: () => number): string {
  const sign = SEPARATORS[Math.floor(next() * SEPARATORS.length)] ?? ' '
  return [...text].join(sign)
}

/** Ordinary service talk, 3 % of it wrong, 5 % of it disguised (half of that in the wrong lines). */
export function corpus(n: number, seed: number): { texts: string[]; wrong: number; disguised: number } {
  const next = random(seed)
  const ordinary = lines('ordinary.txt')
  const wrong = lines('violations.txt')
  const pick = (from: string[]): string => from[Math.floor(next() * from.length)] ?? ''
  const texts: string[] = []
  let bad = 0
  let hidden = 0
  for (let i = 0; i < n; i++) {
    const evil = next() < 0.03
    // People write more than one sentence: one to four samples a message, about 50 characters.
    const parts = Array.from({ length: 1 + Math.floor(next() * 4) }, () => pick(ordinary))
    if (evil) parts[Math.floor(next() * parts.length)] = pick(wrong)
    const cover = next() < (evil ? 0.84 : 0.026)
    texts.push(cover ? disguise(parts.join('，'), next) : parts.join('，'))
    if (evil) bad++
    if (cover) hidden++
  }
  return { texts, wrong: bad / n, disguised: hidden / n }
}
