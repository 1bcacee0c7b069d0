import { parseArgs } from 'node:util'
import { benchAlert } from './alert.ts'
import { benchBacktest } from './backtest.ts'
import { benchDesk } from './desk.ts'
import { benchDetect } from './detect.ts'
import { benchEvidence } from './evidence.ts'
import { benchFaults } from './faults.ts'
import { benchFuzz } from './fuzz.ts'
import { benchIngest } from './ingest.ts'
import { benchProve } from './prove.ts'
import { benchQuality } from './quality.ts'
import { Refused } from './quality-history.ts'
import { unseal } from './quality-unseal.ts'
import { benchSdkMemory } from './sdk-memory.ts'
import { benchSearch } from './search.ts'
import { benchTamper } from './tamper.ts'
import { benchWeek } from './week.ts'

type Io = { out(line: string): void; err(line: string): void }
type Values = {
  misses: boolean
  report?: string
  out: string
  history: string
  crosswoz?: string
  again: boolean
  data?: string
  keep: boolean
  corpus?: string
  queries?: string
  export?: string
  rate?: string
  seconds?: string
  boards?: string
  pages?: string
  terms?: string
}
type Bench = (options: { n: number | undefined; files: string[]; values: Values; io: Io }) => Promise<object>

const numberOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : Number(text)

const BENCHES: Record<string, Bench> = {
  alert: ({ n, values, io }) => {
    const { rate, seconds, boards, pages, terms } = values
    const asked = { rate, seconds, boards, pages, terms }
    const numbers = Object.fromEntries(Object.entries(asked).map(([name, text]) => [name, numberOf(text)]))
    return benchAlert({ n, ...numbers, say: io.out })
  },
  ingest: ({ n, io }) => benchIngest({ n, say: io.out }),
  detect: ({ n, files }) => benchDetect({ n, files }),
  desk: ({ n, io }) => benchDesk({ n, say: io.out }),
  faults: ({ n, io }) => benchFaults({ n, say: io.out }),
  'sdk-memory': ({ n, io }) => benchSdkMemory({ n, say: io.out }),
  tamper: ({ n, io }) => benchTamper({ n, say: io.out }),
  prove: ({ n, io }) => benchProve({ n, say: io.out }),
  search: ({ n, values, io }) => {
    const { data, keep, corpus } = values
    const each = values.queries === undefined ? undefined : Number(values.queries)
    const exported = values.export === undefined ? undefined : Number(values.export)
    return benchSearch({ n, data, keep, corpus, each, exported, say: io.out })
  },
  backtest: ({ n, values, io }) => {
    const { data, keep, corpus } = values
    return benchBacktest({ n, data, keep, corpus, say: io.out })
  },
  evidence: ({ n, io }) => benchEvidence({ n, say: io.out }),
  week: ({ n, io }) => benchWeek({ n, say: io.out }),
  quality: async ({ files, values, io }) =>
    values.report === undefined
      ? benchQuality({ files, misses: values.misses, say: io.out })
      : unseal({ ...values, report: values.report }, io.out),
  fuzz: ({ n, io }) => benchFuzz({ n, say: io.out }),
}

const usage = (): string =>
  [
    `用法：npm run -s bench -- ${Object.keys(BENCHES).join('|')} [--n 正整数]`,
    '      alert [--n 已归档条数] [--rate 每秒条数] [--seconds 秒] [--boards 看板] [--pages 其中页面] [--terms 词数]',
    '      search [--data 目录] [--keep] [--corpus 消息.jsonl] [--queries 每类几个] [--export 条数，0 不导出]',
    '      backtest [--data 目录] [--keep] [--corpus 消息.jsonl]',
    '      quality [--misses] 样本文件…',
    '      quality --report 盲测集.tsv [--crosswoz 文件] [--out 报告.md] [--history 记录.tsv] [--again]',
  ].join('\n')

/** Run one benchmark: a table for people, and one JSON line last. */
export async function benchCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      n: { type: 'string' },
      misses: { type: 'boolean', default: false },
      report: { type: 'string' },
      out: { type: 'string', default: 'docs/detection-quality.md' },
      history: { type: 'string', default: 'docs/quality-history.tsv' },
      crosswoz: { type: 'string' },
      again: { type: 'boolean', default: false },
      data: { type: 'string' },
      keep: { type: 'boolean', default: false },
      corpus: { type: 'string' },
      queries: { type: 'string' },
      export: { type: 'string' },
      rate: { type: 'string' },
      seconds: { type: 'string' },
      boards: { type: 'string' },
      pages: { type: 'string' },
      terms: { type: 'string' },
    },
  })
  const name = positionals[0] ?? ''
  const bench = BENCHES[name]
  const n = values.n === undefined ? undefined : Number(values.n)
  if (!bench || (n !== undefined && !(Number.isInteger(n) && n > 0))) {
    io.err(usage())
    return 2
  }
  try {
    io.out(JSON.stringify(await bench({ n, files: positionals.slice(1), values, io })))
    return 0
  } catch (error) {
    if (!(error instanceof Refused)) throw error
    io.err(error.message)
    return 1
  }
}
