import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import { AhoCorasick as Monyone } from '@monyone/aho-corasick/fast'
import { Mint } from 'mint-filter'
import Modern from 'modern-ahocorasick/fast'
import { compile, openEngine } from '../src/detect/index.ts'
import { type Corpus, corpus, type Line, packsOf } from './detect-corpus.ts'
import { measureSwap, type Swap } from './detect-swap.ts'

const TERMS = 10_000
const MANY = 100_000
const SEED = 20_261_123
const ROUNDS = 7
/** Rounds before those that count: what is compiled at the first sight of a rule is compiled once in a server's life. */
const WARM = 5
const MILLION = 1_000_000

type Row = { name: string; terms: number; mcharsPerSecond: number; found: number; note: string }
type Built = { terms: number; buildMs: number; openMs: number }
/** Nanoseconds a character for one message of a million characters, and for one of ten. */
type Linear = { text: string; one: number; ten: number }
export type DetectBench = {
  seed: number
  ordinary: string
  messages: number
  chars: number
  wrong: number
  disguised: number
  /** Share of the messages in which something was found. */
  hit: number
  rows: Row[]
  built: Built[]
  linear: Linear[]
  timesFastscan: number
  timesMint: number
  swap: Swap
}

const round = (x: number, digits = 2): number => Number(x.toFixed(digits))
const middle = (values: number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0

/** Milliseconds of this thread on a core: what others do on the machine in the meantime does not count. */
function coreMs(): number {
  const { user, system } = process.threadCpuUsage()
  return (user + system) / 1000
}

type Matcher = { name: string; terms: number; note: string; find(line: Line): number }

/** All take turns, round after round, so that a busy minute of the machine falls on all of them; the middle round counts. */
function race(matchers: Matcher[], lines: Line[]): Row[] {
  const speeds = matchers.map((): number[] => [])
  const found = matchers.map(() => 0)
  for (let lap = -WARM; lap < ROUNDS; lap++) {
    matchers.forEach(({ find }, at) => {
      let sum = 0
      let chars = 0
      const from = coreMs()
      for (let i = 0; i < lines.length; i++) {
        const line = lines[i] as Line
        sum += find(line)
        chars += line.text.length
        // The slow ones are stopped after two seconds of a round.
        if ((i & 1023) === 1023 && coreMs() - from > 2000) break
      }
      if (lap >= 0) speeds[at]?.push(chars / 1000 / Math.max(0.001, coreMs() - from))
      found[at] = sum
    })
  }
  return matchers.map(({ name, terms, note }, at) => ({
    name,
    terms,
    mcharsPerSecond: round(middle(speeds[at] ?? [])),
    found: found[at] ?? 0,
    note,
  }))
}

type FastScan = new (words: string[]) => { search(text: string): unknown[] }
/** It has neither types nor an ES module. */
const fastScan = (): FastScan => createRequire(import.meta.url)('fastscan') as FastScan

function peers(terms: string[]): Matcher[] {
  const fast = new (fastScan())(terms)
  const mint = new Mint(terms)
  const monyone = new Monyone(terms)
  const modern = new Modern(terms)
  const row = (name: string, find: (text: string) => number): Matcher => ({
    name,
    terms: terms.length,
    note: 'plain matching',
    find: ({ text }) => find(text),
  })
  return [
    row('fastscan', text => fast.search(text).length),
    row('mint-filter', text => mint.filter(text, { replace: false }).words.length),
    row('@monyone/aho-corasick fast', text => monyone.matchInText(text).length),
    row('modern-ahocorasick fast', text => modern.search(text).length),
  ]
}

function built(terms: number): Built {
  const { packs } = packsOf(terms, SEED)
  const builds: number[] = []
  const opens: number[] = []
  for (let i = 0; i < 5; i++) {
    let from = coreMs()
    const { image } = compile(packs)
    const both = coreMs() - from
    from = coreMs()
    openEngine(image)
    opens.push(coreMs() - from)
    builds.push(both)
  }
  return { terms, buildMs: round(middle(builds), 1), openMs: round(middle(opens), 1) }
}

function whole(terms: number): Matcher {
  const engine = compile(packsOf(terms, SEED).packs)
  const note = 'whole pipeline: folding, views, patterns, context, offsets'
  return { name: 'tongjian detect', terms, note, find: line => engine.detect(line).length }
}

/** One message, as long as it gets: twice the text must take twice the time. */
function linear(lines: Line[]): Linear[] {
  const engine = compile(packsOf(TERMS, SEED).packs)
  let talk = ''
  for (let i = 0; talk.length < MILLION; i = (i + 1) % lines.length) talk += `${lines[i]?.text}\n`
  const cost = (text: string): number => {
    const from = coreMs()
    engine.detect({ text })
    return round(((coreMs() - from) * MILLION) / text.length, 1)
  }
  const row = (text: string, cell: string): Linear => {
    const of = (size: number) => cell.repeat(Math.ceil(size / cell.length)).slice(0, size)
    cost(of(MILLION))
    return { text, one: cost(of(MILLION)), ten: cost(of(10 * MILLION)) }
  }
  const cells: [string, string][] = [
    ['the talk above', talk.slice(0, MILLION)],
    ...['a', '保', ' ', '，', '\u0301', '[', '\ud83d'].map((sign): [string, string] => [
      `only ${JSON.stringify(sign)}`,
      sign,
    ]),
  ]
  return cells.map(([name, cell]) => row(name, cell))
}

/** The whole pipeline of `detect`, beside npm matchers that only match plainly, on the same messages. */
export async function benchDetect({ n, files }: { n?: number; files?: string[] }): Promise<DetectBench> {
  const mixed: Corpus = corpus(n ?? 50_000, SEED, files?.[0])
  const { lines } = mixed
  const { terms } = packsOf(TERMS, SEED)
  const ours = whole(TERMS)
  const rows = race([ours, whole(MANY), ...peers(terms)], lines)
  const speed = (name: string) => rows.find(row => row.name === name)?.mcharsPerSecond ?? 0
  const result: DetectBench = {
    seed: SEED,
    ordinary: mixed.ordinary,
    messages: lines.length,
    chars: lines.reduce((sum, line) => sum + line.text.length, 0),
    wrong: round(mixed.wrong, 4),
    disguised: round(mixed.disguised, 4),
    hit: round(lines.filter(line => ours.find(line) > 0).length / lines.length, 4),
    rows,
    built: [built(TERMS), built(MANY)],
    linear: linear(lines),
    timesFastscan: round((rows[0]?.mcharsPerSecond ?? 0) / speed('fastscan')),
    timesMint: round((rows[0]?.mcharsPerSecond ?? 0) / speed('mint-filter')),
    swap: await measureSwap(TERMS, SEED),
  }
  print(result)
  return result
}

function print(r: DetectBench): void {
  const share = (x: number) => `${(100 * x).toFixed(1)} %`
  const lines = [
    `${r.messages} messages, ${r.chars} chars; ordinary talk from ${r.ordinary}, ${share(r.wrong)} wrong, ${share(r.disguised)} disguised, ${share(r.hit)} hit, seed ${r.seed}`,
    ...r.rows.map(
      row =>
        `${row.name.padEnd(28)} ${String(row.terms).padStart(7)} terms ${row.mcharsPerSecond.toFixed(2).padStart(8)} M chars/s a core ${String(row.found).padStart(7)} found  ${row.note}`,
    ),
    `${r.timesFastscan} × fastscan, ${r.timesMint} × mint-filter`,
    ...r.built.map(one => `${one.terms} terms: build ${one.buildMs} ms, of it open ${one.openMs} ms`),
    ...r.linear.map(one => `one message, ${one.text}: ${one.one} ns/char at 1 M, ${one.ten} ns/char at 10 M`),
    `new rules with ${r.swap.terms} terms: compiled apart in ${r.swap.compileMs} ms, the main thread stood still for ${r.swap.pauseMs} ms at most`,
  ]
  writeSync(1, `${lines.join('\n')}\n`)
}
