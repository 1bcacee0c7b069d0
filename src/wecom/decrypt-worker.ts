import { createPrivateKey } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { type ArchiveRecord, decryptSimulated } from './decrypt.ts'

/** One thread of the decrypt pool: RSA costs most of what a message costs, so it must not hold the event loop. */
const pems = workerData as [number, string][]
const keys = new Map(pems.map(([version, pem]) => [version, createPrivateKey(pem)]))

parentPort?.on('message', (task: { id: number; records: ArchiveRecord[] }) => {
  const results = task.records.map(record => decryptSimulated(record, keys))
  parentPort?.postMessage({ id: task.id, results })
})
