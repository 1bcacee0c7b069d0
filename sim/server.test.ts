import { createHash, generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sim, startSim } from './start.ts'

const keys = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
let now = Date.UTC(2026, 10, 23, 7)
let sim: Sim

beforeAll(async () => {
  sim = await startSim({
    seed: 'server',
    publicKeys: [{ version: 1, pem: keys.publicKey }],
    now: () => now,
    day: 1200,
  })
})
afterAll(() => sim.close())

type Answer = { errcode: number; errmsg: string } & Record<string, unknown>
async function get(path: string): Promise<Answer> {
  return (await (await fetch(`${sim.url}/cgi-bin/${path}`)).json()) as Answer
}
async function post(path: string, body: unknown): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (await (await fetch(`${sim.url}/cgi-bin/${path}`, { method: 'POST', body: text })).json()) as Answer
}
async function token(permission: 'archive' | 'app'): Promise<string> {
  const secret = sim.world.secrets[permission]
  return String((await get(`gettoken?corpid=${sim.world.corpid}&corpsecret=${secret}`)).access_token)
}
async function archive(path: string, body: unknown): Promise<Answer> {
  return post(`${path}?access_token=${await token('archive')}`, body)
}

test('a token stays the same while it is valid, and wrong names are refused', async () => {
  expect(await token('archive')).toBe(await token('archive'))
  expect(await token('archive')).not.toBe(await token('app'))
  expect((await get('gettoken?corpid=wwother&corpsecret=x')).errcode).toBe(40013)
  const wrong = await get(`gettoken?corpid=${sim.world.corpid}&corpsecret=x`)
  expect(wrong.errcode).toBe(40001)
  expect(wrong.errmsg).toMatch(
    /^invalid credential, hint: \[\d+_1_[0-9a-f]{32}\], from ip: 127\.0\.0\.1, more info at http/,
  )
})

test('errors carry the usual arrays, empty', async () => {
  expect(await post('message/getchatdata?access_token=nonsense', {})).toMatchObject({
    errcode: 40014,
    chatdata: [],
  })
  expect(await post('message/getchatdata', {})).toMatchObject({ errcode: 41001, chatdata: [] })
  expect(await archive('message/getchatdata', '{"seq":')).toMatchObject({ errcode: 40058, chatdata: [] })
  expect(await get(`user/list?department_id=11&access_token=${await token('archive')}`)).toMatchObject({
    errcode: 48002,
    userlist: [],
  })
})

test('a token expires', async () => {
  const old = await token('archive')
  now += 7200_000
  expect((await post(`message/getchatdata?access_token=${old}`, {})).errcode).toBe(42001)
  expect(await token('archive')).not.toBe(old)
})

test('pulling walks through everything once, and again with the same bytes', async () => {
  const seqs: number[] = []
  for (let seq = 0; ; ) {
    const { chatdata } = await archive('message/getchatdata', { seq, limit: 500, timeout: 10 })
    const rows = chatdata as { seq: number }[]
    if (rows.length === 0) break
    seqs.push(...rows.map(one => one.seq))
    seq = rows.at(-1)?.seq ?? seq
  }
  expect(seqs).toEqual(sim.world.archive.all().map(one => one.seq))
  const ask = { seq: seqs[10], limit: 20 }
  expect(await archive('message/getchatdata', ask)).toEqual(await archive('message/getchatdata', ask))
  expect((await archive('message/getchatdata', { seq: 0, limit: 1001 })).errcode).toBe(40058)
})

test('a large file comes in pieces of 512 KiB and adds up', async () => {
  const bytes = Buffer.alloc(1_200_000, 7)
  const { sdkfileid, md5sum } = sim.world.media.add(bytes)
  const pieces: Buffer[] = []
  let indexbuf = ''
  for (;;) {
    const answer = await archive('message/getchatmediadata', { sdkfileid, indexbuf })
    pieces.push(Buffer.from(String(answer.data), 'base64'))
    if (answer.is_finish === 1) break
    indexbuf = String(answer.outindexbuf)
    expect(indexbuf).toMatch(/^Range:bytes=\d+-\d+$/)
  }
  expect(pieces.map(one => one.length)).toEqual([524_288, 524_288, 151_424])
  expect(createHash('md5').update(Buffer.concat(pieces)).digest('hex')).toBe(md5sum)
  expect((await archive('message/getchatmediadata', { sdkfileid: 'gone', indexbuf: '' })).errcode).toBe(
    301048,
  )
})

test('the 601st call in a minute is too many, and a minute later it is not', async () => {
  now += 120_000
  const access = await token('archive')
  const ask = (): Promise<Answer> => post(`message/getchatdata?access_token=${access}`, { seq: 0, limit: 1 })
  for (let i = 0; i < 600; i++) expect((await ask()).errcode).toBe(0)
  expect(await ask()).toMatchObject({ errcode: 45009, chatdata: [] })
  now += 61_000
  expect((await ask()).errcode).toBe(0)
})

