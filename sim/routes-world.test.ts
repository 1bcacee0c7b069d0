import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sim, startSim } from './start.ts'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const DAY = 86_400_000
let sim: Sim
type Answer = { errcode: number } & Record<string, unknown>

beforeAll(async () => {
  sim = await startSim({ seed: 'bent', publicKeys: [{ version: 1, pem: keys.publicKey }], day: 50, speed: 0 })
})
afterAll(() => sim.close())

async function token(permission: 'archive' | 'app'): Promise<string> {
  const { corpid, secrets } = sim.world
  const answer = await fetch(`${sim.url}/cgi-bin/gettoken?corpid=${corpid}&corpsecret=${secrets[permission]}`)
  return String(((await answer.json()) as Answer).access_token)
}
async function post(path: string, body: unknown, access: string): Promise<Answer> {
  const url = `${sim.url}/cgi-bin/${path}?access_token=${access}`
  return (await (await fetch(url, { method: 'POST', body: JSON.stringify(body) })).json()) as Answer
}
async function archive(path: string, body: unknown = { seq: 0, limit: 50 }): Promise<Answer> {
  return post(path, body, await token('archive'))
}
async function hand(path: string, body?: unknown): Promise<Response> {
  const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
  return fetch(`${sim.url}/sim/${path}`, post)
}
async function journal(): Promise<Record<string, never>> {
  return (await (await hand('journal')).json()) as Record<string, never>
}

test('every errcode that can be injected is answered with it and the empty arrays', async () => {
  for (const kind of ['40014', '301042', '301058', '10001', '10002', '10003', '10009', '10010', '10011']) {
    expect((await hand('faults', { kind, endpoint: 'getchatdata' })).status).toBe(200)
    expect(await archive('message/getchatdata')).toMatchObject({ errcode: Number(kind), chatdata: [] })
  }
  const access = await token('app')
  await hand('faults', { kind: '60020' })
  const refused = await fetch(`${sim.url}/cgi-bin/department/list?access_token=${access}`)
  expect(await refused.json()).toMatchObject({ errcode: 60020, department: [] })
  expect((await archive('message/getchatdata')).errcode).toBe(0)
})

test('a token that ends early is unknown at once, and the next one holds', async () => {
  const old = await token('archive')
  await hand('faults', { kind: 'token_expiry' })
  expect((await post('message/getchatdata', {}, old)).errcode).toBe(40014)
  expect(await token('archive')).not.toBe(old)
  expect((await archive('message/getchatdata')).errcode).toBe(0)
})

test('a page too large is refused by its bytes, and half of it is not', async () => {
  const whole = JSON.stringify(await archive('message/getchatdata', { seq: 0, limit: 40 })).length
  await hand('limits', { maxPageBytes: Math.floor(whole * 0.7) })
  expect((await archive('message/getchatdata', { seq: 0, limit: 40 })).errcode).toBe(301058)
  const half = await archive('message/getchatdata', { seq: 0, limit: 20 })
  expect(half.chatdata).toHaveLength(20)
  await hand('limits', { maxPageBytes: null })
  expect((await archive('message/getchatdata', { seq: 0, limit: 40 })).errcode).toBe(0)
})

test('an expired file stays gone', async () => {
  const { sdkfileid } = sim.world.media.add(Buffer.from('bytes'))
  await hand('faults', { kind: '301048' })
  for (let i = 0; i < 2; i++)
    expect((await archive('message/getchatmediadata', { sdkfileid, indexbuf: '' })).errcode).toBe(301048)
})

test('an outage drops every call while it lasts, by this world’s own clock', async () => {
  await hand('faults/schedule', { faults: [{ kind: 'down', afterMs: DAY, forMs: 4 * DAY }] })
  expect((await archive('message/getchatdata')).errcode).toBe(0)
  await hand('time', { advanceMs: DAY })
  await expect(token('archive')).rejects.toThrow()
  await hand('time', { advanceMs: 4 * DAY })
  expect((await archive('message/getchatdata')).errcode).toBe(0)
  expect((await journal()).injected).toMatchObject({ down: 1 })
})

