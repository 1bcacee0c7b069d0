import { createHash, generateKeyPairSync } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { type Sim, startSim } from '../../sim/index.ts'
import { type StandIn, standIn } from '../../test/support/finance-sdk.ts'
import { testFolder } from '../../test/support/folder.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { eachMessage, type Opened } from '../archive/index.ts'
import { sql, systemActor } from '../base/index.ts'
import { type ArchiveSource, mediaOf, openArchiveSource } from '../wecom/index.ts'
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
const QUICK = { retryMs: 1, backoffMs: [1] }

async function world(day: number): Promise<Sim> {
  const sim = await startSim({ seed: 'sdk-day', publicKeys: [{ version: 1, pem: KEY.pem }], day })
  onTestFinished(() => sim.close())
  return sim
}

type House = { premises: TestPremises; stand: StandIn; source: ArchiveSource; keys: string }

async function institution(sim: Sim, kind: 'sdk' | 'simulator', secret: string = KEY.secret): Promise<House> {
  const stand = standIn(testFolder(), sim.url)
  const premises = await testPremises({
    WECOM_API_BASE: sim.url,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    ...stand.env,
    WECOM_ARCHIVE_SOURCE: kind,
  })
  const keys = join(premises.folder, 'keys', 'archive')
  mkdirSync(keys, { recursive: true })
  writeFileSync(join(keys, '1.pem'), secret)
  const { wecom } = premises.config
  if (!wecom) throw new Error('no WeCom settings')
  const source = openArchiveSource(wecom, QUICK)
  onTestFinished(() => source.close())
  return { premises, stand, source, keys }
}

async function capture({ premises, source }: House, page: number) {
  const services = await testServices(premises)
  const actor = systemActor(premises.house, 'capture')
  const running = startCapture({ db: premises.db, actor, jobs: services.jobs, source, limitMs: 50, page })
  onTestFinished(() => running.stop())
  return services
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 50_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass: ${what}`)
    await wait(50)
  }
}

async function archived({ db }: TestPremises): Promise<{ seq: number; msgid: string }[]> {
  const { rows } = await sql<{
    seq: number
    msgid: string
  }>`SELECT seq, src_msgid AS msgid FROM message ORDER BY seq`.execute(db)
  return rows
}

async function opened({ db, house }: TestPremises): Promise<Map<string, Opened>> {
  const messages = new Map<string, Opened>()
  await eachMessage(db, house, message => messages.set(message.key.msgid, message))
  return messages
}

/** seq and the digest of what is archived under it, in the order of the source. */
async function digests(premises: TestPremises): Promise<string[]> {
  const messages = await opened(premises)
  return (await archived(premises)).map(({ seq, msgid }) => {
    const content = JSON.stringify(messages.get(msgid)?.normal)
    return `${seq} ${createHash('sha256').update(content).digest('hex')}`
  })
}

async function mediaDigests({ premises, source }: House): Promise<string[]> {
  const files = [...(await opened(premises)).values()].flatMap(one => (one.normal ? mediaOf(one.normal) : []))
  const found: string[] = []
  for (const { sdkfileid } of files) {
    const hash = createHash('sha256')
    for (let index: string | null = ''; index !== null; ) {
      const piece = await source.media(sdkfileid, index)
      hash.update(piece.data)
      index = piece.next
    }
    found.push(`${sdkfileid} ${hash.digest('hex')}`)
  }
  return found
}

test('the library and the simulator path archive the same day as the same sequence of digests, media included', {
  timeout: 120_000,
}, async () => {
  const sim = await world(400)
  const houses = [await institution(sim, 'sdk'), await institution(sim, 'simulator')] as const
  const emitted = sim.world.archive.all().map(({ seq, msgid }) => ({ seq, msgid }))
  // The library dies on the way; that must leave no trace.
  houses[0].stand.misbehave('GetChatData abort - 1', 'DecryptData abort - 1', 'GetChatData rc 10001 3')
  for (const house of houses) await capture(house, 100)
  for (const { premises } of houses) {
    await until('all archived', async () => (await archived(premises)).length === emitted.length)
    expect(await archived(premises)).toEqual(emitted)
  }
  const [sdk, simulator] = [await digests(houses[0].premises), await digests(houses[1].premises)]
  expect(new Set(sdk).size).toBe(emitted.length)
  expect(sdk).toEqual(simulator)
  const [files, same] = [await mediaDigests(houses[0]), await mediaDigests(houses[1])]
  expect(files.length).toBeGreaterThan(5)
  expect(files).toEqual(same)
})

test('a record that crashes the library waits in quarantine, all else is archived; a mended library opens it', {
  timeout: 120_000,
}, async () => {
  const sim = await world(60)
  const house = await institution(sim, 'sdk')
  const [poison] = (await house.source.pull(0, 30)).slice(-1)
  house.stand.misbehave(`DecryptData abort ${poison?.encrypt_chat_msg.slice(5, 45)} -1`)
  const services = await capture(house, 1000)
  const { premises } = house
  const emitted = sim.world.archive.all().map(({ seq, msgid }) => ({ seq, msgid }))
  await until('all but one archived', async () => (await archived(premises)).length === emitted.length - 1)
  const waiting = await sql<{ seq: number; reason: string }>`SELECT seq, reason FROM quarantine`.execute(
    premises.db,
  )
  expect(waiting.rows).toEqual([{ seq: poison?.seq, reason: 'sdk_crashed' }])
  house.stand.misbehave()
  const actor = systemActor(premises.house, 'test')
  expect(await retryQuarantine(premises.db, actor, services.jobs, house.source)).toEqual({
    tried: 1,
    opened: 1,
  })
  expect(await archived(premises)).toEqual(emitted)
})

test('through the library a wrong private key and a missing one are told apart', async () => {
  const sim = await world(20)
  const wrong = sim.world.archive.all().length
  sim.world.archive.addKey({ version: 2, pem: newKey().pem })
  sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content: '新钥' } })
  const house = await institution(sim, 'sdk', newKey().secret)
  await capture(house, 1000)
  const reasons = async () =>
    (
      await sql<{ reason: string; n: number }>`
        SELECT reason, count(*)::int AS n FROM quarantine GROUP BY reason ORDER BY reason`.execute(
        house.premises.db,
      )
    ).rows
  await until('all in quarantine', async () => (await reasons()).reduce((sum, one) => sum + one.n, 0) > wrong)
  expect(await reasons()).toEqual([
    { reason: 'no_private_key', n: 1 },
    { reason: 'wrong_private_key', n: wrong },
  ])
})