test('people, customers and groups can be read by the application', async () => {
  const app = await token('app')
  const { department } = await get(`department/list?access_token=${app}`)
  expect(department).toHaveLength(6)
  const { userlist } = await get(`user/list?department_id=11&access_token=${app}`)
  expect(userlist).toHaveLength(10)
  expect(await get(`user/get?userid=linyue&access_token=${app}`)).toMatchObject({
    name: '林悦',
    main_department: 11,
  })
  expect((await get(`user/get?userid=nobody&access_token=${app}`)).errcode).toBe(60111)
  expect((await get(`externalcontact/list?userid=yanlv&access_token=${app}`)).errcode).toBe(84061)
  const { external_userid } = await get(`externalcontact/list?userid=linyue&access_token=${app}`)
  const id = (external_userid as string[])[0]
  expect(id).toMatch(/^w[mo][\w-]{30}$/)
  expect(await get(`externalcontact/get?external_userid=${id}&access_token=${app}`)).toMatchObject({
    external_contact: { external_userid: id },
  })
  const groups = await post(`externalcontact/groupchat/list?access_token=${app}`, { limit: 5 })
  expect(groups.group_chat_list).toHaveLength(5)
  const chat_id = (groups.group_chat_list as { chat_id: string }[])[0]?.chat_id
  const group = await post(`externalcontact/groupchat/get?access_token=${app}`, { chat_id, need_name: 1 })
  expect(group.group_chat).toMatchObject({ chat_id })
})

test('paging through a customer list finds each once', async () => {
  const app = await token('app')
  const userid_list = sim.world.people.advisers.map(one => one.userid)
  const seen: string[] = []
  for (let cursor = ''; ; ) {
    const page = await post(`externalcontact/batch/get_by_user?access_token=${app}`, {
      userid_list,
      cursor,
      limit: 100,
    })
    for (const one of page.external_contact_list as { external_contact: { external_userid: string } }[])
      seen.push(one.external_contact.external_userid)
    cursor = String(page.next_cursor)
    if (cursor === '') break
  }
  expect(seen).toHaveLength(sim.world.people.contacts.reduce((sum, one) => sum + one.follows.length, 0))
})

test('consent is told by pair and by group', async () => {
  const contact = sim.world.people.contacts[0]
  const userid = contact?.follows[0]?.userid ?? ''
  sim.world.setConsent(userid, contact?.id ?? '', 'Disagree')
  const info = [{ userid, exteranalopenid: contact?.id }]
  expect(await archive('msgaudit/check_single_agree', { info })).toMatchObject({
    agreeinfo: [{ userid, agree_status: 'Disagree', status_change_time: Math.floor(now / 1000) }],
  })
  const room = sim.world.people.rooms.find(one => one.external)
  const { agreeinfo } = await archive('msgaudit/check_room_agree', { roomid: room?.id })
  expect(agreeinfo).toHaveLength(room?.members.filter(one => one.type === 2).length ?? -1)
  expect((await archive('msgaudit/get_permit_user_list', {})).ids).toHaveLength(40)
})

test('injected faults happen as often as asked and then no more', async () => {
  const ask = (): Promise<Answer> => archive('message/getchatdata', { seq: 0, limit: 5 })
  for (const kind of ['-1', '45009', '42001'] as const) {
    sim.world.faults.add({ endpoint: 'getchatdata', kind, times: 1 })
    expect(await ask()).toMatchObject({ errcode: Number(kind), chatdata: [] })
  }
  sim.world.faults.add({ endpoint: 'getchatdata', kind: 'cut', times: 1 })
  await expect(ask()).rejects.toThrow()
  sim.world.faults.add({ endpoint: 'getchatdata', kind: 'http500', times: 1 })
  const url = `${sim.url}/cgi-bin/message/getchatdata?access_token=${await token('archive')}`
  expect((await fetch(url, { method: 'POST', body: '{}' })).status).toBe(500)
  sim.world.faults.add({ endpoint: 'getchatdata', kind: 'slow', times: 1, delayMs: 20 })
  expect((await ask()).errcode).toBe(0)
  expect((await ask()).errcode).toBe(0)
})

test('a person can speak, take back, change the pace and break things by hand', async () => {
  const hand = async (path: string, body: unknown, method = 'POST'): Promise<Response> =>
    fetch(`${sim.url}/sim/${path}`, { method, body: JSON.stringify(body) })
  const to = sim.world.people.contacts.find(one => one.follows[0]?.userid === 'linyue')?.id
  const sent = (await (await hand('messages', { from: 'linyue', to, text: '您好' })).json()) as {
    msgid: string
  }
  expect(sent.msgid).toMatch(/_external$/)
  expect((await hand('messages', { from: 'nobody', to, text: '您好' })).status).toBe(400)
  expect((await hand('recall', { msgid: sent.msgid })).status).toBe(200)
  expect((await hand('live', { perMinute: 500 })).status).toBe(400)
  expect(await (await hand('live', { perMinute: 60 })).json()).toEqual({ perMinute: 60 })
  await hand('live', { perMinute: 0 })
  await hand('faults', { endpoint: 'gettoken', kind: '-1', times: 1 })
  expect((await get('gettoken?corpid=a&corpsecret=b')).errcode).toBe(-1)
  expect(await (await fetch(`${sim.url}/sim/`)).text()).toContain('模拟企业微信')
})