test('a plan can be drawn from a seed, and is the same plan each time', async () => {
  const draw = async (): Promise<unknown> => {
    sim.world.faults.clear()
    await hand('faults/schedule', { seed: 'week', durationMs: 7 * DAY, timesEach: 2 })
    return sim.world.faults.list()
  }
  const plan = await draw()
  expect(plan).toHaveLength(2 * 28)
  expect(await draw()).toEqual(plan)
  sim.world.faults.clear()
})

test('time goes on and never back, by hand', async () => {
  const before = sim.world.now()
  expect(await (await hand('time', { advanceMs: 3_600_000 })).json()).toEqual({
    now: before + 3_600_000,
    speed: 0,
  })
  expect((await hand('time', { set: before })).status).toBe(400)
  expect(await (await hand('time', { speed: 60 })).json()).toMatchObject({ speed: 60 })
  await hand('time', { speed: 0 })
})

test('a public key is taken, a private one or another kind is not', async () => {
  expect((await hand('keys', { pem: keys.privateKey })).status).toBe(400)
  expect((await hand('keys', { pem: 'nonsense' })).status).toBe(400)
  const { publicKey } = generateKeyPairSync('ed25519')
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  expect((await hand('keys', { pem })).status).toBe(400)
  expect((await hand('faults', { kind: 'key_rotation' })).status).toBe(400)
  const version = sim.world.archive.keyVersion()
  expect(await (await hand('keys', { pem: keys.publicKey })).json()).toEqual({ version: version + 1 })
})

test('an address that does not answer is not saved unless it is wanted so', async () => {
  const aesKey = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C'
  const target = { url: 'http://127.0.0.1:1/cb', token: 'QDG6eK', aesKey }
  expect((await hand('callback', target)).status).toBe(400)
  expect((await hand('callback', { ...target, token: 'not-plain' })).status).toBe(400)
  expect(sim.world.callbacks.target()).toBeUndefined()
  expect((await hand('callback', { ...target, unverified: true })).status).toBe(200)
  // The key stays inside.
  expect(await (await hand('callback')).json()).toEqual({ url: target.url, token: target.token })
  await fetch(`${sim.url}/sim/callback`, { method: 'DELETE' })
  expect(sim.world.callbacks.target()).toBeUndefined()
})

test('the journal counts every call by what it was answered', async () => {
  const before = ((await journal()).counts ?? {}) as Record<string, Record<string, number>>
  const known = before['/cgi-bin/message/getchatdata'] ?? {}
  await archive('message/getchatdata')
  await hand('faults', { kind: '45009', endpoint: 'getchatdata' })
  await archive('message/getchatdata')
  const after = ((await journal()).counts ?? {}) as Record<string, Record<string, number>>
  const now = after['/cgi-bin/message/getchatdata'] ?? {}
  expect(now['0']).toBe((known['0'] ?? 0) + 1)
  expect(now['45009']).toBe((known['45009'] ?? 0) + 1)
})

test('what people do by hand changes the world and is called back about', async () => {
  const added = (await (await hand('acts', { act: 'add', userid: 'linyue', name: '周小姐' })).json()) as {
    external: string
  }
  const { external } = added
  const chatId = sim.world.people.rooms.find(one => one.external)?.id
  for (const act of ['agree', 'join', 'leave', 'disagree', 'unfollow'])
    expect((await hand('acts', { act, userid: 'linyue', external, chatId })).status).toBe(200)
  // Once more there is nobody to leave, and nobody's friend to forget.
  for (const act of ['leave', 'unfollow', 'delete'])
    expect((await hand('acts', { act, userid: 'linyue', external, chatId })).status).toBe(400)
  expect((await hand('acts', { act: 'add', userid: 'nobody' })).status).toBe(400)
  const told = sim.world.events.latest(20).map(one => one.type)
  expect(told.filter(type => type !== 'msgaudit_notify')).toEqual([
    'change_external_contact.add_external_contact',
    'change_external_contact.msg_audit_approved',
    'change_external_chat.update',
    'change_external_chat.update',
    'change_external_contact.del_follow_user',
  ])
})

test('both pages are served with their style', async () => {
  for (const [path, words] of Object.entries({
    world: '故障与回调',
    'page.css': '--ground',
    'page-world.css': '.stack',
  }))
    expect(await (await hand(path)).text()).toContain(words)
})
