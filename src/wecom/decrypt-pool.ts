import type { KeyObject } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ArchiveRecord, Decrypted, Unwrapped } from './decrypt.ts'

export type DecryptPool = {
  /** Both steps, with the simulator's cipher. Results in the order of the records. */
  decrypt(records: ArchiveRecord[]): Promise<Decrypted[]>
  /** RSA only: what Tencent's library takes. Results in the order of the records. */
  unwrap(records: ArchiveRecord[]): Promise<Unwrapped[]>
  close(): Promise<void>
}

type Wrapped = Pick<ArchiveRecord, 'publickey_ver' | 'encrypt_random_key'>
/** What a thread is asked; for RSA alone the sealed words stay where they are. */
export type PoolTask = { step: 'decrypt'; records: ArchiveRecord[] } | { step: 'unwrap'; records: Wrapped[] }
type Result = Decrypted | Unwrapped

type Task = { resolve(results: Result[]): void; reject(error: Error): void }
/** Small enough to share a page of 1,000 among threads evenly, large enough that posting costs nothing. */
const CHUNK = 125

/** Worker threads that hold the private keys and decrypt. `threads` defaults to the cores of the machine. */
export function openDecryptPool(
  keys: Map<number, KeyObject>,
  threads: number = availableParallelism(),
): DecryptPool {
  const pems = [...keys].map(([version, key]) => [version, key.export({ type: 'pkcs8', format: 'pem' })])
  const tasks = new Map<number, Task>()
  let next = 0
  const failAll = (error: Error): void => {
    for (const task of tasks.values()) task.reject(error)
    tasks.clear()
  }
  const workers = Array.from({ length: threads }, () => {
    const worker = new Worker(new URL('./decrypt-worker.ts', import.meta.url), { workerData: pems })
    worker.on('message', (answer: { id: number; results: Result[] }) => {
      tasks.get(answer.id)?.resolve(answer.results.map(asBuffer))
      tasks.delete(answer.id)
    })
    worker.on('error', failAll)
    worker.unref()
    return worker
  })
  const post = (task: PoolTask): Promise<Result[]> =>
    new Promise((resolve, reject) => {
      const id = next
      next += 1
      tasks.set(id, { resolve, reject })
      workers[id % workers.length]?.postMessage({ id, ...task })
    })
  return {
    async decrypt(records) {
      const answers = chunked(records).map(some => post({ step: 'decrypt', records: some }))
      return (await Promise.all(answers)).flat() as Decrypted[]
    },
    async unwrap(records) {
      const answers = chunked(records.map(wrappedOnly)).map(some => post({ step: 'unwrap', records: some }))
      return (await Promise.all(answers)).flat() as Unwrapped[]
    },
    async close() {
      await Promise.all(workers.map(worker => worker.terminate()))
    },
  }
}

function chunked<T>(records: T[]): T[][] {
  const chunks: T[][] = []
  for (let i = 0; i < records.length; i += CHUNK) chunks.push(records.slice(i, i + CHUNK))
  return chunks
}

function wrappedOnly({ publickey_ver, encrypt_random_key }: Wrapped): Wrapped {
  return { publickey_ver, encrypt_random_key }
}

/** Buffers arrive from another thread as plain Uint8Arrays. */
function asBuffer(result: Result): Result {
  if (!result.ok) return result
  return 'raw' in result ? { ok: true, raw: bufferOf(result.raw) } : { ok: true, key: bufferOf(result.key) }
}

function bufferOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength)
}
