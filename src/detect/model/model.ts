import type { Audience } from '../contract.ts'
import { featureCount, fullScore, GATE_BITS, gateEnds, gateSums, SCORE_BITS } from './features.ts'
import { Net, type Opinion } from './net.ts'
import { heaviest } from './reason.ts'
import { unpack } from './unpack.ts'
import { CUSTOMER, STAFF, type Weights } from './weights.generated.ts'

/** Goes up with every training that is committed; stands on every hit of the model. */
export const MODEL_VERSION = 4

/** Log-odds from which a text is shown. Chosen on sets that the model had not learned from (decision 011). */
const SHOWN = -1.6
/** A stretch of a longer text has more chances to look wrong, so it must look more wrong. */
const SHOWN_IN_PART = 0
/** Few characters say little by themselves ("对,就是这个"): the fewer they are, the louder they must say it. */
const BRIEF = 12
/** How much more where a rule found something that the sentence takes back. */
const REFUTED = 1
/** Below this the pairs alone say that the whole score is not worth reckoning. */
const WORTH = -1.2
/** Texts up to this length are one thought; of longer ones every stretch of clauses up to it is read too. */
export const THOUGHT = 44
const SHORTEST = 6
/** The net's log-odds are added to the score's by this share. */
const NET_SHARE = 0.5
/** Below this the score alone settles it. */
const HOPELESS = -2.5
/** Advice is a verdict of its own: it is shown beside a violation that is up to seven times as likely (e²). */
const ADVICE = 'ADVICE'
const NEARLY = 2

/** `categories`: the likeliest, and advice beside it where the words are nearly as much that. */
type Weighed = { start: number; end: number; categories: string[] }
type Stretch = { from: number; to: number; odds: number }

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
  readonly net: Net

  constructor(weights: Weights) {
    this.weights = weights
    this.score = unpack(weights.score.table, 2 ** SCORE_BITS)
    this.gate = unpack(weights.gate.table, 2 ** GATE_BITS)
    this.net = new Net(weights.net)
  }

  /**
   * What weighs in chars[0, n), or undefined when nothing does; `pairs` is their gate score; `brief` says that nothing
   * was disguised, so that few characters say little, `refuted` that a rule's find was taken back there.
   */
  weigh(chars: Uint16Array, n: number, pairs: number, brief: boolean, refuted: boolean): Weighed | undefined {
    if (n < SHORTEST) return undefined
    const whole = this.odds(chars, 0, n, pairs)
    const more = (refuted ? REFUTED : 0) + (brief ? BRIEF / (n + 1) : 0)
    let best = whole > SHOWN + more ? { from: 0, to: n, odds: whole } : undefined
    if (n > THOUGHT && !best) best = this.part(chars, n, SHOWN_IN_PART + more)
    if (!best) return undefined
    const [start, end] = heaviest(this.score, chars, best.from, best.to)
    return { start, end, categories: this.categories(this.net.read(chars, best.from, best.to)) }
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
      if (odds > (best?.odds ?? least)) best = { from, to, odds }
    }
    return best
  }

  /** The log-odds of the words around a span, the most suspicious stretch that holds it: what a rule's find is weighed by. */
  around(chars: Uint16Array, n: number, start: number, end: number): number {
    if (n <= THOUGHT) return this.meant(chars, 0, n)
    // Only the neighbourhood: a long text has many finds.
    const [low, high] = [Math.max(0, start - 2 * THOUGHT), Math.min(n, end + 2 * THOUGHT)]
    let most = this.meant(chars, low, high)
    const count = stretches(chars, low, high)
    for (let k = 0; k < count; k++) {
      const [from, to] = [spans[2 * k] as number, spans[2 * k + 1] as number]
      if (from < end && start < to) most = Math.max(most, this.meant(chars, from, to))
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
    const odds = this.scored(chars, from, to)
    // Plainly ordinary talk is most of all talk: the net could not turn it.
    if (odds < HOPELESS) return odds + NET_SHARE * HOPELESS
    return odds + NET_SHARE * this.net.read(chars, from, to).odds
  }

  /** Wrong, or honest talk about wrongs? What a rule found is not ordinary talk. */
  meant(chars: Uint16Array, from: number, to: number): number {
    return this.scored(chars, from, to) + NET_SHARE * this.net.read(chars, from, to).overHonest
  }

  scored(chars: Uint16Array, from: number, to: number): number {
    const { score } = this.weights
    const sum = fullScore(this.score, chars, from, to)
    return score.bias + (score.step * sum) / Math.sqrt(featureCount(to - from))
  }

  categories({ logits }: Opinion): string[] {
    const { names } = this.net
    const of = names.map((name, k): [string, number] => [name, logits[k] as number])
    const [best, odds] = of.reduce((a, b) => (b[1] > a[1] ? b : a))
    const advice = of.find(([name]) => name === ADVICE && name !== best)
    return advice && advice[1] > odds - NEARLY ? [best, ADVICE] : [best]
  }
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
