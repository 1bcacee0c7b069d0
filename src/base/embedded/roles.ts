import { Client } from 'pg'
import type { Secrets } from './secrets.ts'

export const DATABASE = 'tongjian'
const CONNECT_WAIT_MS = 10_000

/**
 * The three roles of design §6 and the database. The owner makes databases (tests, restores) and may act as the other
 * two; what those may do is granted by the migrations. Idempotent, so a start that was cut short is simply repeated.
 */
export async function ensureRoles(superuserUrl: string, secrets: Secrets): Promise<void> {
  const client = await connect(superuserUrl)
  try {
    // The passwords stand in the statements below.
    await client.query("SET log_statement = 'none'; SET log_min_duration_statement = -1")
    await ensureRole(client, 'tongjian_owner', 'LOGIN CREATEDB CREATEROLE', secrets.owner)
    await ensureRole(client, 'tongjian_app', 'LOGIN', secrets.app)
    await ensureRole(client, 'tongjian_purge', 'LOGIN', secrets.purge)
    await client.query('GRANT tongjian_app, tongjian_purge TO tongjian_owner WITH INHERIT FALSE, SET TRUE')
    const made = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE])
    if (made.rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE} OWNER tongjian_owner`)
  } finally {
    await client.end()
  }
}

async function ensureRole(client: Client, name: string, options: string, password: string): Promise<void> {
  const known = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name])
  const verb = known.rowCount === 0 ? 'CREATE' : 'ALTER'
  await client.query(`${verb} ROLE ${name} ${options} PASSWORD ${client.escapeLiteral(password)}`)
}

/** Whether our passwords open it: a cluster and a secrets file from different backups do not fit. */
export async function checkConnection(url: string): Promise<void> {
  const client = await connect(url)
  await client.end()
}

async function connect(url: string): Promise<Client> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_WAIT_MS,
    application_name: 'tongjian-start',
  })
  // A connection cut while idle raises 'error'; the next query reports it.
  client.on('error', () => undefined)
  await client.connect()
  return client
}
