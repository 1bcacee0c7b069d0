import type { Audience } from '../contract.ts'
import {
  CATEGORY_BITS,
  CLOSE,
  charHash,
  eachFeature,
  featureCount,
  fullScore,
  GATE_BITS,
  gateEnds,
  gateSums,
  OPEN,
  pairHash,
  SCORE_BITS,
} from './features.ts'
import { CUSTOMER, STAFF, type Weights } from './weights.generated.ts'

/** Goes up with every training that is committed; stands on every hit of the model. */
export const MODEL_VERSION = 3

/** Log-odds from which a text is shown. Chosen on sets that the model had not learned from (decision 011). */
const SHOWN = -0.5
/** A stretch of a longer text has more chances to look wrong, so it must look more wrong. */
const SHOWN_IN_PART = 0.3
/** So few characters say little by themselves ("对,就是这个"): where nothing was disguised they must say it louder. */
const BRIEF = 12
const BRIEF_MORE = 0.7
/** How much more where a rule found something that the sentence takes back. */
const REFUTED = 1
/** Below this the pairs alone say that the whole score is not worth reckoning. */
const WORTH = -0.7
/** Texts up to this length are one thought; of longer ones every stretch of clauses up to it is read too. */
export const THOUGHT = 44
const SHORTEST = 6
/** Of a text's weighing characters, those above so much of their mean are shown; at least so many in a row. */
const TELLING = 0.7
const LEAST = 6

type Weighed = { start: number; end: number; category: string }
type Stretch = { from: number; to: number; odds: number }

/** The packed form: a zero is followed by how many zeros it stands for. */
function unpack(table: string, bits: number): Int8Array {
  const bytes = Buffer.from(table, 'base64')
  const out = new Int8Array(2 ** bits)
  let o = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number
    if (byte !== 0) out[o++] = (byte << 24) >> 24
    else o += bytes[++i] as number
  }
  return out
}

/**
 * The weights of one feature for all categories side by side, four to a number, each raised by 128: four sums then
 * take two additions.
 */
function sideBySide(tables: Int8Array[]): Int32Array {
  const row = (tables.length + 3) >>> 2
  const out = new Int32Array(row * 2 ** CATEGORY_BITS)
  tables.forEach((table, k) => {
    for (let feature = 0; feature < table.length; feature++) {
      const at = feature * row + (k >>> 2)
      out[at] = (out[at] as number) | (((table[feature] as number) + RAISED) << (8 * (k & 3)))
    }
  })
  return out
}
const RAISED = 128
/** So many numbers below 256 fit into sixteen bits when they are added up. */
const MOST_ADDED = 256

const ENDS = new Uint8Array(65536)
for (const c of ',。!?;\n') ENDS[c.charCodeAt(0)] = 1

/**
 * A small model of our own for wrongs without any fixed word, and one for what customers signal. What it adds is never
 * more than P1; what it weighs down stays a hit (decision 011).
 */
export class Model {
  readonly score: Int8Array
  readonly gate: Int8Array
  readonly weights: Weights
  readonly side: Int32Array

  constructor(weights: Weights) {
    this.weights = weights
    this.score = unpack(weights.score.table, SCORE_BITS)
    this.gate = unpack(weights.gate.table, GATE_BITS)
    this.side = sideBySide(weights.heads.map(([, { table }]) => unpack(table, CATEGORY_BITS)))
  }

  /**
   * What weighs in chars[0, n), or undefined when nothing does; `pairs` is their gate score; `brief` says that nothing
   * was disguised, so that few characters say little, `refuted` that a rule's find was taken back there.
   */
  weigh(chars: Uint16Array, n: number, pairs: number, brief: boolean, refuted: boolean): Weighed | undefined {
    if (n < SHORTEST) return undefined
    const whole = this.odds(chars, 0, n, pairs)
    const more = (refuted ? REFUTED : 0) + (brief && n < BRIEF ? BRIEF_MORE : 0)
    let best = whole > SHOWN + more ? { from: 0, to: n, odds: whole } : undefined
    if (n > THOUGHT && !best) best = this.part(chars, n, SHOWN_IN_PART + more)
    if (!best) return undefined
    const [start, end] = this.heaviest(chars, best.from, best.to)
    return { start, end, category: this.category(chars, best.from, best.to) }
  }

