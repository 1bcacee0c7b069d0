import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely'
import { Pool, types } from 'pg'

/** Tables are reached by SQL text in each folder's `store.ts`; the row types stand beside the statements. */
type Tables = Record<string, never>
export type Db = Kysely<Tables>
export type Tx = Transaction<Tables>

export { sql }

// count(*) and sizes arrive as bigint text; every count here stays far below 2^53, ids are cast to text in SQL.
types.setTypeParser(types.builtins.INT8, text => {
  const value = Number(text)
  return Number.isSafeInteger(value) ? value : text
})

export type OpenDb = { db: Db; pool: Pool; close(): Promise<void> }

/** Open a pool. `max` connections: the web needs few, batches run one at a time. */
export function openDb(
  url: string,
  options: { max?: number; application?: string; role?: string } = {},
): OpenDb {
  const pool = new Pool({
    connectionString: url,
    max: options.max ?? 10,
    application_name: options.application ?? 'tongjian',
    options: options.role ? `-c role=${options.role}` : undefined,
  })
  // An idle connection that the server closes raises 'error' on the pool; the next query opens a new one.
  pool.on('error', () => undefined)
  // One that is lent out has no listener of the pool's: between two statements of a transaction the end of the server
  // would end this process. The next statement fails, and that is answer enough.
  pool.on('connect', client => void client.on('error', () => undefined))
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
  return { db, pool, close: () => db.destroy() }
}

/** One transaction: all or nothing. Serialisable work takes explicit locks; the level is READ COMMITTED. */
export function inTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return db.transaction().execute(work)
}

/**
 * The same for what a job makes again when it is lost: the commit does not wait for the disk (milliseconds to tens of
 * them, and alerts pass several). After a power failure the last of it may be gone, together with the end of the job that
 * wrote it; nothing that was committed before can be. Not for what nobody would do a second time: messages, decisions.
 */
export function inRedoableTransaction<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  return inTransaction(db, async tx => {
    await sql`SET LOCAL synchronous_commit = off`.execute(tx)
    return work(tx)
  })
}

/** A time as milliseconds since 1970, the form in which it leaves a store. */
export const epochMs = (column: string) => sql.raw<number>(`(extract(epoch FROM ${column}) * 1000)::bigint`)

/**
 * A time that a leaf holds, in milliseconds. We write whole milliseconds; one that has finer digits was altered in the
 * database, and rounding would hide it: it comes out as -1, which no leaf holds.
 */
export const wholeMs = (column: string) =>
  sql.raw<number>(`CASE WHEN ${column} IS NULL THEN NULL WHEN ${column} = date_trunc('milliseconds', ${column})
    THEN (extract(epoch FROM ${column}) * 1000)::bigint ELSE -1 END`)
