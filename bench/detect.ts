import { writeSync } from 'node:fs'
import { AhoCorasick as Monyone } from '@monyone/aho-corasick/fast'
import { Mint } from 'mint-filter'
import Modern from 'modern-ahocorasick/fast'
import { compile, openEngine } from '../src/detect/index.ts'
import { corpus, packsOf } from './detect-corpus.ts'

const TERMS = 10_000
const SEED = 20_261_123
const ROUNDS = 5

type Row = { name: string; mcharsPerSecond: number; found: number; note: string }
export type DetectBench = {
  seed: number
  messages: number
  chars: number
  terms: number
  wrong: number
  disguised: number
  buildMs: number
  openMs: number
  rows: Row[]
  timesFastestPeer: number
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Rounds over all the texts, or over as many as two seconds allow; the middle round counts. */
function measure(name: string, note: string, texts: string[], find: (text: string) => number): Row {
  const speeds: number[] = []
  let found = 0
  for (let round = 0; round < ROUNDS; round++) {
    found = 0
    let chars = 0
    const from = performance.now()
    for (let i = 0; i < texts.length; i++) {
      const text = texts[i] as string
      found += find(text)
      chars += text.length
      if ((i & 1023) === 1023 && performance.now() - from > 2000) break
    }
    speeds.push(chars / 1000 / (performance.now() - from))
  }
  return { name, mcharsPerSecond: Number(median(speeds).toFixed(2)), found, note }
}

function timed<T>(run: () => T): [T, number] {
  const all: number[] = []
  let value = run()
  for (let i = 0; i < 3; i++) {
    const from = performance.now()
    value = run()
    all.push(performance.now() - from)
  }
  return [value, Number(median(all).toFixed(1))]
}

/** The whole pipeline of `detect` with 10,000 terms, beside npm matchers that only match plainly. */
export async function benchDetect({ n }: { n?: number }): Promise<DetectBench> {
  const { lines, wrong, disguised } = corpus(n ?? 100_000, SEED)
  const texts = lines.map(line => line.text)
  const { packs, terms } = packsOf(TERMS, SEED)
  const [engine, buildMs] = timed(() => compile(packs))
  const [, openMs] = timed(() => openEngine(engine.image))
  const monyone = new Monyone(terms)
  const modern = new Modern(terms)
  const mint = new Mint(terms)
  const sorted = terms.toSorted((a, b) => b.length - a.length)
  const regexp = new RegExp(sorted.map(term => term.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|'), 'g')
  const rows = [
    measure(
      'tongjian detect',
      'folding, patterns, negation, exceptions',
      texts,
      t => engine.detect({ text: t }).length,
    ),
    measure('@monyone/aho-corasick fast', 'plain', texts, t => monyone.matchInText(t).length),
    measure('modern-ahocorasick fast', 'plain', texts, t => modern.search(t).length),
    measure('mint-filter', 'plain', texts, t => mint.filter(t, { replace: false }).words.length),
    measure('JS RegExp alternation', 'plain', texts, t => t.match(regexp)?.length ?? 0),
  ]
  const best = Math.max(...rows.slice(1).map(row => row.mcharsPerSecond))
  const result: DetectBench = {
    seed: SEED,
    messages: texts.length,
    chars: texts.reduce((sum, text) => sum + text.length, 0),
    terms: terms.length,
    wrong: Number(wrong.toFixed(4)),
    disguised: Number(disguised.toFixed(4)),
    buildMs,
    openMs,
    rows,
    timesFastestPeer: Number(((rows[0]?.mcharsPerSecond ?? 0) / best).toFixed(2)),
  }
  print(result)
  return result
}

function print(r: DetectBench): void {
  const share = (x: number) => `${(100 * x).toFixed(1)} %`
  const head = `${r.messages} messages, ${r.chars} chars, ${r.terms} terms, ${share(r.wrong)} wrong, ${share(r.disguised)} disguised, seed ${r.seed}`
  const rows = r.rows.map(
    row =>
      `${row.name.padEnd(30)} ${row.mcharsPerSecond.toFixed(2).padStart(8)} M chars/s  ${String(row.found).padStart(7)} found  ${row.note}`,
  )
  const foot = `build ${r.buildMs} ms, open ${r.openMs} ms; ${r.timesFastestPeer} × the fastest peer`
  writeSync(1, `${[head, ...rows, foot].join('\n')}\n`)
}
