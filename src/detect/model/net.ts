import { addRows, NET_BITS, NET_WIDTH } from './features.ts'
import { unpack, unpackFloats } from './unpack.ts'

/** `names` are the categories; after them the last classes are hard-clean and ordinary. */
export type NetWeights = {
  names: readonly string[]
  step: number
  table: string
  /** NET_WIDTH weights for each class, one after the other. */
  classes: string
  bias: string
  hidden: string
}

/** What a hidden unit below zero still lets through. */
export const LEAK = 0.1
/** Classes of talk that is none of an officer's business. */
export const HARMLESS_CLASSES = 2

/**
 * What the net makes of a stretch: the log-odds that it is wrong, that it is wrong rather than honest talk about wrongs,
 * and how much speaks for each category.
 */
export type Opinion = { odds: number; overHonest: number; logits: Float32Array }

/**
 * A small net beside the linear score: each character and each two neighbours are so many numbers, their sum says
 * which category it sounds like. Words of like use get like numbers, so that it knows a turn of phrase that no sample
 * has; the score knows the exact words. Both together err less than either (decision 011).
 */
export class Net {
  readonly names: readonly string[]
  readonly table: Int8Array
  readonly step: number
  readonly classes: Float32Array
  readonly bias: Float32Array
  readonly hidden: Float32Array
  readonly sums = new Int32Array(NET_WIDTH)
  readonly units = new Float32Array(NET_WIDTH)
  readonly logits: Float32Array

  constructor(weights: NetWeights) {
    this.names = weights.names
    this.step = weights.step
    this.table = unpack(weights.table, 2 ** NET_BITS * NET_WIDTH)
    this.classes = unpackFloats(weights.classes)
    this.bias = unpackFloats(weights.bias)
    this.hidden = unpackFloats(weights.hidden)
    this.logits = new Float32Array(this.bias.length)
  }

  /** The logits are this net's own and stand until the next reading. */
  read(chars: Uint16Array, from: number, to: number): Opinion {
    const { sums, units, hidden, classes, bias, logits } = this
    sums.fill(0)
    const scale = this.step / Math.sqrt(addRows(this.table, chars, from, to, sums))
    for (let d = 0; d < NET_WIDTH; d++) {
      const x = (sums[d] as number) * scale + (hidden[d] as number)
      units[d] = x > 0 ? x : LEAK * x
    }
    for (let c = 0; c < bias.length; c++) {
      let z = bias[c] as number
      const at = c * NET_WIDTH
      for (let d = 0; d < NET_WIDTH; d++) z += (classes[at + d] as number) * (units[d] as number)
      logits[c] = z
    }
    const cut = this.names.length
    const wrong = together(logits, 0, cut)
    const honest = logits[cut] as number
    return { odds: wrong - together(logits, cut, logits.length), overHonest: wrong - honest, logits }
  }
}

/** The logarithm of the summed exponentials: how much speaks for any of these. */
function together(logits: Float32Array, from: number, to: number): number {
  let most = Number.NEGATIVE_INFINITY
  for (let c = from; c < to; c++) most = Math.max(most, logits[c] as number)
  let sum = 0
  for (let c = from; c < to; c++) sum += Math.exp((logits[c] as number) - most)
  return most + Math.log(sum)
}