  /** The stretch of a longer text that weighs most, when it weighs more than `least`. */
  part(chars: Uint16Array, n: number, least: number): Stretch | undefined {
    const { gate } = this
    const sums = gateSums(gate, chars, n)
    let best: Stretch | undefined
    const count = stretches(chars, 0, n)
    for (let k = 0; k < count; k++) {
      const [from, to] = [spans[2 * k] as number, spans[2 * k + 1] as number]
      const inside = (sums[to - 1] as number) - (sums[from] as number)
      const odds = this.odds(chars, from, to, inside + gateEnds(gate, chars, from, to))
      if (odds > least && odds > (best?.odds ?? 0)) best = { from, to, odds }
    }
    return best
  }

  /** The log-odds of the words around a span, the most suspicious stretch that holds it: what a rule's find is weighed by. */
  around(chars: Uint16Array, n: number, start: number, end: number): number {
    if (n <= THOUGHT) return this.full(chars, 0, n)
    // Only the neighbourhood: a long text has many finds.
    const [low, high] = [Math.max(0, start - 2 * THOUGHT), Math.min(n, end + 2 * THOUGHT)]
    let most = this.full(chars, low, high)
    const count = stretches(chars, low, high)
    for (let k = 0; k < count; k++) {
      const [from, to] = [spans[2 * k] as number, spans[2 * k + 1] as number]
      if (from < end && start < to) most = Math.max(most, this.full(chars, from, to))
    }
    return most
  }

  odds(chars: Uint16Array, from: number, to: number, pairs: number): number {
    const length = to - from
    const { gate } = this.weights
    if (gate.bias + (gate.step * pairs) / Math.sqrt(length + 1) < WORTH) return Number.NEGATIVE_INFINITY
    return this.full(chars, from, to)
  }

  full(chars: Uint16Array, from: number, to: number): number {
    const length = to - from
    const { score } = this.weights
    const sum = fullScore(this.score, chars, from, to)
    return score.bias + (score.step * sum) / Math.sqrt(featureCount(length))
  }

  category(chars: Uint16Array, from: number, to: number): string {
    const { heads } = this.weights
    const sums = new Int32Array(4 * ((heads.length + 3) >>> 2))
    const short = 2 * (to - from) + 1
    const hashes = new Int32Array(Math.min(short, MOST_ADDED))
    let n = 0
    const put = (hash: number): void => {
      hashes[n++] = hash >>> (32 - CATEGORY_BITS)
      if (n < MOST_ADDED) return
      this.add(sums, hashes, n)
      n = 0
    }
    // Single characters and pairs alone: the features of one and two.
    let before = OPEN
    for (let i = from; i <= to; i++) {
      const char = i < to ? (chars[i] as number) : CLOSE
      put(pairHash(before, char))
      if (i < to) put(charHash(char))
      before = char
    }
    this.add(sums, hashes, n)
    let best = ''
    let most = Number.NEGATIVE_INFINITY
    heads.forEach(([category, { bias, step }], k) => {
      const odds = bias + (step * (sums[k] as number)) / Math.sqrt(short)
      if (odds > most) [best, most] = [category, odds]
    })
    return best
  }

