// The net of the model, trained by AdaGrad: a row of weights for each hashed feature, one hidden layer, a softmax over
// the categories and the two kinds of harmless talk.
import { NET_BITS, NET_WIDTH } from '../src/detect/model/features.ts'
import { LEAK } from '../src/detect/model/net.ts'

const EPOCHS = 6
const RATE = 0.3
const DECAY = 1e-5
/** So much of a line is left out at each look, that no one word becomes the reason. */
const DROPPED = 0.2
const SHIFT = 32 - NET_BITS

export type NetLine = { features: Uint32Array; target: number; weight: number }
export type TrainedNet = {
  rows: Float32Array
  classes: Float32Array
  bias: Float32Array
  hidden: Float32Array
}

type Squares = { rows: Float32Array; classes: Float32Array }

export function trainNet(lines: NetLine[], classes: number, next: () => number): TrainedNet {
  const spread = (size: number, width: number) =>
    Float32Array.from({ length: size }, () => (next() - 0.5) * width)
  const net: TrainedNet = {
    rows: spread(2 ** NET_BITS * NET_WIDTH, 0.5),
    classes: spread(classes * NET_WIDTH, 1),
    bias: new Float32Array(classes),
    hidden: new Float32Array(NET_WIDTH),
  }
  const squares: Squares = {
    rows: new Float32Array(2 ** NET_BITS).fill(1e-2),
    classes: new Float32Array(classes * NET_WIDTH).fill(1e-2),
  }
  const order = lines.map((_, i) => i)
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = RATE * (1 - (0.9 * epoch) / EPOCHS)
    for (let i = order.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1))
      ;[order[i], order[j]] = [order[j] as number, order[i] as number]
    }
    for (const i of order) {
      const line = lines[i] as NetLine
      const kept = line.features.filter(() => next() >= DROPPED).map(hash => (hash >>> SHIFT) * NET_WIDTH)
      if (kept.length > 0) step(net, squares, line, kept, rate)
    }
  }
  forget(net, lines)
  return net
}

/** Rows seen in fewer lines say nothing one could rely on; those never seen stand as they were thrown. */
const LEAST_LINES = 3

function forget(net: TrainedNet, lines: NetLine[]): void {
  const seen = new Uint32Array(2 ** NET_BITS)
  for (const { features } of lines)
    for (const row of new Set(features.map(hash => hash >>> SHIFT))) seen[row] = (seen[row] as number) + 1
  seen.forEach((count, row) => {
    if (count < LEAST_LINES) net.rows.fill(0, row * NET_WIDTH, (row + 1) * NET_WIDTH)
  })
}

/** One line: what the net says of it, and every weight a little nearer to what it should have said. */
function step(net: TrainedNet, squares: Squares, line: NetLine, kept: Uint32Array, rate: number): void {
  const { rows, hidden } = net
  const scale = 1 / Math.sqrt(kept.length)
  const before = new Float32Array(NET_WIDTH)
  for (const at of kept)
    for (let d = 0; d < NET_WIDTH; d++) before[d] = (before[d] as number) + (rows[at + d] as number)
  const units = before.map((sum, d) => {
    const x = sum * scale + (hidden[d] as number)
    before[d] = x
    return x > 0 ? x : LEAK * x
  })
  const back = classStep(net, squares, line, units, rate)
  let size = 0
  for (let d = 0; d < NET_WIDTH; d++) {
    const g = (back[d] as number) * ((before[d] as number) > 0 ? 1 : LEAK)
    hidden[d] = (hidden[d] as number) - 0.01 * g
    back[d] = g * scale
    size += (g * scale) ** 2
  }
  for (const at of kept) {
    const row = at / NET_WIDTH
    squares.rows[row] = (squares.rows[row] as number) + size / NET_WIDTH
    const pace = rate / Math.sqrt(squares.rows[row] as number)
    for (let d = 0; d < NET_WIDTH; d++)
      rows[at + d] =
        (rows[at + d] as number) - pace * ((back[d] as number) + DECAY * (rows[at + d] as number))
  }
}

/** The classes of one line; gives what the hidden units should have been otherwise. */
function classStep(
  net: TrainedNet,
  squares: Squares,
  line: NetLine,
  units: Float32Array,
  rate: number,
): Float32Array {
  const { classes, bias } = net
  const chances = softmax(
    bias.map((b, c) => {
      let z = b
      for (let d = 0; d < NET_WIDTH; d++) z += (classes[c * NET_WIDTH + d] as number) * (units[d] as number)
      return z
    }),
  )
  const back = new Float32Array(NET_WIDTH)
  for (let c = 0; c < bias.length; c++) {
    const error = line.weight * ((chances[c] as number) - (c === line.target ? 1 : 0))
    if (Math.abs(error) < 1e-4) continue
    bias[c] = (bias[c] as number) - 0.02 * error
    for (let d = 0; d < NET_WIDTH; d++) {
      const at = c * NET_WIDTH + d
      const weight = classes[at] as number
      back[d] = (back[d] as number) + error * weight
      const g = error * (units[d] as number) + DECAY * weight
      squares.classes[at] = (squares.classes[at] as number) + g * g
      classes[at] = weight - (rate * g) / Math.sqrt(squares.classes[at] as number)
    }
  }
  return back
}

function softmax(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b))
  const raised = logits.map(z => Math.exp(z - most))
  const sum = raised.reduce((a, b) => a + b)
  return raised.map(x => x / sum)
}
