import { Worker } from 'node:worker_threads'
import type { Chunk, ChunkCounts, Predicted } from './backtest-store.ts'
import type { SweepTask } from './sweep-worker.ts'

type Done = { n: number; counts: ChunkCounts; rows: Predicted[] }
type Told = Done | { n: number; failed: string } | { ready: [string, string] }

/** How many threads a backtest takes: the machine has live traffic to look after. */
const THREADS = 2

/**
 * Give chunks to threads until all are done or `stopped` says so. `settled` is awaited before the thread gets its next:
 * no more is held in memory than the threads have in hand.
 */
export async function sweep(
  task: SweepTask,
  chunks: Chunk[],
  on: { settled(done: Done): Promise<void>; stopped(): Promise<boolean> | boolean },
): Promise<void> {
  const waiting = [...chunks]
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./sweep-worker.ts', import.meta.url), { workerData: task })
      const next = async (): Promise<void> => {
        const chunk = (await on.stopped()) ? undefined : waiting.shift()
        worker.postMessage(chunk ?? null)
      }
      const told = async (message: Told): Promise<void> => {
        if ('failed' in message) throw new Error(message.failed)
        if ('counts' in message) await on.settled(message)
        await next()
      }
      worker.on('message', (message: Told) => {
        told(message).catch(error => {
          reject(error)
          void worker.terminate()
        })
      })
      worker.on('error', reject)
      worker.on('exit', code =>
        code === 0 ? resolve() : reject(new Error(`a thread of the backtest ended with ${code}`)),
      )
    })
  await Promise.all(Array.from({ length: Math.min(THREADS, Math.max(1, chunks.length)) }, run))
}
