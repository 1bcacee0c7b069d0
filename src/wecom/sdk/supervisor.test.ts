import { generateKeyPairSync } from 'node:crypto'
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Sim, startSim } from '../../../sim/index.ts'
import { type StandIn, standIn } from '../../../test/support/finance-sdk.ts'
import { testFolder } from '../../../test/support/folder.ts'
import { loadConfig, type WecomConfig } from '../../base/index.ts'
import { openDecryptPool } from '../decrypt-pool.ts'
import { loadArchiveKeys } from '../key-folder.ts'
import { openArchiveSource } from '../source.ts'
import { openSdkSource, type SdkSource, type SdkTuning } from './sdk-source.ts'

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const PEM = publicKey.export({ type: 'spki', format: 'pem' }).toString()
const SECRET = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const QUICK: SdkTuning = { retryMs: 1, backoffMs: [1], timeoutSeconds: 5, graceMs: 20_000 }

type Stage = { sim: Sim; stand: StandIn; source: SdkSource; config: WecomConfig }

async function stage(
  options: { messages?: number; tuning?: SdkTuning; env?: Record<string, string> } = {},
): Promise<Stage> {
  const sim = await startSim({ seed: 'sdk', publicKeys: [{ version: 1, pem: PEM }] })
  onTestFinished(() => sim.close())
  for (let i = 0; i < (options.messages ?? 3); i++) say(sim, `第 ${i} 条`)
  const folder = testFolder()
  const stand = standIn(folder, sim.url)
  const keys = join(folder, 'keys', 'archive')
  mkdirSync(keys, { recursive: true })
  writeFileSync(join(keys, '1.pem'), SECRET)
  const config = loadConfig({
    TONGJIAN_DATA: folder,
    WECOM_CORPID: sim.world.corpid,
    WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
    WECOM_CONTACT_SECRET: sim.world.secrets.app,
    ...stand.env,
    ...options.env,
  }).wecom
  if (!config) throw new Error('no WeCom settings')
  const pool = openDecryptPool(loadArchiveKeys(config.archiveKeys), 1)
  const source = openSdkSource(config, pool.unwrap, { ...QUICK, ...options.tuning })
  onTestFinished(async () => {
    await source.close()
    await pool.close()
  })
  return { sim, stand, source, config }
}

function say(sim: Sim, content: string): void {
  sim.world.emit({ from: 'a', tolist: ['b'], msgtype: 'text', text: { content } })
}

const emitted = (sim: Sim): string[] => sim.world.archive.all().map(stored => stored.json)

async function readAll(source: SdkSource): Promise<string[]> {
  const results = await source.decrypt(await source.pull(0, 1000))
  return results.map(result => (result.ok ? result.raw.toString('utf8') : result.reason))
}

test('what the library hands out is what was said, and every slice is freed', async () => {
  const { sim, stand, source } = await stage({ messages: 300 })
  expect(await readAll(source)).toEqual(emitted(sim))
  await source.close()
  expect(stand.log().at(-1)).toBe('DestroySdk slices=0 medias=0')
})

test("the library keeps its own OpenSSL beside Node's (RTLD_DEEPBIND)", async () => {
  const { stand, source } = await stage()
  await source.pull(0, 1)
  expect(stand.log()[0]).toBe('NewSdk openssl=30000000')
})

test('proxy, its password and the timeout reach the library', async () => {
  const { sim, stand, source } = await stage({
    env: { WECOM_SDK_PROXY: 'socks5://10.0.0.1:8081', WECOM_SDK_PROXY_AUTH: 'user_name:passwd_123' },
  })
  await source.pull(7, 10)
  const file = sim.world.media.add(Buffer.from('x'))
  await source.media(file.sdkfileid, '')
  const asked = 'proxy=socks5://10.0.0.1:8081 passwd=user_name:passwd_123 timeout=5'
  expect(stand.log().filter(line => line.startsWith('Get'))).toEqual([
    `GetChatData seq=7 limit=10 ${asked}`,
    `GetMediaData index= ${asked}`,
  ])
})

test('a file larger than one piece arrives byte for byte, zero bytes and all', async () => {
  const { sim, source } = await stage()
  const bytes = Buffer.from(Array.from({ length: 1_300_000 }, (_, i) => (i * 7) % 256))
  const { sdkfileid } = sim.world.media.add(bytes)
  const pieces: Buffer[] = []
  for (let index: string | null = ''; index !== null; ) {
    const piece = await source.media(sdkfileid, index)
    pieces.push(piece.data)
    index = piece.next
  }
  expect(pieces.length).toBe(3)
  expect(Buffer.concat(pieces).equals(bytes)).toBe(true)
  await expect(source.media('CtYBnothing', '')).rejects.toMatchObject({
    code: 'wecom.refused',
    details: { api: 'GetMediaData', rc: 10005 },
  })
})

