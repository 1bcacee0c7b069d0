import { expect, test } from 'vitest'
import { benchFuzz } from './fuzz.ts'

/** CI: as many as half a minute allows, with a seed of the day's own; `bench fuzz` runs 1,000,000. */
const SECONDS = 30

test('whatever is spoiled, the readers of callbacks, pages and messages neither break nor hang', {
  timeout: 180_000,
}, async () => {
  const told: string[] = []
  const seed = `ci-${Math.random().toString(36).slice(2, 10)}`
  const report = await benchFuzz({ seconds: SECONDS, seed, say: line => void told.push(line) })
  process.stdout.write(`${told.join('\n')}\n`)
  expect(report.crashes).toEqual([])
  expect([report.crashed, report.unaccounted, report.hung, report.overDeadline]).toEqual([0, 0, [], false])
  expect(report.items).toBeGreaterThan(1000)
  expect(report.beforeShare).toBeGreaterThan(0.5)
  expect(Object.keys(report.endings)).toHaveLength(6)
  expect(report.coverage.map(file => file.file)).toHaveLength(7)
  expect(report.branchPercent).toBeGreaterThan(90)
})
