import { Worker } from 'node:worker_threads'
import { fail } from '../base/index.ts'

/** AMR-NB has 8,000 samples a second (3GPP TS 26.071). */
const RATE = 8000
/** WeCom's voices end after a minute; archived calls may last. Longer than this is saved and heard elsewhere. */
const MOST_BYTES = 12 << 20
/** A minute takes 0.1 s; what takes this long hangs. */
const PATIENCE_MS = 20_000

type Waiting = { resolve(samples: Float32Array | null): void; timer: NodeJS.Timeout }
type Thread = { worker: Worker; waiting: Map<number, Waiting> }
let thread: Thread | null = null
let asked = 0

/** One thread for all: voices come one by one as people listen, and the codec holds 16 MB. It goes when idle at the end. */
function threadOf(): Thread {
  if (thread) return thread
  const worker = new Worker(new URL('./voice-worker.ts', import.meta.url))
  const made: Thread = { worker, waiting: new Map() }
  const end = (): void => {
    for (const { resolve, timer } of made.waiting.values()) {
      clearTimeout(timer)
      resolve(null)
    }
    made.waiting.clear()
    if (thread === made) thread = null
  }
  worker.on('message', ({ id, samples }: { id: number; samples: Float32Array | null }) => {
    const one = made.waiting.get(id)
    made.waiting.delete(id)
    clearTimeout(one?.timer)
    one?.resolve(samples)
  })
  worker.on('error', end)
  worker.on('exit', end)
  worker.unref()
  thread = made
  return made
}

/** A voice of WeCom as a WAV every browser plays: 16 bit, mono, 8 kHz. `media.unplayable` when it is no AMR-NB. */
export async function wavOf(amr: Buffer): Promise<Buffer> {
  if (amr.length > MOST_BYTES || amr.subarray(0, 6).toString('latin1') !== '#!AMR\n')
    throw fail('media.unplayable', { bytes: amr.length })
  const { worker, waiting } = threadOf()
  const id = asked
  asked += 1
  const samples = await new Promise<Float32Array | null>(resolve => {
    const timer = setTimeout(() => void worker.terminate(), PATIENCE_MS)
    timer.unref()
    waiting.set(id, { resolve, timer })
    worker.postMessage({ id, amr: new Uint8Array(amr) })
  })
  if (samples === null || samples.length === 0) throw fail('media.unplayable', { bytes: amr.length })
  return wav(samples)
}

/** RIFF with one chunk of PCM. */
function wav(samples: Float32Array): Buffer {
  const head = Buffer.alloc(44)
  const bytes = samples.length * 2
  head.write('RIFF', 0, 'latin1')
  head.writeUInt32LE(36 + bytes, 4)
  head.write('WAVEfmt ', 8, 'latin1')
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(RATE, 24)
  head.writeUInt32LE(RATE * 2, 28)
  head.writeUInt16LE(2, 32)
  head.writeUInt16LE(16, 34)
  head.write('data', 36, 'latin1')
  head.writeUInt32LE(bytes, 40)
  const body = Buffer.alloc(bytes)
  samples.forEach((sample, at) => {
    body.writeInt16LE(Math.max(-32_768, Math.min(32_767, Math.round(sample * 32_768))), at * 2)
  })
  return Buffer.concat([head, body])
}
