// Trains the model on the tuning sets: `node scripts/train-model.ts` rewrites weights.generated.ts.
// `node scripts/train-model.ts x.tsv …` trains on the sets but these and prints what the model makes of these;
// with `-w` it writes that model, so that `bench quality` can be asked about sets it has not seen.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'
import { housePacks } from '../bench/detect-samples.ts'
import { readSet, type Sample } from '../bench/quality-set.ts'
import { fold } from '../src/detect/fold/fold.ts'
import { eachFeature, GATE_BITS, netFeatures, SCORE_BITS } from '../src/detect/model/features.ts'
import { Model } from '../src/detect/model/model.ts'
import { HARMLESS_CLASSES } from '../src/detect/model/net.ts'
import type { Weights } from '../src/detect/model/weights.generated.ts'
import { type TrainedNet, trainNet } from './train-net.ts'

const SEED = 20_261_125
const EPOCHS = 12
const RATE = 0.5
const DECAY = 2e-4
/** Honest talk is hundreds of times commoner in life than in the sets: calling it wrong costs that much more. */
const ORDINARY_WEIGHT = 3
/** Of talk far from any trade there is as much as one likes: it must not drown what the others teach. */
const TALK_WEIGHT = 0.5
/** Honest talk about wrongs holds their very words. */
const HARD_WEIGHT = 1.5
/** The net is less sure of itself than the score, and needs to be told less. */
const NET_ORDINARY_WEIGHT = 2
/** A gate that turns wrong lines away is worse than one that lets honest lines through. */
const GATE_WRONG_WEIGHT = 8

const WEIGHTS: Record<string, number> = { ordinary: ORDINARY_WEIGHT, 'hard-clean': HARD_WEIGHT }

type Line = {
  hashes: Uint32Array
  pairs: Uint32Array
  short: Uint32Array
  wrong: boolean
  category: string
  weight: number
  sample: Sample
}

function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

function lineOf(sample: Sample): Line {
  const f = fold(sample.text)
  const all: number[] = []
  const pairs: number[] = []
  eachFeature(f.chars, 0, f.n, (hash, _, length) => {
    all.push(hash)
    if (length === 2) pairs.push(hash)
  })
  const wrong = sample.label !== 'clean'
  const weight = sample.technique === 'talk' ? TALK_WEIGHT : (WEIGHTS[sample.kind] ?? 1)
  return {
    hashes: Uint32Array.from(all),
    pairs: Uint32Array.from(pairs),
    short: Uint32Array.from(netFeatures(f.chars, f.n)),
    wrong,
    category: sample.category,
    weight,
    sample,
  }
}

/** Logistic regression by AdaGrad on hashed features; the sum is divided by the root of their number. */
function regress(
  lines: Line[],
  bits: number,
  of: (line: Line) => Uint32Array,
  target: (line: Line) => { y: number; weight: number },
  epochs = EPOCHS,
): { w: Float32Array; bias: number } {
  const next = random(SEED)
  const shift = 32 - bits
  const w = new Float32Array(2 ** bits)
  const squares = new Float32Array(2 ** bits).fill(1e-3)
  let bias = 0
  const order = lines.map((_, i) => i)
  for (let epoch = 0; epoch < epochs; epoch++) {
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1))
      ;[order[i], order[j]] = [order[j] as number, order[i] as number]
    }
    for (const i of order) {
      const line = lines[i] as Line
      const x = of(line)
      const scale = 1 / Math.sqrt(x.length || 1)
      let z = bias
      for (const hash of x) z += (w[hash >>> shift] as number) * scale
      const { y, weight } = target(line)
      const error = weight * (1 / (1 + Math.exp(-z)) - y)
      bias -= 0.05 * error
      for (const hash of x) {
        const at = hash >>> shift
        const gradient = error * scale + DECAY * (w[at] as number)
        squares[at] = (squares[at] as number) + gradient * gradient
        w[at] = (w[at] as number) - (RATE * gradient) / Math.sqrt(squares[at] as number)
      }
    }
  }
  return { w, bias }
}

