import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type FaultKind, type Sim, startSim } from '../../sim/index.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { newId, sql, systemActor } from '../base/index.ts'
import { openArchiveSource, openDecryptPool } from '../wecom/index.ts'
import { retryQuarantine } from './retry.ts'
import { startCapture } from './run.ts'

function newKey() {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return {
    pem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}
const KEY = newKey()

async function world(day: number): Promise<Sim> {
  const sim = await startSim({ seed: 'capture', publicKeys: [{ version: 1, pem: KEY.pem }], day })
  onTestFinished(() => sim.close())
  return sim
}

async function institution(sim: Sim, secret: string = KEY.secret): Promise<TestPremises> {
  const premises = await testPremises({
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    WECOM_ARCHIVE_SOURCE: 'simulator',
  })
  mkdirSync(join(premises.folder, 'keys', 'archive'), { recursive: true })
  writeFileSync(join(premises.folder, 'keys', 'archive', '1.pem'), secret)
  return premises
}

/** Capture from the simulator; waits after 45009 are a minute in life and a moment here. */
async function capture(premises: TestPremises, page?: number) {
  const services = await testServices(premises)
  const { wecom } = premises.config
  if (!wecom) throw new Error('no WeCom settings')
  const source = openArchiveSource(wecom)
  const running = startCapture({
    db: premises.db,
    actor: systemActor(premises.house, 'capture'),
    jobs: services.jobs,
    source,
    limitMs: 50,
    page,
  })
  onTestFinished(async () => {
    await running.stop()
    await source.close()
  })
  return { running, services }
}

async function archivedIds(premises: TestPremises): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`SELECT src_msgid AS id FROM message ORDER BY 1`.execute(
    premises.db,
  )
  return rows.map(row => row.id)
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass: ${what}`)
    await wait(50)
  }
}

const emitted = (sim: Sim): string[] =>
  sim.world.archive
    .all()
    .map(stored => stored.msgid)
    .sort()

test.each(['-1', '45009', '42001', 'cut', 'http500'] as FaultKind[])(
  'the source answers %s again and again: nothing is lost, nothing comes twice',
  async kind => {
    const sim = await world(250)
    sim.world.faults.add({ endpoint: 'message/getchatdata', kind, times: 3 })
    const premises = await institution(sim)
    await capture(premises, 100)
    await until('the first messages', async () => (await archivedIds(premises)).length > 0)
    sim.world.faults.add({ endpoint: 'message/getchatdata', kind, times: 2 })
    await until(
      'everything archived',
      async () => (await archivedIds(premises)).length === emitted(sim).length,
    )
    expect(await archivedIds(premises)).toEqual(emitted(sim))
    await until('every fault met', async () => sim.world.faults.list().every(fault => fault.times === 0))
    expect(await archivedIds(premises)).toEqual(emitted(sim))
  },
)

test('while the source is in trouble the reason is on record, and gone when it recovers', async () => {
  const sim = await world(20)
  sim.world.faults.add({ endpoint: 'message/getchatdata', kind: 'http500', times: 1000 })
  const premises = await institution(sim)
  await capture(premises)
  const trouble = async () =>
    (await sql<{ trouble: string | null }>`SELECT trouble FROM capture_cursor`.execute(premises.db)).rows[0]
      ?.trouble ?? null
  await until('the trouble is told', async () => (await trouble()) !== null)
  expect(await trouble()).toMatch(/wecom\./)
  sim.world.faults.clear()
  await until('everything archived', async () => (await archivedIds(premises)).length === emitted(sim).length)
  await until('the trouble is over', async () => (await trouble()) === null)
})

test('with a wrong private key every record waits in quarantine with its reason, and capture goes on', async () => {
  const sim = await world(60)
  const premises = await institution(sim, newKey().secret)
  const { services } = await capture(premises)
  const reasons = async () =>
    (
      await sql<{
        reason: string
        n: number
      }>`SELECT reason, count(*) AS n FROM quarantine GROUP BY reason`.execute(premises.db)
    ).rows
  await until('all in quarantine', async () => (await reasons())[0]?.n === emitted(sim).length)
  expect(await reasons()).toEqual([{ reason: 'wrong_private_key', n: emitted(sim).length }])
  expect(await archivedIds(premises)).toEqual([])

  // The right key arrives: what waited is archived, once, and leaves the quarantine.
  const right = openDecryptPool(new Map([[1, createPrivateKey(KEY.secret)]]), 1)
  onTestFinished(() => right.close())
  const actor = systemActor(premises.house, 'test')
  const all = emitted(sim).length
  expect(await retryQuarantine(premises.db, actor, services.jobs, right)).toEqual({ tried: all, opened: all })
  expect(await archivedIds(premises)).toEqual(emitted(sim))
  expect(await retryQuarantine(premises.db, actor, services.jobs, right)).toEqual({ tried: 0, opened: 0 })
})

test('a key version we do not hold, broken JSON and a message without msgid wait in quarantine; the rest is archived', async () => {
  const sim = await world(0)
  const good = sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: '之前' } })
  sim.world.emitRaw('{"msgid":"half","from":"a","te', 'half')
  sim.world.emitRaw(
    JSON.stringify({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: '无号' } }),
    'unnamed',
  )
  sim.world.archive.addKey({ version: 2, pem: newKey().pem })
  sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: '新钥' } })
  const premises = await institution(sim)
  await capture(premises)
  const reasons = async () =>
    (
      await sql<{ reason: string }>`SELECT reason FROM quarantine ORDER BY reason`.execute(premises.db)
    ).rows.map(row => row.reason)
  await until('three in quarantine', async () => (await reasons()).length === 3)
  expect(await reasons()).toEqual(['broken_json', 'no_msgid', 'no_private_key'])
  expect(await archivedIds(premises)).toEqual([good.msgid])
})

test('two holders: one captures, and when it is gone the other takes over without a gap', {
  timeout: 90_000,
}, async () => {
  const sim = await world(40)
  const premises = await institution(sim)
  const first = await capture(premises)
  await capture(premises)
  await until('the first day', async () => (await archivedIds(premises)).length === emitted(sim).length)
  await first.running.stop()
  sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: '换人之后' } })
  await until('the other goes on', async () => (await archivedIds(premises)).length === emitted(sim).length)
  expect(await archivedIds(premises)).toEqual(emitted(sim))
})

test('the holder is killed and releases nothing: another takes over in less than ten seconds', {
  timeout: 60_000,
}, async () => {
  const sim = await world(5)
  const premises = await institution(sim)
  const { takeLease } = await import('./store.ts')
  const dead = await takeLease(premises.db, premises.house.corp, 'simulator', newId())
  expect(dead).not.toBeNull()
  const killed = performance.now()
  await capture(premises)
  await until('the other captures', async () => (await archivedIds(premises)).length === emitted(sim).length)
  expect(performance.now() - killed).toBeLessThan(10_000)
})
