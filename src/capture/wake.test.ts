import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startSim } from '../../sim/index.ts'
import { testPremises, testServices } from '../../test/support/premises.ts'
import { startServer } from '../app/index.ts'
import { after, monotonic } from '../base/clock.ts'
import { sql, systemActor } from '../base/index.ts'
import { openArchiveSource } from '../wecom/index.ts'
import { startCapture } from './run.ts'
import { openWake } from './wake.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const CALLBACK = { token: 'QDG6eK', aesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C' }

/** A capture that polls once an hour, on a WeCom that is empty so far. */
async function sleeper() {
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sim = await startSim({ seed: 'wake', publicKeys: [{ version: 1, pem }], day: 0 })
  onTestFinished(() => sim.close())
  const premises = await testPremises({
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
    WECOM_CALLBACK_TOKEN: CALLBACK.token,
    WECOM_CALLBACK_AES_KEY: CALLBACK.aesKey,
  })
  const { db, house, config, folder } = premises
  mkdirSync(join(folder, 'keys', 'archive'), { recursive: true })
  writeFileSync(join(folder, 'keys', 'archive', '1.pem'), privateKey.export({ type: 'pkcs8', format: 'pem' }))
  const services = await testServices(premises)
  const { jobs } = services
  if (!config.wecom) throw new Error('no WeCom settings')
  const source = openArchiveSource(config.wecom)
  const wake = await openWake(premises.database.appUrl, house)
  const actor = systemActor(house, 'capture')
  const capture = startCapture({ db, actor, jobs, source, wake, pollMs: 3_600_000 })
  onTestFinished(async () => {
    await capture.stop()
    await wake.stop()
    await source.close()
  })
  const one = async (text: string) => (await sql<{ n: number }>`${sql.raw(text)}`.execute(db)).rows[0]?.n ?? 0
  const until = async (text: string, n: number) => {
    const deadline = monotonic() + 30_000
    while ((await one(text)) !== n) {
      if (monotonic() > deadline) throw new Error(`never ${n}: ${text}`)
      await after(20)
    }
  }
  await until('SELECT count(*) AS n FROM capture_cursor WHERE pulled_at IS NOT NULL', 1)
  return { sim, premises, services, one, until }
}

test('capture that would pause for an hour pulls at once when it is woken', async () => {
  const { sim, premises, one, until } = await sleeper()
  const { db, house } = premises
  for (const n of [1, 2, 3]) {
    sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: `第 ${n} 条` } })
    await sql`SELECT pg_notify('capture_wake', ${String(house.corp)})`.execute(db)
    await until('SELECT count(*) AS n FROM message', n)
  }
  expect(await one('SELECT count(*) AS n FROM message')).toBe(3)
})

test("a message is archived within two seconds of WeCom's callback, not at the next poll", async () => {
  const { sim, premises, services, until } = await sleeper()
  const server = await startServer(premises, services)
  onTestFinished(() => server.close())
  sim.world.callbacks.configure({ url: `${server.url}/wecom/callback`, ...CALLBACK })
  expect(await sim.world.callbacks.verify()).toEqual({ ok: true, why: '' })
  const from = monotonic()
  sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: '第 1 条' } })
  await until('SELECT count(*) AS n FROM message', 1)
  expect(monotonic() - from).toBeLessThan(2000)
})