/** Weights as signed bytes and what one step of them is worth; what is below `least` steps is noise and takes no room. */
function quantise(w: Float32Array, least: number): { bytes: Int8Array; step: number } {
  let most = 0
  for (const x of w) most = Math.max(most, Math.abs(x))
  const step = most / 127 || 1
  return { bytes: Int8Array.from(w, x => (Math.abs(x) < least * step ? 0 : Math.round(x / step))), step }
}

/** Runs of zeros are most of a table: zero, then how many (1–255). */
function pack(bytes: Int8Array): string {
  const out: number[] = []
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    out.push(byte & 255)
    if (byte !== 0) continue
    let run = 1
    while (run < 255 && bytes[i + run] === 0) run++
    out.push(run)
    i += run - 1
  }
  return Buffer.from(out).toString('base64')
}

type Head = { w: Float32Array; bias: number }
type Trained = { score: Head; gate: Head; names: string[]; net: TrainedNet }

function trainAll(lines: Line[]): Trained {
  const score = regress(
    lines,
    SCORE_BITS,
    line => line.hashes,
    line => ({ y: line.wrong ? 1 : 0, weight: line.weight }),
  )
  const gate = regress(
    lines,
    GATE_BITS,
    line => line.pairs,
    line => ({ y: line.wrong ? 1 : 0, weight: line.wrong ? GATE_WRONG_WEIGHT : 1 }),
  )
  const names = [...new Set(lines.filter(line => line.wrong).map(line => line.category))].sort()
  const net = trainNet(
    lines.map(line => ({
      features: line.short,
      target: line.wrong
        ? names.indexOf(line.category)
        : names.length + (line.sample.kind === 'hard-clean' ? 0 : 1),
      weight: Math.min(line.weight, NET_ORDINARY_WEIGHT),
    })),
    names.length + HARMLESS_CLASSES,
    random(SEED),
  )
  return { score, gate, names, net }
}

const sets = new URL('../src/detect/samples/tuning/', import.meta.url)
const held = process.argv
  .slice(2)
  .filter(arg => arg !== '-w')
  .map(file => basename(file))
/** Code words of the trade are words; other disguises are the views' business and would teach the model noise. */
const legible = (sample: Sample): boolean => sample.kind !== 'disguise' || sample.technique === 'slang'
/** Blind sets are tuning sets once they have been unsealed. */
const folders = [sets, new URL('../blind/', sets)]
const read = (wanted: (name: string) => boolean): Sample[] =>
  folders
    .flatMap(folder =>
      readdirSync(folder)
        .filter(name => name.endsWith('.tsv') && wanted(name))
        .sort()
        .flatMap(name => readSet(new URL(name, folder))),
    )
    .filter(legible)
/** Signals that the sets name apart are shown under the category that has rules for them. */
const SHOWN_AS: Record<string, string> = { OPTOUT: 'COMPLAINT', FRAUD_SIGN: 'VULN' }
/** A customer's question for a guarantee was written down as harmless before it was a signal. */
function asShown(sample: Sample): Sample {
  if (sample.from === 'customer' && sample.category === 'GUAR' && sample.technique === 'customer-asks')
    return { ...sample, label: 'signal', category: 'ASK_GUARANTEE', kind: 'plain' }
  return { ...sample, category: SHOWN_AS[sample.category] ?? sample.category }
}
const load = (wanted: (name: string) => boolean, from: Sample['from']): Line[] =>
  read(wanted)
    .filter(sample => sample.from === from)
    .map(asShown)
    .map(lineOf)
const old = readFileSync(new URL('../src/detect/samples/ordinary.txt', import.meta.url), 'utf8')
  .trim()
  .split('\n')
