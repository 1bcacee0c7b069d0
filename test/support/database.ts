import { randomBytes } from 'node:crypto'
import { Client } from 'pg'
import { afterAll, beforeAll, inject } from 'vitest'
import { after, monotonic } from '../../src/base/clock.ts'

export type FreshDatabase = {
  name: string
  ownerUrl: string
  appUrl: string
  purgeUrl: string
  /** Waits for the last connection to close. */
  drop(): Promise<void>
}

const TEMPLATE = 'tongjian_template'
/** Any constant: a template must have no sessions while it is copied, so the copies take turns. */
const COPY_LOCK = 7_240_002

/** A database of your own with the whole schema and no rows. Drop it when done, or let `sharedDatabase` do both. */
export async function freshDatabase(): Promise<FreshDatabase> {
  const cluster = inject('cluster')
  if (cluster.trouble) throw new Error(`the migrations do not run: ${cluster.trouble}`)
  const name = `test_${randomBytes(8).toString('hex')}`
  await asOwner(async client => {
    await client.query('SELECT pg_advisory_lock($1)', [COPY_LOCK])
    // Measured on the 12 MB template: 23 ms by copying files, 200 ms and more through the WAL.
    await client.query(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE} STRATEGY FILE_COPY`)
  })
  return {
    name,
    ownerUrl: at(cluster.ownerUrl, name),
    appUrl: at(cluster.appUrl, name),
    purgeUrl: at(cluster.purgeUrl, name),
    drop: () => asOwner(client => dropWhenLeft(client, name)),
  }
}

/**
 * One fresh database for the tests of a file (or of a `describe`): made before them, dropped after them. The urls are
 * there from `beforeAll` on, so read them inside hooks and tests.
 */
export function sharedDatabase(): FreshDatabase {
  let made: FreshDatabase | undefined
  beforeAll(async () => {
    made = await freshDatabase()
  })
  afterAll(async () => {
    await made?.drop()
  })
  const get = (): FreshDatabase => {
    if (!made) throw new Error('the database is there from beforeAll on: read it inside a hook or a test')
    return made
  }
  return {
    get name() {
      return get().name
    },
    get ownerUrl() {
      return get().ownerUrl
    },
    get appUrl() {
      return get().appUrl
    },
    get purgeUrl() {
      return get().purgeUrl
    },
    drop: () => get().drop(),
  }
}

const LEAVE_MS = 10_000
const LOOK_MS = 20

/**
 * Pools close their connections after they say they have, and the owner may not cut another role's session: keep new
 * ones out and wait for the last to go.
 */
async function dropWhenLeft(client: Client, name: string): Promise<void> {
  await client.query(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`)
  const deadline = monotonic() + LEAVE_MS
  for (;;) {
    const { rows } = await client.query<{ n: string }>(
      'SELECT count(*) AS n FROM pg_stat_activity WHERE datname = $1',
      [name],
    )
    if (Number(rows[0]?.n) === 0) break
    if (monotonic() > deadline) throw new Error(`somebody still uses the database ${name} after its test`)
    await after(LOOK_MS)
  }
  await client.query(`DROP DATABASE ${name}`)
}

function at(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${database}`
  return changed.href
}

async function asOwner(work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: inject('cluster').ownerUrl })
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
