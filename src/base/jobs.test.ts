import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { sharedDatabase } from '../../test/support/database.ts'
import { after, monotonic } from './clock.ts'
import { createLog, inTransaction, openDb, openJobs, sql } from './index.ts'
import { defineJob } from './jobs.ts'

const database = sharedDatabase()

async function queue(name: string) {
  const kind = defineJob(`test.${name}`, z.object({ n: z.number() }))
  const jobs = await openJobs(database.appUrl, [kind] as never[], { worker: true, log: createLog('silent') })
  const { db, close } = openDb(database.appUrl, { max: 2 })
  onTestFinished(async () => {
    await jobs.stop()
    await close()
  })
  return {
    work: (handler: (n: number) => Promise<void>, batch?: number) =>
      jobs.work(kind, payload => handler(payload.n), batch),
    db,
    put: (n: number) => inTransaction(db, tx => jobs.enqueue(tx, kind, { n })),
  }
}

async function until(holds: () => boolean): Promise<number> {
  const from = monotonic()
  while (!holds()) {
    if (monotonic() - from > 30_000) throw new Error('it did not come to pass')
    await after(10)
  }
  return monotonic() - from
}

test.each([undefined, 20])('forty jobs at once do not wait a poll each, taken %s in one go', async batch => {
  const { work, put } = await queue(`burst${batch ?? ''}`)
  const done = new Set<number>()
  await work(async n => void done.add(n), batch)
  for (let n = 0; n < 40; n += 1) await put(n)
  // One a poll took twenty seconds.
  expect(await until(() => done.size === 40)).toBeLessThan(8000)
})

test('of jobs taken in one go only the one that failed is tried again', async () => {
  const { work, put } = await queue('failing')
  const tries = new Map<number, number>()
  for (let n = 0; n < 5; n += 1) await put(n)
  await work(async n => {
    tries.set(n, (tries.get(n) ?? 0) + 1)
    if (n === 2 && tries.get(n) === 1) throw new Error('once')
  }, 5)
  await until(() => tries.get(2) === 2)
  expect(Object.fromEntries(tries)).toEqual({ 0: 1, 1: 1, 2: 2, 3: 1, 4: 1 })
})

test('what a failed job choked on stays out of the table: the queue keeps the name of the error and its place', async () => {
  const { work, put, db } = await queue('telling')
  await put(1)
  await work(async () => void JSON.parse('{"content":"保本保息"'), 1)
  let kept: string[] = []
  while (kept.length === 0) {
    const { rows } = await sql<{ output: string }>`SELECT output::text AS output FROM pgboss.job
      WHERE name = 'test.telling' AND output IS NOT NULL`.execute(db)
    kept = rows.map(row => row.output)
    await after(20)
  }
  expect(kept[0]).toMatch(/SyntaxError at src\/base\/jobs\.test\.ts:\d+/)
  expect(kept[0]).not.toContain('保本')
})