const ordinary = old.map(text =>
  lineOf({
    label: 'clean',
    category: '-',
    kind: 'ordinary',
    technique: '-',
    from: 'staff',
    text,
    context: [],
    line: 0,
  }),
)
const everyday = ['everyday.tsv', 'chat.tsv'].flatMap(name =>
  readSet(new URL(`../src/detect/samples/${name}`, import.meta.url)).map(lineOf),
)
const examples = housePacks().rules.flatMap(rule => {
  const sampleOf = (label: 'violation' | 'clean') => (example: (typeof rule.fires)[number]) =>
    (example.from ?? 'staff') === 'staff' && !example.context && rule.direction !== 'customer'
      ? [
          lineOf({
            label,
            category: rule.category,
            kind: label === 'clean' ? 'ordinary' : 'plain',
            technique: '-',
            from: 'staff',
            text: example.text,
            context: [],
            line: 0,
          }),
        ]
      : []
  return [...rule.fires.flatMap(sampleOf('violation')), ...rule.clean.flatMap(sampleOf('clean'))]
})
const others = (name: string): boolean => !held.includes(name)
const everybody = [...ordinary, ...everyday]
const staff = trainAll([...examples, ...load(others, 'staff'), ...everybody])
const customer = trainAll([...load(others, 'customer'), ...everybody])

if (held.length > 0 && !process.argv.includes('-w')) {
  report(
    'staff',
    staff,
    load(name => held.includes(name), 'staff'),
  )
  report(
    'customer',
    customer,
    load(name => held.includes(name), 'customer'),
  )
} else write()

/** What the whole model makes of lines it has not learned from: how many of each kind lie above a threshold. */
function report(who: string, trained: Trained, test: Line[]): void {
  const model = new Model(weightsOf(trained))
  const judged = test.map(line => {
    const f = fold(line.sample.text)
    return {
      line,
      odds: model.full(f.chars, 0, f.n),
      best: model.categories(model.net.read(f.chars, 0, f.n))[0],
    }
  })
  const share = (of: (line: Line) => boolean, over: (one: (typeof judged)[number]) => boolean) => {
    const group = judged.filter(one => of(one.line))
    return `${((100 * group.filter(over).length) / Math.max(1, group.length)).toFixed(1)} %`.padStart(8)
  }
  const out = (text: string) => process.stdout.write(`${text}\n`)
  out(`${who}: ${test.length} lines to judge`)
  for (const limit of [-1, -0.5, 0, 0.5, 1, 1.5]) {
    const kinds = ['plain', 'paraphrase', 'trap', 'advice', 'hard-clean', 'ordinary'].map(
      kind =>
        `${kind} ${share(
          line => line.sample.kind === kind,
          one => one.odds > limit,
        )}`,
    )
    out(`> ${String(limit).padStart(4)}  ${kinds.join('  ')}`)
  }
  out(
    `category right ${share(
      line => line.wrong,
      one => one.best === one.line.category,
    )}`,
  )
}

function packed({ w, bias }: Head): Weights['score'] {
  const { bytes, step } = quantise(w, 1.5)
  return { step, bias, table: pack(bytes) }
}

function floats(numbers: Float32Array): string {
  return Buffer.from(numbers.buffer, numbers.byteOffset, numbers.byteLength).toString('base64')
}

function weightsOf({ score, gate, names, net }: Trained): Weights {
  const { bytes, step } = quantise(net.rows, 0.5)
  const { classes, bias, hidden } = net
  return {
    score: packed(score),
    gate: packed(gate),
    net: {
      names,
      step,
      classes: floats(classes),
      bias: floats(bias),
      hidden: floats(hidden),
      table: pack(bytes),
    },
  }
}

function write(): void {
  const text = `// Written by scripts/train-model.ts; do not edit.
import type { NetWeights } from './net.ts'

type Table = { step: number; bias: number; table: string }
export type Weights = { score: Table; gate: Table; net: NetWeights }
export const STAFF: Weights = ${JSON.stringify(weightsOf(staff), null, 1)}
export const CUSTOMER: Weights = ${JSON.stringify(weightsOf(customer), null, 1)}
`
  writeFileSync(new URL('../src/detect/model/weights.generated.ts', import.meta.url), text)
  process.stdout.write(`${text.length} characters written\n`)
}
