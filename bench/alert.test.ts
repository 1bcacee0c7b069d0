import { expect, test } from 'vitest'
import { benchAlert } from './alert.ts'

/** The whole way at a small size; how fast it is depends on the machine, so the time is printed and not asserted. */
test('every violation of half a minute at 50 a second comes into the page, and none twice', async () => {
  const lines: string[] = []
  const seconds = 30
  const result = (await benchAlert({
    ...{ n: 2000, rate: 50, seconds, boards: 10, pages: 1, terms: 2000, warm: 5 },
    say: line => void lines.push(line),
  })) as {
    planted: number
    missing: number
    twice: number
    stages: { total: { n: number; p99: number; max: number } }
  }
  process.stdout.write(`${lines.join('\n')}\n${JSON.stringify(result)}\n`)
  expect(result.planted).toBe((50 * seconds) / 100)
  expect(result).toMatchObject({ missing: 0, twice: 0 })
  expect(result.stages.total.n).toBe(result.planted)
}, 420_000)
