import { expect, onTestFinished, test } from 'vitest'
import { freshDatabase } from '../../test/support/database.ts'
import { inTransaction, openDb, sql } from './index.ts'

test('a connection that ends between two statements of a transaction fails the transaction, not the process', async () => {
  const database = await freshDatabase()
  const own = openDb(database.ownerUrl, { max: 1 })
  const other = openDb(database.ownerUrl, { max: 1 })
  onTestFinished(async () => {
    await own.close()
    await other.close()
    await database.drop()
  })
  const broken = inTransaction(own.db, async tx => {
    const { rows } = await sql<{ pid: number }>`SELECT pg_backend_pid() AS pid`.execute(tx)
    const pid = rows[0]?.pid ?? 0
    await sql`SELECT pg_terminate_backend(${pid})`.execute(other.db)
    for (;;) {
      const alive = await sql`SELECT FROM pg_stat_activity WHERE pid = ${pid}`.execute(other.db)
      if (alive.rows.length === 0) break
    }
    // The farewell arrives while nothing is asked.
    await new Promise(resolve => setImmediate(resolve))
    await new Promise(resolve => setImmediate(resolve))
    await sql`SELECT 1`.execute(tx)
  })
  await expect(broken).rejects.toThrow()
  expect((await sql<{ one: number }>`SELECT 1 AS one`.execute(own.db)).rows).toEqual([{ one: 1 }])
})
