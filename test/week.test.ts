import { expect, test } from 'vitest'
import { runWeek, weekTable } from '../bench/week.ts'

/** CI lives through a small week; `bench week` is the full size. */
const SEED = 'ci'

test('after a week in which everything went wrong the archive is what WeCom emitted, and the certificates say so', {
  timeout: 900_000,
}, async () => {
  const told: string[] = [`种子 ${SEED}`]
  const report = await runWeek({ seed: SEED, messages: 6, quick: true, say: line => void told.push(line) })
  process.stdout.write(`${told.join('\n')}\n${weekTable(report)}\n`)
  expect(report.rows.filter(row => row.lost > 0 || row.doubled > 0)).toEqual([])
  expect(report.rows.filter(row => row.fault !== '寻常一日' && row.times === 0)).toEqual([])
  expect(report).toMatchObject({ foreign: 0, wrongFiles: 0, quarantined: 0, verified: true, expired: 1 })
  expect(report.certified).toBe(report.messages)
})
