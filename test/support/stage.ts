import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll } from 'vitest'
import { type Sim, startSim } from '../../sim/index.ts'
import {
  DEMO_MEMBERS,
  openPremises,
  type RunningServer,
  type Services,
  startServer,
  startServices,
} from '../../src/app/index.ts'
import { createLog, loadConfig } from '../../src/base/index.ts'
import { ensureDemoAccounts } from '../../src/people/index.ts'
import { freshDatabase } from './database.ts'

const PASSWORD = 'a-long-enough-password'
const CALLBACK = { token: 'stagetoken', aesKey: 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG' }
export type Stage = {
  sim: Sim
  server: RunningServer
  services: Services
  premises: Awaited<ReturnType<typeof openPremises>>
}

/** The whole product against the simulated WeCom, as the demo runs it, for the tests of a file. Call it in beforeAll. */
export async function openStage(
  options: { day?: number; seed?: string; env?: Record<string, string> } = {},
): Promise<Stage> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sim = await startSim({
    seed: options.seed ?? 'stage',
    publicKeys: [{ version: 1, pem }],
    day: options.day ?? 300,
  })
  const database = await freshDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-stage-'))
  const keys = join(folder, 'keys', 'archive')
  mkdirSync(keys, { recursive: true })
  writeFileSync(join(keys, '1.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const config = loadConfig({
    TONGJIAN_DATA: folder,
    DATABASE_URL: database.appUrl,
    DATABASE_OWNER_URL: database.ownerUrl,
    DATABASE_PURGE_URL: database.purgeUrl,
    LOG_LEVEL: 'silent',
    PORT: '0',
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_CORP_NAME: '澄江银行 财富管理部',
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
    WECOM_AGENTID: String(sim.world.office.agentid),
    WECOM_CALLBACK_TOKEN: CALLBACK.token,
    WECOM_CALLBACK_AES_KEY: CALLBACK.aesKey,
    ...options.env,
  })
  const premises = await openPremises(config, createLog('silent'), { mode: 'server', demo: true })
  const services = await startServices(premises, { capture: true })
  const server = await startServer(premises, services, { controlUrl: `${sim.url}/sim/` })
  await ensureDemoAccounts(premises.db, premises.house, PASSWORD, {
    supervisorOf: 2,
    userids: DEMO_MEMBERS,
  })
  sim.world.callbacks.configure({ ...CALLBACK, url: `${server.url}/wecom/callback` })
  afterAll(async () => {
    await server.close()
    await services.stop()
    await premises.close()
    await sim.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  })
  return { sim, server, services, premises }
}

/** Signs in through the page as anybody would, and waits until the first screen is there. */
export async function signIn(page: Page, stage: Stage, account: string): Promise<Page> {
  await page.goto(stage.server.url)
  await page.getByLabel('账号').fill(account)
  await page.getByLabel('密码').fill(PASSWORD)
  await page.getByRole('button', { name: '登录' }).click()
  await page.waitForURL(url => !/^\/(signin)?$/.test(url.pathname))
  return page
}
