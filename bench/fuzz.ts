import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { monotonic } from '../src/base/index.ts'
import { coverageOf, type FileCoverage } from './fuzz-coverage.ts'
import { type FuzzResult, nothing, together } from './fuzz-result.ts'
import type { FuzzTask } from './fuzz-worker.ts'

const ITEMS = 1_000_000
/** Processor time. An item that takes longer has met something that grows with its square. */
const DEADLINE_MS = 1000
/** No item for this long: it hangs. Far above the deadline, for the machine may be busy with other things. */
const HANG_MS = 20_000
const NOT_YET = -1

type FuzzReport = Omit<FuzzResult, 'coverage'> & {
  bench: 'fuzz'
  seed: string
  threads: number
  seconds: number
  perSecond: number
  beforeShare: number
  hung: string[]
  overDeadline: boolean
  coverage: FileCoverage[]
  branchPercent: number
}

/**
 * Spoiled callback bodies, chatdata pages and messages against the readers: each ends as parsed or refused with a reason
 * of the closed set. Item i is drawn from `seed/i` alone, so any of them can be met again.
 */
export async function benchFuzz(options: {
  n?: number | undefined
  seconds?: number
  seed?: string
  threads?: number
  say(line: string): void
}): Promise<FuzzReport> {
  const seed = options.seed ?? String(20_261_125)
  const threads = options.threads ?? availableParallelism()
  const each = Math.ceil((options.n ?? ITEMS) / threads)
  options.say(`seed ${seed}`)
  const started = monotonic()
  const found = await Promise.all(
    Array.from({ length: threads }, (_, i) =>
      watched({
        seed,
        n: Math.min(each, (options.n ?? ITEMS) - i * each),
        from: i * each,
        seconds: options.seconds ?? null,
        place: new SharedArrayBuffer(4),
      }),
    ),
  )
  const seconds = (monotonic() - started) / 1000
  const result = {
    ...together(found.map(one => one.result)),
    coverage: coverageOf(found.map(one => one.result.coverage)),
  }
  const branches = result.coverage.reduce((sum, file) => sum + file.branches, 0)
  const covered = result.coverage.reduce((sum, file) => sum + file.covered, 0)
  const report: FuzzReport = {
    bench: 'fuzz',
    seed,
    threads,
    ...result,
    seconds: Number(seconds.toFixed(1)),
    perSecond: Math.round(result.items / seconds),
    beforeShare: Number((result.before / Math.max(1, result.items)).toFixed(3)),
    hung: found.flatMap(one => one.hung ?? []),
    slowestMs: Number(result.slowestMs.toFixed(1)),
    overDeadline: result.slowestMs > DEADLINE_MS,
    branchPercent: Number(((100 * covered) / Math.max(1, branches)).toFixed(1)),
  }
  for (const line of table(report)) options.say(line)
  return report
}

/** A reader that hangs holds its thread for ever, so somebody else must look at the clock. */
async function watched(task: FuzzTask): Promise<{ result: FuzzResult; hung: string | null }> {
  const place = new Int32Array(task.place).fill(NOT_YET)
  const worker = new Worker(new URL('./fuzz-worker.ts', import.meta.url), { workerData: task })
  const ended = Promise.withResolvers<{ result: FuzzResult; hung: string | null }>()
  let last = { at: -1, since: monotonic() }
  const watch = setInterval(() => {
    const at = Atomics.load(place, 0)
    // A thread that is still loading on a busy machine has met no item yet.
    if (at !== last.at || at === NOT_YET) last = { at, since: monotonic() }
    else if (monotonic() - last.since > HANG_MS)
      ended.resolve({ result: nothing(), hung: `${task.seed}/${at}` })
  }, 500)
  worker.on('message', (result: FuzzResult) => ended.resolve({ result, hung: null }))
  worker.on('error', ended.reject)
  try {
    return await ended.promise
  } finally {
    clearInterval(watch)
    await worker.terminate()
  }
}

function table(report: FuzzReport): string[] {
  const share = (100 * report.beforeShare).toFixed(1)
  return [
    `${report.items} items in ${report.seconds} s; ${share} % spoiled before encryption and signing`,
    ...Object.entries(report.endings).map(([target, endings]) => `${target.padEnd(16)} ${counts(endings)}`),
    `records in pages  ${counts(report.inside)}`,
    `crashes ${report.crashed}, hangs ${report.hung.length} ${report.hung.join(' ')}, not accounted for ${report.unaccounted}, slowest ${report.slowestMs} ms (${report.slowest})`,
    ...report.crashes.map(crash => `  ${crash.item}: ${crash.error} ${crash.where} ${crash.target}`),
    'reader              functions  branches  covered',
    ...report.coverage.map(
      file =>
        `${file.file.padEnd(18)} ${file.functions.padStart(10)} ${String(file.branches).padStart(9)} ${file.percent.toFixed(1).padStart(7)} %${file.missed.length ? `  never: line ${file.missed.join(', ')}` : ''}`,
    ),
    `branches covered in all: ${report.branchPercent} %`,
  ]
}

function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .sort(([, a], [, b]) => b - a)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ')
}
