import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'

/** Every row of every table of every schema, the catalogues and what the planner gathered of the columns included. */
export async function dumpAll(data: string): Promise<Buffer> {
  const parts: string[] = []
  await asSuperuser(data, async client => {
    await client.query('ANALYZE')
    const tables = await client.query<{ name: string }>(
      "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relkind IN ('r', 'm')",
    )
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)
      parts.push(name, ...rows.map(one => one.row))
    }
    const said = await client.query<{ query: string }>('SELECT query FROM pg_stat_activity')
    parts.push(...said.rows.map(one => one.query))
    await client.query('CHECKPOINT')
  })
  return Buffer.from(parts.join('\n'))
}

/** On the embedded cluster of a data folder, with every right there is. */
export async function asSuperuser(data: string, work: (client: Client) => Promise<void>): Promise<void> {
  const { superuser } = JSON.parse(readFileSync(join(data, 'secrets', 'postgres.json'), 'utf8'))
  const { port } = JSON.parse(readFileSync(join(data, 'postgres.json'), 'utf8'))
  const client = new Client(`postgres://postgres:${superuser}@127.0.0.1:${port}/tongjian`)
  await client.connect()
  try {
    await work(client)
  } finally {
    await client.end()
  }
}
