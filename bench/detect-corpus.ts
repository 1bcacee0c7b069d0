import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { Audience, Packs, Rule } from '../src/detect/index.ts'
import { housePacks, samples } from './detect-samples.ts'
import { readSet, type Sample } from './quality-set.ts'

export type Line = { text: string; from: Audience }
export type Corpus = { lines: Line[]; ordinary: string; wrong: number; disguised: number }

/** Of a hundred messages, so many are violations in plain words and so many are disguised; the rest is ordinary. */
const WRONG = 0.03
const DISGUISED = 0.055

const CROSSWOZ = new URL('../../shared/data/crosswoz-val.wecom.jsonl', import.meta.url)
const TUNING = new URL('../src/detect/samples/tuning/', import.meta.url)

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
    near: [],
    disguise: false,
    exceptions: [],
    fires: [],
    clean: [],
  }
  return { packs: { ...packs, rules: [...packs.rules, lexicon] }, terms: [...own, ...extra] }
}

type Captured = { msgtype: string; from: string; text?: { content: string } }

/** Text messages of a file of captured ones, a JSON object a line; `adviser…` is staff. */
function captured(file: string | URL): Line[] {
  const rows = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return rows.flatMap(row => {
    const { from, text } = JSON.parse(row) as Captured
    return text ? [{ text: text.content, from: from.startsWith('adviser') ? 'staff' : 'customer' }] : []
  })
}

function ordinaryLines(file: string | undefined): { lines: Line[]; name: string } {
  if (file !== undefined) return { lines: captured(file), name: 'the file given' }
  if (existsSync(CROSSWOZ)) return { lines: captured(CROSSWOZ), name: 'CrossWOZ' }
  const lines = samples('ordinary.txt').map(({ text }): Line => ({ text, from: 'staff' }))
  return { lines, name: 'samples/ordinary.txt' }
}

function tuning(): Sample[] {
  const files = readdirSync(TUNING).filter(name => name.endsWith('.tsv'))
  return files.sort().flatMap(name => readSet(new URL(name, TUNING)))
}

/** Ordinary talk mixed with violations in plain words and with disguised ones, drawn by the seed. */
export function corpus(n: number, seed: number, file?: string): Corpus {
  const next = random(seed)
  const own = (name: string) => samples(name).map(({ text }): Line => ({ text, from: 'staff' }))
  const tuned = tuning()
  const ordinary = ordinaryLines(file)
  const wrong = [
    ...own('violations.txt'),
    ...tuned.filter(one => one.label === 'violation' && one.kind === 'plain'),
  ]
  const hidden = [...own('disguised.txt'), ...tuned.filter(one => one.kind === 'disguise')]
  const count = { wrong: 0, hidden: 0 }
  const lines = Array.from({ length: n }, (): Line => {
    const lot = next()
    const from = lot < WRONG ? wrong : lot < WRONG + DISGUISED ? hidden : ordinary.lines
    if (from === wrong) count.wrong++
    if (from === hidden) count.hidden++
    const line = from[Math.floor(next() * from.length)]
    return { text: line?.text ?? '', from: line?.from ?? 'staff' }
  })
  return { lines, ordinary: ordinary.name, wrong: count.wrong / n, disguised: count.hidden / n }
}
