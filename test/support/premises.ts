import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'
import { openPremises, type Premises, type Services, startServices } from '../../src/app/index.ts'
import { createLog, loadConfig, type OpenDb, openDb } from '../../src/base/index.ts'
import { type FreshDatabase, freshDatabase } from './database.ts'

export type TestPremises = Premises & {
  folder: string
  database: FreshDatabase
  /** A connection with every right, for tests that play the intruder. */
  owner: OpenDb['db']
}

/** A whole institution on a database and a folder of its own, gone when the test ends. */
export async function testPremises(env: Record<string, string> = {}): Promise<TestPremises> {
  const { premises, remove } = await makePremises(env)
  onTestFinished(remove)
  return premises
}

/** The same for all tests of a file: call it in beforeAll; it goes after the last. */
export async function filePremises(env: Record<string, string> = {}): Promise<TestPremises> {
  const { premises, remove } = await makePremises(env)
  afterAll(remove)
  return premises
}

async function makePremises(
  env: Record<string, string>,
): Promise<{ premises: TestPremises; remove(): Promise<void> }> {
  const database = await freshDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-house-'))
  const config = loadConfig({
    TONGJIAN_DATA: folder,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_PURGE_URL: database.purgeUrl,
    LOG_LEVEL: 'silent',
    PORT: '0',
    ...env,
  })
  const premises = await openPremises(config, createLog('silent'), { mode: 'server' })
  const owner = openDb(database.ownerUrl, { max: 2 })
  const remove = async (): Promise<void> => {
    await owner.close()
    await premises.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { premises: Object.assign(premises, { folder, database, owner: owner.db }), remove }
}

/** The background parts of such an institution, stopped when the test ends. */
export async function testServices(
  premises: TestPremises,
  options: { capture: boolean } = { capture: false },
): Promise<Services> {
  const services = await startServices(premises, options)
  onTestFinished(() => services.stop())
  return services
}
