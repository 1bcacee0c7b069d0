import {
  CATEGORY_BITS,
  eachFeature,
  featureCount,
  fullScore,
  GATE_BITS,
  gateScore,
  SCORE_BITS,
} from './features.ts'
import { GATE, HEADS, SCORE } from './weights.generated.ts'

/** Goes up with every training that is committed; stands on every hit of the model. */
export const MODEL_VERSION = 1

/** Log-odds from which a text is shown. Chosen on blind set one, after its score and before it was learned from (decision 010). */
const SHOWN = 0.6
/** A stretch of a longer text has more chances to look wrong, so it must look more wrong. */
const SHOWN_IN_PART = 1
/** Below this the pairs alone say that the whole score is not worth reckoning. */
const WORTH = 0
/** Texts up to this length are one thought; of longer ones every stretch of clauses up to it is read too. */
const THOUGHT = 44
const SHORTEST = 6

type Weighed = { start: number; end: number; category: string }

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

const ENDS = new Set([...',。!?;\n'].map(c => c.charCodeAt(0)))

/** A small model of our own for wrongs without any fixed word. It only adds, and never more than P1. */
class Model {
  readonly score = unpack(SCORE.table, SCORE_BITS)
  readonly gate = unpack(GATE.table, GATE_BITS)
  readonly heads = HEADS.map(head => ({ ...head, bytes: unpack(head.table, CATEGORY_BITS) }))

  /** What weighs in chars[0, n), or undefined when nothing does. */
  weigh(chars: Uint16Array, n: number): Weighed | undefined {
    if (n < SHORTEST) return undefined
    const whole = this.odds(chars, 0, n)
    let best = whole > SHOWN ? { from: 0, to: n, odds: whole } : undefined
    if (n > THOUGHT && !best) {
      for (const [from, to] of stretches(chars, n)) {
        const odds = this.odds(chars, from, to)
        if (odds > SHOWN_IN_PART && odds > (best?.odds ?? 0)) best = { from, to, odds }
      }
    }
    if (!best) return undefined
    const [start, end] = this.heaviest(chars, best.from, best.to)
    return { start, end, category: this.category(chars, best.from, best.to) }
  }

  odds(chars: Uint16Array, from: number, to: number): number {
    const length = to - from
    const pairs = gateScore(this.gate, chars, from, to)
    if (GATE.bias + (GATE.step * pairs) / Math.sqrt(length + 1) < WORTH) return Number.NEGATIVE_INFINITY
    const sum = fullScore(this.score, chars, from, to)
    return SCORE.bias + (SCORE.step * sum) / Math.sqrt(featureCount(length))
  }

  category(chars: Uint16Array, from: number, to: number): string {
    const short: number[] = []
    eachFeature(chars, from, to, (hash, _, length) => {
      if (length <= 2) short.push(hash >>> (32 - CATEGORY_BITS))
    })
    let best = ''
    let most = Number.NEGATIVE_INFINITY
    for (const { category, bias, step, bytes } of this.heads) {
      let sum = 0
      for (const at of short) sum += bytes[at] as number
      const odds = bias + (step * sum) / Math.sqrt(short.length)
      if (odds > most) [best, most] = [category, odds]
    }
    return best
  }

  /** The stretch whose features weigh most: what the officer is shown as the reason. */
  heaviest(chars: Uint16Array, from: number, to: number): [number, number] {
    const weight = new Float32Array(to - from)
    eachFeature(chars, from, to, (hash, start, length) => {
      const w = (this.score[hash >>> (32 - SCORE_BITS)] as number) / length
      for (let i = start; i < Math.min(to, start + length); i++)
        weight[i - from] = (weight[i - from] as number) + w
    })
    let [best, start, end] = [Number.NEGATIVE_INFINITY, from, to]
    let sum = 0
    let since = 0
    for (let i = 0; i < weight.length; i++) {
      if (sum <= 0) [sum, since] = [0, i]
      sum += weight[i] as number
      if (sum > best) [best, start, end] = [sum, from + since, from + i + 1]
    }
    return [start, end]
  }
}

let opened: Model | undefined

/** The one model: its megabyte of tables never changes, so all engines share it, and it is opened when first asked. */
export function sharedModel(): Model {
  opened ??= new Model()
  return opened
}

/** Runs of whole clauses no longer than a thought. */
function stretches(chars: Uint16Array, n: number): [number, number][] {
  const bounds = [0]
  for (let i = 0; i < n; i++) if (ENDS.has(chars[i] as number)) bounds.push(i + 1)
  if (bounds.at(-1) !== n) bounds.push(n)
  const out: [number, number][] = []
  let to = 0
  for (let from = 0; from < bounds.length - 1; from++) {
    const before = to
    to = Math.max(to, from + 1)
    while (to + 1 < bounds.length && (bounds[to + 1] as number) - (bounds[from] as number) <= THOUGHT) to++
    if (to > before) out.push([bounds[from] as number, bounds[to] as number])
  }
  return out
}
