import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Client } from 'pg'
import { onTestFinished } from 'vitest'
import { type Child, startChild, UNTIL_RELEASED } from './child.ts'
import { testFolder } from './folder.ts'

const ENTRY = join(import.meta.dirname, '../../src/base/embedded/index.ts')

/** A data folder that does not exist yet, in a folder of the test's own; nothing of it outlives the test. */
export function dataFolder(name = 'data'): string {
  const dataDir = join(testFolder(), name)
  onTestFinished(() => sweepCluster(dataDir))
  return dataDir
}

/** End what a test left running in a data folder, and remove its cluster when that lies elsewhere. */
export function sweepCluster(dataDir: string): void {
  const record = readIf(join(dataDir, 'postgres.json'))
  const outside = record ? (JSON.parse(record) as { outside?: string }).outside : undefined
  const pid = Number(readIf(join(outside ?? dataDir, 'postgres', 'postmaster.pid'))?.split('\n')[0])
  if (pid > 0 && readIf(`/proc/${pid}/cmdline`)?.includes(outside ?? dataDir)) process.kill(pid, 'SIGKILL')
  if (outside) rmSync(outside, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}

function readIf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, 'utf8') : undefined
}

/** A user of the data folder in a process of its own: prints PostgreSQL's process number, leaves when released. */
export function embeddedProcess(
  dataDir: string,
  mode: 'server' | 'command',
  account: { uid?: number; gid?: number } = {},
): Child {
  const child = startChild(
    `
    import { startEmbedded } from ${JSON.stringify(ENTRY)}
    const pg = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)}, mode: ${JSON.stringify(mode)} })
    console.log(pg.pid)
    ${UNTIL_RELEASED}
    await pg.stop()
    `,
    account,
  )
  onTestFinished(() => child.kill())
  return child
}

export async function ask(url: string, statement: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(statement)).rows
  } finally {
    await client.end()
  }
}