  /** Adds the weights of n features, no more than two halves of a number can take. */
  add(sums: Int32Array, hashes: Int32Array, n: number): void {
    const { side } = this
    const row = sums.length >>> 2
    for (let k = 0; k < row; k++) {
      let even = 0
      let uneven = 0
      for (let i = 0; i < n; i++) {
        const four = side[(hashes[i] as number) * row + k] as number
        even += four & 0xff00ff
        uneven += (four >>> 8) & 0xff00ff
      }
      const raised = RAISED * n
      sums[4 * k] = (sums[4 * k] as number) + (even & 0xffff) - raised
      sums[4 * k + 1] = (sums[4 * k + 1] as number) + (uneven & 0xffff) - raised
      sums[4 * k + 2] = (sums[4 * k + 2] as number) + (even >>> 16) - raised
      sums[4 * k + 3] = (sums[4 * k + 3] as number) + (uneven >>> 16) - raised
    }
  }

  /** The stretch whose features weigh clearly more than the rest: what the officer is shown as the reason. */
  heaviest(chars: Uint16Array, from: number, to: number): [number, number] {
    const weight = new Float32Array(to - from)
    eachFeature(chars, from, to, (hash, start, length) => {
      const w = (this.score[hash >>> (32 - SCORE_BITS)] as number) / length
      for (let i = start; i < Math.min(to, start + length); i++)
        weight[i - from] = (weight[i - from] as number) + w
    })
    const heavy = weight.filter(w => w > 0)
    const usual = heavy.reduce((sum, w) => sum + w, 0) / (heavy.length || 1)
    let [best, start, end] = [Number.NEGATIVE_INFINITY, from, to]
    let sum = 0
    let since = 0
    for (let i = 0; i < weight.length; i++) {
      if (sum <= 0) [sum, since] = [0, i]
      sum += (weight[i] as number) - TELLING * usual
      if (sum > best) [best, start, end] = [sum, from + since, from + i + 1]
    }
    return readable(chars, from, to, start, end)
  }
}

/** A span of a few characters tells nobody anything: it grows within its clause. */
function readable(
  chars: Uint16Array,
  from: number,
  to: number,
  start: number,
  end: number,
): [number, number] {
  let [a, b] = [start, end]
  while (a < b && ENDS[chars[a] as number] === 1) a++
  while (b > a && ENDS[chars[b - 1] as number] === 1) b--
  while (b - a < LEAST) {
    const right = b < to && ENDS[chars[b] as number] === 0
    const left = a > from && ENDS[chars[a - 1] as number] === 0
    if (!right && !left) break
    if (right) b++
    if (left && b - a < LEAST) a--
  }
  return a < b ? [a, b] : [start, end]
}

const opened: { [who in Audience]?: Model } = {}

/** The one model for a kind of speaker: its tables never change, so all engines share it; opened when first asked. */
export function sharedModel(from: Audience): Model {
  opened[from] ??= new Model(from === 'staff' ? STAFF : CUSTOMER)
  return opened[from]
}

let bounds = new Int32Array(64)
/** Where the stretches of the text last asked about begin and end, one after the other. */
let spans = new Int32Array(128)

/** Runs of whole clauses no longer than a thought; says how many, and writes them into `spans`. */
function stretches(chars: Uint16Array, low: number, n: number): number {
  const most = Math.floor((n - low) / SHORTEST) + 2
  if (bounds.length < most) {
    bounds = new Int32Array(2 * most)
    spans = new Int32Array(4 * most)
  }
  bounds[0] = low
  let last = 0
  // Clauses of a sign or two begin no stretch of their own: a text of commas alone would be read forty times over.
  for (let i = low + SHORTEST - 1; i < n; i++)
    if (ENDS[chars[i] as number] === 1 && i + 1 - (bounds[last] as number) >= SHORTEST) bounds[++last] = i + 1
  if (bounds[last] !== n) bounds[++last] = n
  let count = 0
  let to = 0
  for (let from = 0; from < last; from++) {
    const before = to
    to = Math.max(to, from + 1)
    while (to < last && (bounds[to + 1] as number) - (bounds[from] as number) <= THOUGHT) to++
    if (to === before) continue
    spans[2 * count] = bounds[from] as number
    spans[2 * count++ + 1] = bounds[to] as number
  }
  return count
}
