import { type Profiler, Session } from 'node:inspector'
import { parentPort, workerData } from 'node:worker_threads'
import { monotonic } from '../src/base/index.ts'
import { coverageOf, type FileCoverage } from './fuzz-coverage.ts'
import type { Ending } from './fuzz-items.ts'

export type FuzzTask = {
  seed: string
  n: number
  from: number
  seconds: number | null
  place: SharedArrayBuffer
}
export type FuzzCrash = { item: string; target: string; error: string; where: string }
export type FuzzResult = {
  items: number
  before: number
  endings: Record<string, Record<string, number>>
  inside: Record<string, number>
  crashes: FuzzCrash[]
  crashed: number
  unaccounted: number
  slowestMs: number
  slowest: string
  coverage: FileCoverage[]
}

const CRASHES_SHOWN = 20

/** Coverage must count before the readers are loaded, hence the late import. */
async function profiled<T>(work: () => Promise<T>): Promise<[T, FileCoverage[]]> {
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
  return [done, coverageOf(result)]
}

function empty(): FuzzResult {
  return {
    items: 0,
    before: 0,
    endings: {},
    inside: {},
    crashes: [],
    crashed: 0,
    unaccounted: 0,
    slowestMs: 0,
    slowest: '',
    coverage: [],
  }
}

async function run(task: FuzzTask): Promise<FuzzResult> {
  const { ENDINGS, openTargets } = await import('./fuzz-items.ts')
  const target = openTargets()
  const place = new Int32Array(task.place)
  const result = empty()
  const started = monotonic()
  for (let i = task.from; i < task.from + task.n; i++) {
    Atomics.store(place, 0, i)
    const from = monotonic()
    if (task.seconds !== null && from - started > task.seconds * 1000) break
    const item = `${task.seed}/${i}`
    attempt(result, item, target, ENDINGS)
    const took = monotonic() - from
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

function crashOf(item: string, error: unknown): FuzzCrash {
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
