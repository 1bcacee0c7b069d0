import { now } from './clock.ts'
import { type Db, inTransaction, sql, type Tx } from './db.ts'
import { fail } from './errors.ts'
import { failpoint } from './failpoint.ts'
import type { KeyRing } from './keys.ts'
import { IN_FILES, type MasterKey } from './master-key.ts'
import { masterOf, unwrap, wrap } from './wrap.ts'

/** Rows a transaction wraps anew: 500 take about 10 ms, so a server that makes keys meanwhile hardly waits. */
const BATCH = 500
/** Any constant: two rotations take turns, and the second is told so. */
const ROTATION_LOCK = 7_240_003
/** A wrapped key that names its master begins so (wrap.ts). */
const NAMED = sql`get_byte(wrapped, 0) = 128`
const MASTER = sql`encode(substring(wrapped FROM 2 FOR 8), 'hex')`

type Row = { conv: string; month: string; id: string; wrapped: Buffer }
type MasterCount = {
  /** Fingerprint; null: wrapped before rotation existed, and naming nobody. */
  master: string | null
  keys: number
  since: number | null
  retiredAt: number | null
}
type KeyCounts = { masters: MasterCount[]; keys: number; shredded: number }
export type KeyStatus = KeyCounts & { unopened: number }

/** How many data keys each master key wraps, and how many were destroyed. */
export async function countKeys(db: Db, ring: KeyRing): Promise<KeyCounts> {
  const { rows } = await sql<MasterCount>`
    WITH counted AS (
      SELECT CASE WHEN ${NAMED} THEN ${MASTER} END AS master, count(*) AS keys FROM data_key
      WHERE corp_id = ${ring.corp} AND wrapped IS NOT NULL GROUP BY 1
    )
    SELECT coalesce(c.master, m.master_id) AS master, coalesce(c.keys, 0) AS keys,
      (extract(epoch FROM m.first_used_at) * 1000)::bigint AS since,
      (extract(epoch FROM m.retired_at) * 1000)::bigint AS "retiredAt"
    FROM counted c FULL JOIN (SELECT * FROM master_key WHERE corp_id = ${ring.corp}) m ON m.master_id = c.master
    ORDER BY m.first_used_at NULLS FIRST
  `.execute(db)
  const shredded = await sql<{ n: number }>`SELECT count(*) AS n FROM data_key
    WHERE corp_id = ${ring.corp} AND shredded_at IS NOT NULL`.execute(db)
  return {
    masters: rows,
    keys: rows.reduce((sum, row) => sum + row.keys, 0),
    shredded: shredded.rows[0]?.n ?? 0,
  }
}

/** The same, and whether every one opens here: 15,000 a second on a busy core. */
export async function keyStatus(db: Db, ring: KeyRing): Promise<KeyStatus> {
  return { ...(await countKeys(db, ring)), unopened: await countUnopened(db, ring) }
}

async function countUnopened(db: Db, ring: KeyRing): Promise<number> {
  let unopened = 0
  let last: Row | undefined
  for (;;) {
    const rows = await page(db, ring.corp, last, sql`true`)
    for (const row of rows) {
      if (!(await opens(ring, row))) unopened += 1
    }
    last = rows.at(-1)
    if (!last) return unopened
  }
}

async function opens(ring: KeyRing, row: Row): Promise<boolean> {
  try {
    await secretOf(ring, row)
    return true
  } catch {
    return false
  }
}

async function secretOf(ring: KeyRing, row: Row): Promise<Buffer> {
  const named = masterOf(row.wrapped)
  const masters = named ? [await ring.masters.find(named)] : ring.masters.held
  return unwrap(masters, row.wrapped, ring.corp, row)
}

