import { parentPort, workerData } from 'node:worker_threads'
import type { Population } from '../../archive/index.ts'
import {
  createLog,
  type House,
  KeyRing,
  MasterKeys,
  type MasterSource,
  openDb,
  type Suite,
} from '../../base/index.ts'
import { type Image, openEngine } from '../../detect/index.ts'
import type { RuleSet } from '../rules.ts'
import type { Chunk } from './backtest-store.ts'
import { compareSpan } from './judge-span.ts'
import { probeOf } from './probe.ts'

/**
 * A compiled set as plain data: opening it costs nothing, compiling it once more half a second of each thread. Behaviour
 * rules stay behind: their expressions do not go from thread to thread, and a backtest is about words.
 */
export type Packed = { set: Omit<RuleSet, 'engine' | 'behaviours'>; image: Image }

export type SweepTask = {
  appUrl: string
  role: string | undefined
  masterKey: { source: MasterSource; next: MasterSource | undefined }
  suite: Suite
  house: Omit<House, 'keys' | 'log'>
  before: Packed
  after: Packed
  changed: string[]
  population: Population
}

/** A thread of a backtest: compiles both sets, opens the database and the keys for itself, judges one span after the other. */
const task = workerData as SweepTask
const port = parentPort
if (!port) throw new Error('a thread of a backtest is started by its pool')

const opened = ({ set, image }: Packed): RuleSet => ({
  ...{ ...set, behaviours: [], engine: openEngine(image) },
})
const before = opened(task.before)
const after = opened(task.after)
const changed = new Set(task.changed)
const probe = probeOf(before, after, changed)
const masters = await MasterKeys.load(task.masterKey, task.suite, false)
const house: House = { ...task.house, keys: new KeyRing(task.house.corp, masters), log: createLog('error') }
const database = openDb(task.appUrl, { role: task.role, max: 2, application: 'tongjian-backtest' })

port.on('message', async (chunk: Chunk | null) => {
  if (chunk === null) {
    await database.close()
    port.close()
    return
  }
  try {
    const found = await compareSpan(
      database.db,
      house,
      { before, after, changed, probe },
      task.population,
      chunk,
    )
    port.postMessage({ n: chunk.n, ...found })
  } catch (error) {
    port.postMessage({ n: chunk.n, failed: error instanceof Error ? error.message : String(error) })
  }
})
port.postMessage({ ready: [before.version, after.version] })
