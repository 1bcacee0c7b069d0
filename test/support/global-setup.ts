import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { TestProject } from 'vitest/node'
import { type Embedded, startEmbedded } from '../../src/base/embedded/index.ts'
import { messageOf } from '../../src/base/errors.ts'

const TEMPLATE = 'tongjian_template'
const FOLDER = 'tongjian-test-'

export type TestCluster = {
  ownerUrl: string
  appUrl: string
  purgeUrl: string
  /** Why the template has no schema; empty when it has. */
  trouble: string
}

declare module 'vitest' {
  interface ProvidedContext {
    cluster: TestCluster
  }
}

let cluster: Embedded | undefined
let folder = ''

/** One PostgreSQL for the whole run, with a migrated template that `freshDatabase` copies. */
export async function setup(project: TestProject): Promise<void> {
  await sweepLeftovers()
  folder = mkdtempSync(join(tmpdir(), `${FOLDER}${process.pid}-`))
  // As root, PostgreSQL runs as another account and must be able to enter.
  chmodSync(folder, 0o711)
  cluster = await startEmbedded({ dataDir: folder, mode: 'server', throwaway: true })
  await execute(cluster.ownerUrl(), `CREATE DATABASE ${TEMPLATE}`)
  project.provide('cluster', {
    ownerUrl: cluster.ownerUrl(),
    appUrl: cluster.appUrl(),
    purgeUrl: cluster.purgeUrl(),
    trouble: await migrateTemplate(cluster.ownerUrl(TEMPLATE)),
  })
}

export async function teardown(): Promise<void> {
  await cluster?.stop()
  rmSync(folder, { recursive: true, force: true })
}

/** A broken migration fails the tests that use a database, not the pure ones: hence also the late import. */
async function migrateTemplate(url: string): Promise<string> {
  try {
    const { migrate } = await import('../../src/base/index.ts')
    await migrate(url)
    return ''
  } catch (error) {
    return messageOf(error)
  }
}

/** A run that was killed leaves its PostgreSQL running: join it, leave it as the last one, remove it. */
async function sweepLeftovers(): Promise<void> {
  for (const name of readdirSync(tmpdir()).filter(entry => entry.startsWith(FOLDER))) {
    if (isAlive(Number(name.slice(FOLDER.length).split('-')[0]))) continue
    const left = join(tmpdir(), name)
    try {
      const orphan = await startEmbedded({ dataDir: left, mode: 'command', throwaway: true })
      await orphan.stop()
    } catch {
      // Too broken to start, so nothing of it runs.
    }
    rmSync(left, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
