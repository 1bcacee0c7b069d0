import { expect, test } from 'vitest'
import { POINTS, runFaults } from '../bench/faults.ts'

/** CI runs every named point and a few random kills; `bench faults --n 20` (or more) is the full size. */
const RANDOM = 4
/** More than one page of a thousand: some points are only reached with the second. */
const MESSAGES = 1200
const SEED = 'ci'

test('killed at any named point or at random, nothing is lost and nothing comes twice', {
  timeout: 600_000,
}, async () => {
  const told: string[] = [`seed ${SEED}`]
  const rows = await runFaults({
    random: RANDOM,
    seed: SEED,
    messages: MESSAGES,
    points: POINTS,
    say: line => void told.push(line),
  })
  process.stdout.write(`${told.join('\n')}\n`)
  expect(rows.filter(row => !row.ok)).toEqual([])
  expect(rows.length).toBe(POINTS.length * 2 - 2 + RANDOM)
  expect(Math.min(...rows.map(row => row.alerts))).toBeGreaterThan(0)
})