const RCS = Array.from({ length: 12 }, (_, i) => 10000 + i)
const PASSING = [10001, 10002, 10003]
const CODES: Record<number, string> = {
  10001: 'wecom.unreachable',
  10003: 'wecom.unreachable',
  10011: 'wecom.unreachable',
  10002: 'wecom.unreadable',
}

test.each(RCS)(
  'rc %i of a pull becomes a fault that says what to do; what passes is asked again',
  async rc => {
    const { sim, stand, source } = await stage()
    stand.misbehave(`GetChatData rc ${rc} -1`, `GetMediaData rc ${rc} -1`)
    const fault = {
      code: CODES[rc] ?? 'wecom.refused',
      details: { rc, errcode: 0, hint: expect.any(String) },
    }
    await expect(source.pull(0, 10)).rejects.toMatchObject(fault)
    await expect(source.media('any', '')).rejects.toMatchObject(fault)
    stand.misbehave(`GetChatData rc ${rc} 1`)
    const again = source.pull(0, 10)
    if (PASSING.includes(rc)) expect(await again).toHaveLength(emitted(sim).length)
    else await expect(again).rejects.toMatchObject(fault)
    expect(source.vitals()).toMatchObject({ starts: 1, crashes: 0 })
  },
)

test.each(RCS)('rc %i of DecryptData leaves the record to quarantine and the rest decrypted', async rc => {
  const { sim, stand, source } = await stage()
  stand.misbehave(`DecryptData rc ${rc} 1`)
  const wrongKey = [10004, 10006, 10007, 10008].includes(rc)
  expect(await readAll(source)).toEqual([
    wrongKey ? 'wrong_private_key' : 'damaged_record',
    ...emitted(sim).slice(1),
  ])
})

test.each([
  [301042, '可信 IP'],
  [301052, '到期'],
  [301053, '未开通'],
  [40001, 'WECOM_ARCHIVE_SECRET'],
])('errcode %i in the JSON counts with rc 0 and with an rc', async (errcode, hint) => {
  const { stand, source } = await stage()
  for (const [line, rc] of [
    [`errcode ${errcode}`, 0],
    [`both 10003:${errcode}`, 10003],
  ] as const) {
    stand.misbehave(`GetChatData ${line} -1`)
    await expect(source.pull(0, 10)).rejects.toMatchObject({
      code: 'wecom.refused',
      details: { rc, errcode, hint: expect.stringContaining(hint) },
    })
  }
})

test('too often says how long to wait; busy is asked again; a dead token gets a fresh handle', async () => {
  const { sim, stand, source } = await stage()
  stand.misbehave('GetChatData errcode 45009 -1')
  await expect(source.pull(0, 10)).rejects.toMatchObject({ details: { errcode: 45009, retryAfter: 60 } })
  stand.misbehave('GetChatData errcode -1 1')
  expect(await source.pull(0, 10)).toHaveLength(emitted(sim).length)
  expect(source.vitals().starts).toBe(1)
  stand.misbehave('GetChatData errcode 42001 1')
  expect(await source.pull(0, 10)).toHaveLength(emitted(sim).length)
  expect(source.vitals()).toMatchObject({ starts: 2, crashes: 0 })
})

test('rc of Init is told and not taken for a crash', async () => {
  const { sim, stand, source } = await stage()
  stand.misbehave('Init rc 10000 -1')
  await expect(source.pull(0, 10)).rejects.toMatchObject({
    code: 'wecom.refused',
    details: { api: 'Init', rc: 10000 },
  })
  stand.misbehave()
  expect(await readAll(source)).toEqual(emitted(sim))
})

test('after 301058 pages are halved until they pass, still all records come, and pages grow again slowly', async () => {
  const { sim, stand, source } = await stage({ messages: 700 })
  stand.misbehave('GetChatData above 130 -1')
  expect((await source.pull(0, 1000)).map(record => record.seq)).toEqual(
    sim.world.archive.all().map(stored => stored.seq),
  )
  const limits = stand.log().flatMap(line => /limit=(\d+)/.exec(line)?.[1] ?? [])
  expect(limits.slice(0, 5)).toEqual(['1000', '500', '250', '125', '125'])
  stand.misbehave()
  for (let i = 0; i < 8; i++) await source.pull(0, 1)
  await source.pull(0, 1000)
  const last = stand
    .log()
    .filter(line => line.startsWith('GetChatData seq=0'))
    .at(-1)
  expect(Number(/limit=(\d+)/.exec(last ?? '')?.[1])).toBeGreaterThan(125)
  stand.misbehave('GetChatData above 0 -1')
  await expect(source.pull(0, 1000)).rejects.toMatchObject({ details: { errcode: 301058 } })
})

