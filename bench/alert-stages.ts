/** One alert as the database knows it, with the moment its message was published. Milliseconds of one clock. */
export type Sample = { number: number; alert: string; published: number; captured: number; raised: number }
type Seen = { kind: 'page' | 'stream'; at: Map<number, number> }

const STAGES = ['captured', 'detected', 'committed', 'received', 'dom', 'total'] as const
type Stage = (typeof STAGES)[number]
type Times = { n: number; p50: number; p95: number; p99: number; max: number }
export type Stages = Record<Stage, Times>

const NAMES: Record<Stage, string> = {
  captured: '发布 → 采集',
  detected: '采集 → 检出',
  committed: '检出 → 入队提交',
  received: '提交 → 看板收到',
  dom: '提交 → 页面出现',
  total: '发布 → 页面出现',
}

function timesOf(values: number[]): Times {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0)
  return { n: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) }
}

/** How long each stage took, over all alerts and boards. `told`: when the database told that the alert lies on the board. */
export function stagesOf(samples: Sample[], told: Map<string, number>, seen: Seen[]): Stages {
  const pages = seen.filter(one => one.kind === 'page')
  const streams = seen.filter(one => one.kind === 'stream')
  const since = (of: Seen[], from: (one: Sample) => number | undefined): number[] =>
    of.flatMap(board =>
      samples.flatMap(one => {
        const [at, start] = [board.at.get(one.number), from(one)]
        return at === undefined || start === undefined ? [] : [at - start]
      }),
    )
  const committed = (one: Sample): number | undefined => told.get(one.alert)
  return {
    captured: timesOf(samples.map(one => one.captured - one.published)),
    detected: timesOf(samples.map(one => one.raised - one.captured)),
    committed: timesOf(
      samples.flatMap(one => (told.get(one.alert) ?? Number.NaN) - one.raised).filter(Number.isFinite),
    ),
    received: timesOf(since(streams, committed)),
    dom: timesOf(since(pages, committed)),
    total: timesOf(since(pages, one => one.published)),
  }
}

/** The slowest, each with how it came about: seconds after the first message, and milliseconds of each stage. */
export function slowest(samples: Sample[], told: Map<string, number>, seen: Seen[], most = 8): string[] {
  const pages = seen.filter(one => one.kind === 'page')
  const began = Math.min(...samples.map(one => one.published))
  return samples
    .map(one => {
      const shown = Math.max(...pages.map(page => page.at.get(one.number) ?? Number.NaN))
      const committed = told.get(one.alert) ?? Number.NaN
      return { one, total: shown - one.published, committed, shown }
    })
    .filter(({ total }) => Number.isFinite(total))
    .toSorted((a, b) => b.total - a.total)
    .slice(0, most)
    .map(({ one, total, committed, shown }) => {
      const parts = [
        one.captured - one.published,
        one.raised - one.captured,
        committed - one.raised,
        shown - committed,
      ]
      return `第 ${Math.round((one.published - began) / 1000)} 秒发布：${parts.map(part => Math.round(part)).join(' + ')} = ${Math.round(total)} 毫秒`
    })
}

/** For people: Chinese characters are two columns wide. */
export function table(stages: Stages): string[] {
  const head = ['p50', 'p95', 'p99', '最大'].map(name => name.padStart(8)).join('')
  const rows = STAGES.map(stage => {
    const { n, p50, p95, p99, max } = stages[stage]
    const name = NAMES[stage]
    const width = [...name].reduce((sum, sign) => sum + (sign > '⺀' ? 2 : 1), 0)
    const figures = [p50, p95, p99, max].map(value => `${value} 毫秒`.padStart(8)).join('  ')
    return `${name}${' '.repeat(Math.max(0, 20 - width))}${figures}  （${n}）`
  })
  return [`${' '.repeat(20)}${head}`, ...rows]
}
