import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type Sim, startSim } from '../../sim/index.ts'
import { systemActor } from '../../src/base/index.ts'
import { startCapture } from '../../src/capture/index.ts'
import { type ArchiveSource, openArchiveSource } from '../../src/wecom/index.ts'
import { type TestPremises, testPremises, testServices } from './premises.ts'
import { until } from './until.ts'

export { until }

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const SECRET = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** A simulated WeCom and an institution that knows its key, both gone when the test ends. */
export async function simulated(
  options: { seed?: string; day?: number; now?: () => number; env?: Record<string, string> } = {},
): Promise<{ sim: Sim; premises: TestPremises; source: ArchiveSource; env: Record<string, string> }> {
  const sim = await startSim({
    seed: options.seed ?? 'simulated',
    publicKeys: [{ version: 1, pem: PEM }],
    day: options.day ?? 0,
    ...(options.now ? { now: options.now } : {}),
  })
  onTestFinished(() => sim.close())
  const env = {
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
    ...options.env,
  }
  const premises = await testPremises(env)
  const folder = join(premises.folder, 'keys', 'archive')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, '1.pem'), SECRET)
  const { wecom } = premises.config
  if (!wecom) throw new Error('no WeCom settings')
  const source = openArchiveSource(wecom)
  onTestFinished(() => source.close())
  return { sim, premises, source, env }
}

/** Pull everything there is, then stop: what a server does, without its loops. */
export async function captureAll(sim: Sim, premises: TestPremises, source: ArchiveSource) {
  const services = await testServices(premises)
  const actor = systemActor(premises.house, 'capture')
  const running = startCapture({ db: premises.db, actor, jobs: services.jobs, source })
  const last = sim.world.archive.all().at(-1)?.seq ?? 0
  const { selectCursor } = await import('../../src/capture/store.ts')
  await until('everything is pulled', async () => {
    const cursor = await selectCursor(premises.db, premises.house.corp, source.name)
    return (cursor?.seq ?? -1) >= last && cursor?.pulledAt !== null
  })
  await running.stop()
  await services.sealer.flush()
  return { services, actor }
}
