import { parentPort } from 'node:worker_threads'
import startCodec from 'benz-amr-recorder/src/amrnb.js'

/** The codec speaks to `self` as a browser's worker does; here it answers into a variable, at once. */
type Asked = { data: { command: 'decode'; buffer: Uint8Array } }
type Codec = {
  onmessage: (event: Asked) => void
  postMessage: (answer: { amr: Float32Array | null }) => void
}

let answer: Float32Array | null = null
const codec: Codec = {
  onmessage: () => undefined,
  postMessage: told => {
    answer = told.amr
  },
}
Object.assign(globalThis, { self: codec })
startCodec()

/** Samples at 8,000 a second between -1 and 1; null for what is no AMR-NB. */
function decode(amr: Uint8Array): Float32Array | null {
  answer = null
  codec.onmessage({ data: { command: 'decode', buffer: amr } })
  return answer
}

parentPort?.on('message', ({ id, amr }: { id: number; amr: Uint8Array }) => {
  try {
    parentPort?.postMessage({ id, samples: decode(amr) })
  } catch {
    // The codec gave up: this thread's copy of it is spoilt, and the next voice gets a new one.
    parentPort?.postMessage({ id, samples: null })
    process.exit(1)
  }
})
