import { expect, test } from 'vitest'
import { benchSearch } from './search.ts'

/**
 * What it holds: the plans, the bytes a row, and that the figures of the full run are made. Times are those of the full run (docs/performance.md); the memory of an export is measured there
 * too, because it needs a process of its own. A month of 8,333 messages has proportionally more distinct grams than a large
 * one, hence the GIN's bound.
 */
test('plans go through the grams, a message takes the bytes it should, and everything is measured', async () => {
  const lines: string[] = []
  const result = (await benchSearch({
    n: 100_000,
    each: 3,
    exported: 0,
    say: line => lines.push(line),
  })) as {
    badPlans: number
    bytes: Record<string, number>
    hashPerSecond: number
    proofMs: { p50: number }
    classes: Record<string, { p50: number }>
  }
  expect(result.badPlans, lines.join('\n')).toBe(0)
  expect(result.bytes['grams GIN']).toBeLessThan(700)
  expect(result.bytes['grams heap']).toBeLessThan(450)
  expect(result.bytes.sum).toBeLessThan(3100)
  expect(Object.keys(result.classes)).toHaveLength(13)
  expect(result.hashPerSecond).toBeGreaterThan(10_000)
  expect(result.proofMs.p50).toBeGreaterThan(0)
}, 600_000)
