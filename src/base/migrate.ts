import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { now } from './clock.ts'
import { fail } from './errors.ts'
import { installJobs } from './jobs.ts'

const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations')

/** Months kept ready on each side of today. */
const MONTHS_BACK = 6
const MONTHS_AHEAD = 3
/** Any constant will do: two processes that migrate at once take turns. */
const MIGRATE_LOCK = 7_240_001

type Migration = { name: string; text: string; sha256: string }
export type MigrateReport = { applied: string[]; version: string }

function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter(name => name.endsWith('.sql'))
    .sort()
    .map(name => {
      const text = readFileSync(join(folder, name), 'utf8')
      return { name, text, sha256: createHash('sha256').update(text).digest('hex') }
    })
}

/**
 * Bring the schema up, as the owner. Forward only: a database that knows a migration we do not is newer than this
 * program (`schema.newer`); one whose applied text differs from ours was edited (`schema.changed`).
 */
export async function migrate(ownerUrl: string, folder: string = MIGRATIONS): Promise<MigrateReport> {
  const client = new Client({ connectionString: ownerUrl, application_name: 'tongjian-migrate' })
  await client.connect()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [MIGRATE_LOCK])
    const migrations = readMigrations(folder)
    const pending = await pendingMigrations(client, migrations)
    for (const migration of pending) await apply(client, migration)
    await addMonths(month => client.query('SELECT tongjian_add_month($1::date)', [month]))
    await installJobs(ownerUrl)
    await grantJobs(client)
    return { applied: pending.map(m => m.name), version: migrations.at(-1)?.name ?? 'none' }
  } finally {
    await client.end()
  }
}

/** Refuse to run on a schema that is not exactly ours. Used by every process that does not migrate. */
export async function checkSchema(url: string, folder: string = MIGRATIONS): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'tongjian-check' })
  await client.connect()
  try {
    const pending = await pendingMigrations(client, readMigrations(folder))
    if (pending.length > 0) {
      throw fail('schema.older', {
        hint: `run "npm run -s tongjian -- migrate" first (${pending.length} to apply)`,
      })
    }
  } finally {
    await client.end()
  }
}

async function pendingMigrations(client: Client, migrations: Migration[]): Promise<Migration[]> {
  const exists = await client.query<{ known: string | null }>(
    "SELECT to_regclass('public.schema_migration')::text AS known",
  )
  if (exists.rows[0]?.known == null) return migrations
  const { rows } = await client.query<{ name: string; sha256: string }>(
    'SELECT name, sha256 FROM schema_migration ORDER BY name',
  )
  const ours = new Map(migrations.map(m => [m.name, m.sha256]))
  for (const row of rows) {
    const sha256 = ours.get(row.name)
    if (sha256 === undefined) {
      throw fail('schema.newer', {
        hint: `the database already has ${row.name}; install a release that knows it`,
        migration: row.name,
      })
    }
    if (sha256 !== row.sha256) {
      throw fail('schema.changed', {
        hint: `${row.name} was edited after it was applied; restore its original text`,
        migration: row.name,
      })
    }
  }
  const applied = new Set(rows.map(row => row.name))
  return migrations.filter(m => !applied.has(m.name))
}

async function apply(client: Client, migration: Migration): Promise<void> {
  await client.query('BEGIN')
  try {
    await client.query(`CREATE TABLE IF NOT EXISTS schema_migration
      (name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL)`)
    await client.query(migration.text)
    await client.query('GRANT SELECT ON schema_migration TO tongjian_app')
    await client.query('INSERT INTO schema_migration VALUES ($1, $2, $3)', [
      migration.name,
      migration.sha256,
      new Date(now()),
    ])
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  }
}

/**
 * Keep the partitions of the coming months ready. Called by `migrate` and daily by a running server: messages that
 * find no month of theirs land in DEFAULT, where they are safe but slow to search.
 */
export async function addMonths(run: (month: string) => Promise<unknown>): Promise<void> {
  const today = new Date(now())
  for (let step = -MONTHS_BACK; step <= MONTHS_AHEAD; step += 1) {
    const month = new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() + step, 1))
    await run(month.toISOString().slice(0, 10))
  }
}

async function grantJobs(client: Client): Promise<void> {
  await client.query('GRANT USAGE ON SCHEMA pgboss TO tongjian_app')
  await client.query('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA pgboss TO tongjian_app')
  await client.query('GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pgboss TO tongjian_app')
}
