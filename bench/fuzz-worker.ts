import { type Profiler, Session } from 'node:inspector'
import { parentPort, workerData } from 'node:worker_threads'
import { monotonic } from '../src/base/index.ts'
import { parserScripts } from './fuzz-coverage.ts'
import type { Ending } from './fuzz-items.ts'
import { type FuzzResult, nothing } from './fuzz-result.ts'

export type FuzzTask = {
  seed: string
  n: number
  from: number
  seconds: number | null
  place: SharedArrayBuffer
}
const CRASHES_SHOWN = 20

/** Coverage must count before the readers are loaded, hence the late import. */
async function profiled<T>(work: () => Promise<T>): Promise<[T, Profiler.ScriptCoverage[]]> {
  const session = new Session()
  session.connect()
  const post = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) =>
      session.post(method, params, (error, result) => (error ? reject(error) : resolve(result))),
    )
  await post('Profiler.enable')
  await post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const done = await work()
  const { result } = (await post('Profiler.takePreciseCoverage')) as Profiler.TakePreciseCoverageReturnType
  session.disconnect()
  return [done, parserScripts(result)]
}

async function run(task: FuzzTask): Promise<FuzzResult> {
  const { ENDINGS, openTargets } = await import('./fuzz-items.ts')
  const target = openTargets()
  const place = new Int32Array(task.place)
  const result = nothing()
  const started = monotonic()
  for (let i = task.from; i < task.from + task.n; i++) {
    Atomics.store(place, 0, i)
    if (task.seconds !== null && monotonic() - started > task.seconds * 1000) break
    const from = process.threadCpuUsage()
    const item = `${task.seed}/${i}`
    attempt(result, item, target, ENDINGS)
    // The thread's own time: on a busy machine the clock says how long it waited.
    const { user, system } = process.threadCpuUsage(from)
    const took = (user + system) / 1000
    if (took > result.slowestMs) Object.assign(result, { slowestMs: took, slowest: item })
  }
  return result
}

function attempt(
  result: FuzzResult,
  item: string,
  target: (seed: string) => Ending,
  known: ReadonlySet<string>,
): void {
  result.items += 1
  try {
    const { target: name, before, ending, inside } = target(item)
    result.before += Number(before)
    const endings = result.endings[name] ?? {}
    result.endings[name] = endings
    endings[ending] = (endings[ending] ?? 0) + 1
    for (const one of inside) result.inside[one] = (result.inside[one] ?? 0) + 1
    if (![ending, ...inside].every(one => known.has(one))) result.unaccounted += 1
  } catch (error) {
    result.crashed += 1
    if (result.crashes.length < CRASHES_SHOWN) result.crashes.push(crashOf(item, error))
  }
}

function crashOf(item: string, error: unknown): FuzzResult['crashes'][number] {
  const frames =
    error instanceof Error ? (error.stack ?? '').split('\n').filter(line => /^\s+at /.test(line)) : []
  return {
    item,
    target: frames.find(line => line.includes('/src/'))?.trim() ?? '',
    error: error instanceof Error ? `${error.name}: ${error.message}` : String(error),
    where: frames[0]?.trim() ?? '',
  }
}

const [result, coverage] = await profiled(() => run(workerData as FuzzTask))
parentPort?.postMessage({ ...result, coverage })
