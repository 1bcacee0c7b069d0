import { createPrivateKey } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { decryptSimulated, unwrapKey } from './decrypt.ts'
import type { PoolTask } from './decrypt-pool.ts'

/** One thread of the decrypt pool: RSA costs most of what a message costs, so it must not hold the event loop. */
const pems = workerData as [number, string][]
const keys = new Map(pems.map(([version, pem]) => [version, createPrivateKey(pem)]))

parentPort?.on('message', (task: PoolTask & { id: number }) => {
  const results =
    task.step === 'decrypt'
      ? task.records.map(record => decryptSimulated(record, keys))
      : task.records.map(record => unwrapKey(record, keys))
  parentPort?.postMessage({ id: task.id, results })
})