/** Living keys behind `last`, in the order of the table's key. */
async function page(
  db: Db,
  corp: number,
  last: Row | undefined,
  where: ReturnType<typeof sql>,
  locking = sql``,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT conv_id::text AS conv, month::text AS month, key_id::text AS id, wrapped FROM data_key
    WHERE corp_id = ${corp} AND wrapped IS NOT NULL AND ${where}
      AND (conv_id, month) > (${last?.conv ?? '-1'}::bigint, ${last?.month ?? '1900-01-01'}::date)
    ORDER BY conv_id, month LIMIT ${BATCH} ${locking}
  `.execute(db)
  return rows
}

export type Rewrapping = {
  /** The owner's connection: the app may not touch a data key that stands. */
  db: Db
  ring: KeyRing
  /** What every key is wrapped under afterwards. */
  to: MasterKey
  /** After each batch: how many this run has wrapped anew. */
  said(done: number): void
  /** In the transaction that retires the old master keys. */
  within(tx: Tx, done: number): Promise<void>
}

/**
 * Wrap every living data key under another master key; what is sealed stays as it is. Each batch is a transaction of
 * its own, so a run that was killed is simply repeated, and servers make and open keys all the while: they hold both.
 * The last transaction locks out new keys for a moment, takes what was made since, and retires the old master keys,
 * after which nobody can wrap a key under them. Throws `data.in_use` while another run goes on. Returns how many.
 */
export async function rewrapAll(run: Rewrapping): Promise<number> {
  return run.db.connection().execute(async db => {
    const { rows } = await sql<{
      mine: boolean
    }>`SELECT pg_try_advisory_lock(${ROTATION_LOCK}) AS mine`.execute(db)
    if (!rows[0]?.mine) throw fail('data.in_use', { hint: 'another rotation is running on this database' })
    await sql`INSERT INTO master_key (corp_id, master_id, first_used_at)
      VALUES (${run.ring.corp}, ${run.to.id}, ${new Date(now())}) ON CONFLICT DO NOTHING`.execute(db)
    let done = 0
    let last: Row | undefined
    do {
      const rows = await inTransaction(db, tx => rewrapBatch(tx, run, last))
      failpoint('keys.batch')
      done += rows.length
      run.said(done)
      last = rows.at(-1)
    } while (last)
    return inTransaction(db, tx => finish(tx, run, done))
  })
}

/** The next rows behind `last` that another master key wraps. */
async function rewrapBatch(tx: Tx, { ring, to }: Rewrapping, last: Row | undefined): Promise<Row[]> {
  const elsewhere = sql`NOT (${NAMED} AND ${MASTER} = ${to.id})`
  const rows = await page(tx, ring.corp, last, elsewhere, sql`FOR UPDATE`)
  const wrapped: Buffer[] = []
  for (const row of rows) wrapped.push(wrap(to, await secretOf(ring, row), ring.corp, row))
  await sql`
    UPDATE data_key d SET wrapped = n.wrapped
    FROM unnest(${rows.map(r => r.conv)}::bigint[], ${rows.map(r => r.month)}::date[], ${wrapped}::bytea[])
      AS n (conv_id, month, wrapped)
    WHERE d.corp_id = ${ring.corp} AND d.conv_id = n.conv_id AND d.month = n.month AND d.wrapped IS NOT NULL
  `.execute(tx)
  return rows
}

async function finish(tx: Tx, run: Rewrapping, before: number): Promise<number> {
  const { ring, to } = run
  // Blocks those who add or destroy keys, not those who read them, for the few rows that are left.
  await sql`LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE`.execute(tx)
  let done = before
  let last: Row | undefined
  do {
    const rows = await rewrapBatch(tx, run, last)
    done += rows.length
    last = rows.at(-1)
  } while (last)
  // A key from before this table existed may never have made a data key since: it is written down to be retired.
  const others = ring.masters.held.flatMap(one => (one.id === to.id ? [] : [one.id]))
  await sql`INSERT INTO master_key (corp_id, master_id, first_used_at)
    SELECT ${ring.corp}::smallint, id, ${new Date(now())} FROM unnest(${others}::text[]) AS id ON CONFLICT DO NOTHING`.execute(
    tx,
  )
  await sql`UPDATE master_key SET retired_at = ${new Date(now())}
    WHERE corp_id = ${ring.corp} AND master_id <> ${to.id} AND retired_at IS NULL`.execute(tx)
  // Taken back into use, as after a restored backup.
  await sql`UPDATE master_key SET retired_at = NULL WHERE corp_id = ${ring.corp} AND master_id = ${to.id}`.execute(
    tx,
  )
  await run.within(tx, done)
  failpoint('keys.retiring')
  return done
}

/** Prefix of the name under which a server's listener stands in pg_stat_activity; behind it: what it holds. */
export const KEYS_APPLICATION = 'tongjian-keys'

/** Running servers that would not open what is wrapped under `to`: their process ids in PostgreSQL. */
export async function serversWithout(db: Db, to: MasterKey): Promise<number[]> {
  const { rows } = await sql<{ pid: number }>`
    SELECT pid FROM pg_stat_activity WHERE datname = current_database()
      AND application_name LIKE ${`${KEYS_APPLICATION} %`} AND application_name <> ${`${KEYS_APPLICATION} ${IN_FILES}`}
      AND strpos(application_name, ${to.id}) = 0 ORDER BY pid`.execute(db)
  return rows.map(row => row.pid)
}
