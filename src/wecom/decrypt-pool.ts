import type { KeyObject } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { ArchiveRecord, Decrypted } from './decrypt.ts'

export type DecryptPool = {
  /** Results in the order of the records. */
  decrypt(records: ArchiveRecord[]): Promise<Decrypted[]>
  close(): Promise<void>
}

type Task = { resolve(results: Decrypted[]): void; reject(error: Error): void }
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
    worker.on('message', (answer: { id: number; results: Decrypted[] }) => {
      tasks.get(answer.id)?.resolve(answer.results.map(asBuffer))
      tasks.delete(answer.id)
    })
    worker.on('error', failAll)
    worker.unref()
    return worker
  })
  const post = (records: ArchiveRecord[]): Promise<Decrypted[]> =>
    new Promise((resolve, reject) => {
      const id = next
      next += 1
      tasks.set(id, { resolve, reject })
      workers[id % workers.length]?.postMessage({ id, records })
    })
  return {
    async decrypt(records) {
      const chunks: ArchiveRecord[][] = []
      for (let i = 0; i < records.length; i += CHUNK) chunks.push(records.slice(i, i + CHUNK))
      return (await Promise.all(chunks.map(post))).flat()
    },
    async close() {
      await Promise.all(workers.map(worker => worker.terminate()))
    },
  }
}

/** Buffers arrive from another thread as plain Uint8Arrays. */
function asBuffer(result: Decrypted): Decrypted {
  return result.ok
    ? { ok: true, raw: Buffer.from(result.raw.buffer, result.raw.byteOffset, result.raw.byteLength) }
    : result
}
