import { sql } from 'kysely'
import { expect, test } from 'vitest'
import { testPremises } from '../test/support/premises.ts'
import { runTamper, table } from './tamper.ts'
import { COVERED, UNCOVERED } from './tamper-columns.ts'

test('one byte changed anywhere the ledger reaches is found and its place named; a clean archive is never accused', {
  timeout: 400_000,
}, async () => {
  const premises = await testPremises()
  const seed = `ci-${Math.random().toString(36).slice(2, 10)}`
  const told: string[] = [`种子 ${seed}`]
  const scene = { premises, ledgerDir: premises.config.ledgerDir, owner: premises.owner }
  const report = await runTamper(scene, { n: 200, messages: 2000, seed, say: line => void told.push(line) })
  process.stdout.write(`${[...told, ...table(report)].join('\n')}\n`)
  expect(report.missed).toEqual([])
  expect(report).toMatchObject({ changes: 200, found: 200, named: 200, cleanRuns: 10, falseAlarms: 0 })
  expect(report.attacksNamed).toBe(report.attacks)
  // Every column had its turn, and every kind of file.
  const strata = new Set([...COVERED.map(covered => covered.table), 'media', 'tiles', 'outside', 'packages'])
  expect(Object.keys(report.strata).sort()).toEqual([...strata].sort())
})

test('every column of a covered table is changed or has a reason, and every table is covered or has one', async () => {
  const { owner } = await testPremises()
  const { rows } = await sql<{ table: string; columns: string[] }>`
    SELECT c.relname AS table, array_agg(a.attname::text) AS columns FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition GROUP BY c.relname`.execute(owner)
  for (const { table: name, columns } of rows) {
    const covered = COVERED.filter(each => each.table === name)
    if (covered.length === 0)
      expect(UNCOVERED, `${name} has neither a stratum nor a reason`).toHaveProperty(name)
    for (const each of covered)
      expect([...each.columns, ...Object.keys(each.without)].sort(), name).toEqual(columns.sort())
  }
})
