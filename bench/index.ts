import { parseArgs } from 'node:util'
import { benchDetect } from './detect.ts'
import { benchFaults } from './faults.ts'
import { benchFuzz } from './fuzz.ts'
import { benchIngest } from './ingest.ts'
import { benchQuality } from './quality.ts'
import { benchSdkMemory } from './sdk-memory.ts'
import { benchWeek } from './week.ts'

type Io = { out(line: string): void; err(line: string): void }
type Bench = (options: { n: number | undefined; files: string[]; misses: boolean; io: Io }) => Promise<object>

const BENCHES: Record<string, Bench> = {
  ingest: ({ n, io }) => benchIngest({ n, say: io.out }),
  detect: ({ n, files }) => benchDetect({ n, files }),
  faults: ({ n, io }) => benchFaults({ n, say: io.out }),
  'sdk-memory': ({ n, io }) => benchSdkMemory({ n, say: io.out }),
  week: ({ n, io }) => benchWeek({ n, say: io.out }),
  quality: ({ files, misses, io }) => benchQuality({ files, misses, say: io.out }),
  fuzz: ({ n, io }) => benchFuzz({ n, say: io.out }),
}

/** Run one benchmark: a table for people, and one JSON line last. */
export async function benchCommand(args: string[], io: Io): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { n: { type: 'string' }, misses: { type: 'boolean', default: false } },
  })
  const name = positionals[0] ?? ''
  const bench = BENCHES[name]
  const n = values.n === undefined ? undefined : Number(values.n)
  if (!bench || (n !== undefined && !(Number.isInteger(n) && n > 0))) {
    io.err(
      `用法：npm run -s bench -- ${Object.keys(BENCHES).join('|')} [--n 正整数] [--misses] [quality 的样本文件…]`,
    )
    return 2
  }
  io.out(JSON.stringify(await bench({ n, files: positionals.slice(1), misses: values.misses, io })))
  return 0
}