test.each(['abort', 'segv'])(
  'the library dies by %s in a pull: it is started again and nothing is missing',
  async how => {
    const { sim, stand, source } = await stage()
    stand.misbehave(`GetChatData ${how} - 1`)
    expect(await readAll(source)).toEqual(emitted(sim))
    expect(source.vitals()).toMatchObject({ starts: 2, crashes: 1 })
    stand.misbehave(`GetChatData ${how} - -1`)
    await expect(source.pull(0, 10)).rejects.toMatchObject({ code: 'sdk.crashed', details: { api: 'pull' } })
    stand.misbehave()
    expect(await readAll(source)).toEqual(emitted(sim))
  },
)

test('a call that hangs is killed at its deadline, and the next process serves it', async () => {
  const { sim, stand, source } = await stage({ tuning: { timeoutSeconds: 1, graceMs: 1000 } })
  await source.pull(0, 1)
  const { pid } = source.vitals()
  stand.misbehave('GetChatData hang - 1')
  expect(await readAll(source)).toEqual(emitted(sim))
  expect(source.vitals()).toMatchObject({ starts: 2, crashes: 1 })
  expect(() => process.kill(pid ?? 0, 0)).toThrow('ESRCH')
})

test('what leaks is replaced between calls, in order, without a failed call', async () => {
  const { sim, stand, source } = await stage({ tuning: { rssLimit: 250 << 20 } })
  stand.misbehave(`GetChatData leak ${100 << 20} -1`)
  for (let i = 0; i < 5; i++) expect(await readAll(source)).toEqual(emitted(sim))
  expect(source.vitals().starts).toBeGreaterThan(2)
  expect(source.vitals().crashes).toBe(0)
  expect(stand.log()).toContain('DestroySdk slices=0 medias=0')
})

test.each(['abort', 'hang'])(
  'a record that makes DecryptData %s is set apart; all others are decrypted',
  async how => {
    const { sim, stand, source } = await stage({ messages: 300, tuning: { decryptDeadlineMs: 1000 } })
    const records = await source.pull(0, 1000)
    const poison = [40, 299].map(at => records[at]?.encrypt_chat_msg.slice(5, 45))
    stand.misbehave(...poison.map(piece => `DecryptData ${how} ${piece} -1`))
    const results = await source.decrypt(records)
    const bad = results.flatMap((result, at) => (result.ok ? [] : [[at, result.reason]]))
    expect(bad).toEqual([
      [40, 'sdk_crashed'],
      [299, 'sdk_crashed'],
    ])
    const good = results.flatMap(result => (result.ok ? [result.raw.toString('utf8')] : []))
    expect(good).toEqual(emitted(sim).filter((_, at) => at !== 40 && at !== 299))
  },
)

test('a single crash in DecryptData costs no record', async () => {
  const { sim, stand, source } = await stage({ messages: 300 })
  stand.misbehave('DecryptData abort - 2')
  expect(await readAll(source)).toEqual(emitted(sim))
})

test('when every record crashes it, that is the library and not the records', async () => {
  const { stand, source } = await stage({ messages: 30 })
  const records = await source.pull(0, 1000)
  stand.misbehave('DecryptData abort - -1')
  await expect(source.decrypt(records)).rejects.toMatchObject({ code: 'sdk.crashed' })
})

test('a library that is exchanged while we run is not loaded at the next start', async () => {
  const { stand, source } = await stage()
  await source.pull(0, 1)
  stand.misbehave('GetChatData abort - 1')
  writeFileSync(`${stand.library}.new`, 'something else')
  renameSync(`${stand.library}.new`, stand.library)
  await expect(source.pull(0, 1)).rejects.toMatchObject({
    code: 'sdk.library',
    details: { reason: 'different' },
  })
})

test('openArchiveSource opens the library for source sdk, and closing ends the process', async () => {
  const { sim, config } = await stage()
  const source = openArchiveSource(config, QUICK)
  expect(source.name).toBe('sdk')
  const results = await source.decrypt(await source.pull(0, 1000))
  await source.close()
  expect(results.map(result => result.ok && result.raw.toString())).toEqual(emitted(sim))
  await expect(source.pull(0, 1)).rejects.toMatchObject({ code: 'sdk.crashed', details: { how: 'closed' } })
})
