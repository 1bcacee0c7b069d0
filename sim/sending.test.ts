import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Calls, simulator } from '../test/support/simulator.ts'
import { chartPng } from './media-image.ts'
import { createRng } from './rng.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
let now = Date.UTC(2026, 10, 2, 2)
let calls: Calls
let own: string[] = []
const told: { type: string; fields: Record<string, unknown> }[] = []
const png = chartPng(createRng('png'))
const second = (): number => Math.floor(now / 1000)
const archived = (external: string): unknown[] =>
  calls.sim.world.archive
    .all()
    .filter(one => one.message.tolist?.includes(external))
    .map(one => one.message.text ?? one.message.msgtype)

beforeAll(async () => {
  calls = await simulator({ seed: 'sending', now: () => now })
  const { world } = calls.sim
  world.onEvent(one => told.push(one))
  own = world.people.contacts
    .filter(one => one.follows.length === 1 && one.follows[0]?.userid === 'linyue')
    .map(one => one.id)
})
afterAll(() => calls.sim.close())

test('a group send waits for the member, then stands in the archive, within the cap', async () => {
  const { post, sim } = calls
  const [first = '', second_ = ''] = own
  const made = await post('externalcontact/add_msg_template', {
    chat_type: 'single',
    external_userid: [first, second_, 'wmUnknown'],
    sender: 'linyue',
    text: { content: '到期提醒' },
  })
  expect(made).toMatchObject({ errcode: 0, fail_list: ['wmUnknown'] })
  const { msgid } = made
  const result = { msgid, userid: 'linyue' }
  expect((await post('externalcontact/get_groupmsg_send_result', result)).errcode).toBe(41063)
  now += 5000
  expect(await post('externalcontact/get_groupmsg_send_result', result)).toMatchObject({
    send_list: [{ status: 0 }, { status: 0 }],
  })
  sim.world.deleteFollow('linyue', second_)
  expect(sim.world.confirmSend(String(msgid), 'linyue')).toBe(1)
  expect(sim.world.confirmSend(String(msgid), 'linyue')).toBeUndefined()
  expect(await post('externalcontact/get_groupmsg_send_result', result)).toMatchObject({
    send_list: [
      { external_userid: first, status: 1, send_time: second() },
      { external_userid: second_, status: 2 },
    ],
  })
  expect(archived(first)).toEqual([{ content: '到期提醒' }])
  expect(await post('externalcontact/get_groupmsg_task', { msgid })).toMatchObject({
    task_list: [{ userid: 'linyue', status: 2 }],
  })
  sim.world.setSendCap({ per: 'day' })
  const again = await post('externalcontact/add_msg_template', {
    external_userid: [first],
    sender: 'linyue',
    text: { content: '再次' },
  })
  const more = await post('externalcontact/add_msg_template', {
    external_userid: [first],
    sender: 'linyue',
    text: { content: '三次' },
  })
  now += 5000
  expect(sim.world.confirmSend(String(again.msgid), 'linyue')).toBe(1)
  expect(sim.world.confirmSend(String(more.msgid), 'linyue')).toBe(0)
  expect(
    await post('externalcontact/get_groupmsg_send_result', { msgid: more.msgid, userid: 'linyue' }),
  ).toMatchObject({ send_list: [{ status: 3 }] })
})

test('reminding, cancelling and what is refused', async () => {
  const { post } = calls
  const { msgid } = await post('externalcontact/add_msg_template', {
    sender: 'linyue',
    text: { content: '全体' },
  })
  for (let i = 0; i < 3; i++)
    expect((await post('externalcontact/remind_groupmsg_send', { msgid })).errcode).toBe(0)
  expect((await post('externalcontact/remind_groupmsg_send', { msgid })).errcode).toBe(41094)
  expect((await post('externalcontact/cancel_groupmsg_send', { msgid })).errcode).toBe(0)
  expect((await post('externalcontact/cancel_groupmsg_send', { msgid })).errcode).toBe(41093)
  expect(calls.sim.world.confirmSend(String(msgid), 'linyue')).toBeUndefined()
  const text = { content: '文' }
  const send = async (body: object): Promise<number> =>
    (await post('externalcontact/add_msg_template', body)).errcode
  expect(await send({ sender: 'linyue' })).toBe(41088)
  expect(await send({ text })).toBe(40063)
  expect(await send({ sender: 7, text })).toBe(40003)
  expect(await send({ sender: 'linyue', text: '文' })).toBe(40058)
  expect(await send({ sender: 'linyue', text: { content: '长'.repeat(1400) } })).toBe(45002)
  expect(await send({ external_userid: ['wmUnknown'], text })).toBe(41048)
  expect(await send({ sender: 'yanlv', text })).toBe(84074)
  expect(await send({ sender: 'nobody', text })).toBe(60111)
  const file = { msgtype: 'file', file: { media_id: 'x' } }
  expect(await send({ sender: 'linyue', attachments: [file] })).toBe(40007)
  expect(await send({ sender: 'linyue', attachments: Array(10).fill(file) })).toBe(41064)
  expect(await send({ sender: 'linyue', attachments: [{ msgtype: 'voice' }] })).toBe(41065)
})

test("members' own group sends appear in the list", async () => {
  const { post, sim } = calls
  const [external = ''] = own.slice(3)
  sim.world.setSendCap({ per: 'month' })
  sim.world.personalSend({
    creator: 'linyue',
    chatType: 'single',
    said: { text: { content: '稳赚不赔' }, attachments: [] },
    allowSelect: false,
    parts: [{ userid: 'linyue', targets: [external] }],
  })
  const range = { chat_type: 'single', start_time: second() - 60, end_time: second() + 60 }
  expect(await post('externalcontact/get_groupmsg_list_v2', { ...range, filter_type: 1 })).toMatchObject({
    group_msg_list: [{ creator: 'linyue', create_type: 1, text: { content: '稳赚不赔' } }],
  })
  const long = { ...range, start_time: second() - 40 * 86_400 }
  expect((await post('externalcontact/get_groupmsg_list_v2', long)).errcode).toBe(600018)
  expect(archived(external)).toContainEqual({ content: '稳赚不赔' })
})

test('a welcome code is good once, for twenty seconds, before anybody speaks', async () => {
  const { post, sim } = calls
  const { world } = sim
  const welcome = (code: unknown): Promise<{ errcode: number }> =>
    post('externalcontact/send_welcome_msg', { welcome_code: code, text: { content: '会话将被存档' } })
  const stranger = world.newContact()
  world.addContact('linyue', stranger, { state: 'channel' })
  const event = told.findLast(one => one.type === 'change_external_contact.add_external_contact')
  expect(event?.fields).toMatchObject({ UserID: 'linyue', ExternalUserID: stranger, State: 'channel' })
  expect((await welcome(event?.fields.WelcomeCode)).errcode).toBe(0)
  expect((await welcome(event?.fields.WelcomeCode)).errcode).toBe(41096)
  expect(archived(stranger)).toEqual([{ content: '会话将被存档' }])
  const late = world.addContact('linyue', world.newContact())?.welcomeCode
  now += 20_000
  expect((await welcome(late)).errcode).toBe(41050)
  const chatty = world.newContact()
  const code = world.addContact('linyue', chatty)?.welcomeCode
  world.speak('linyue', { external: chatty }, '您好')
  expect((await welcome(code)).errcode).toBe(41051)
  expect((await post('externalcontact/send_welcome_msg', { welcome_code: code })).errcode).toBe(41088)
})

test('a Moments task becomes a moment, is published by the member and supervised', async () => {
  const { post, get, upload, sim } = calls
  const image = await upload(
    'media/upload_attachment',
    { media_type: 'image', attachment_type: 1 },
    'a.png',
    png,
  )
  const attachments = [{ msgtype: 'image', image: { media_id: image.media_id } }]
  const made = await post('externalcontact/add_moment_task', {
    text: { content: '投资者教育' },
    attachments,
    visible_range: { sender_list: { user_list: ['linyue', 'nobody'] } },
  })
  const { jobid } = made
  expect(await get('externalcontact/get_moment_task_result', { jobid })).toMatchObject({ status: 1 })
  now += 4000
  const done = await get('externalcontact/get_moment_task_result', { jobid })
  expect(done).toMatchObject({
    status: 3,
    result: { errcode: 0, invalid_sender_list: { user_list: ['nobody'] } },
  })
  const { moment_id } = done.result as { moment_id: string }
  const asked = { moment_id, userid: 'linyue' }
  expect((await post('externalcontact/get_moment_customer_list', asked)).errcode).toBe(41062)
  expect((await post('externalcontact/get_moment_comments', { ...asked, userid: 'yanlv' })).errcode).toBe(
    41061,
  )
  expect((await post('externalcontact/get_moment_task', { moment_id: 'none' })).errcode).toBe(41060)
  expect((await post('externalcontact/get_moment_task', {})).errcode).toBe(41059)
  expect(sim.world.publishMoment(moment_id, 'linyue')).toBe(true)
  sim.world.office.moments.comment(moment_id, 'linyue', own[5] ?? '', 'likes')
  expect(await post('externalcontact/get_moment_task', { moment_id })).toMatchObject({
    task_list: [{ userid: 'linyue', publish_status: 1 }],
  })
  const seen = await post('externalcontact/get_moment_customer_list', asked)
  expect((seen.customer_list as unknown[]).length).toBeGreaterThan(3)
  expect(await post('externalcontact/get_moment_comments', asked)).toMatchObject({
    comment_list: [],
    like_list: [{ external_userid: own[5] }],
  })
  sim.world.personalMoment('linyue', { text: '内部消息', attachments: [] })
  const range = { start_time: second() - 60, end_time: second() }
  expect(await post('externalcontact/get_moment_list', { ...range, filter_type: 1 })).toMatchObject({
    moment_list: [{ creator: 'linyue', create_type: 1, text: { content: '内部消息' } }],
  })
  const bad = async (body: object): Promise<number> =>
    (await post('externalcontact/add_moment_task', body)).errcode
  expect(await bad({})).toBe(41089)
  expect(await bad({ attachments: [{ msgtype: 'file', file: { media_id: 'x' } }] })).toBe(41065)
  expect((await post('externalcontact/get_moment_list', { ...range, limit: 21 })).errcode).toBe(40058)
  const long = await post('externalcontact/add_moment_task', { text: { content: '长'.repeat(2001) } })
  now += 4000
  expect(await get('externalcontact/get_moment_task_result', { jobid: long.jobid })).toMatchObject({
    errcode: 0,
    result: { errcode: 45002, errmsg: 'invalid text size' },
  })
})

test('a file lives three days and is refused by kind, size and use', async () => {
  const { upload, get, post, url } = calls
  const made = await upload('media/upload', { type: 'image' }, '海报.png', png)
  expect(made).toMatchObject({ errcode: 0, type: 'image', created_at: String(second()) })
  const fetched = await fetch(await url('media/get', { media_id: made.media_id }))
  expect(Buffer.from(await fetched.arrayBuffer()).equals(png)).toBe(true)
  expect((await upload('media/upload', { type: 'gif' }, 'a.gif', png)).errcode).toBe(40004)
  expect((await upload('media/upload', { type: 'image' }, 'a.png', Buffer.alloc(4))).errcode).toBe(40006)
  expect((await upload('media/upload', { type: 'image' }, 'a.png', Buffer.alloc(11 << 20))).errcode).toBe(
    40006,
  )
  expect((await upload('media/upload', { type: 'video' }, 'a.mp4', Buffer.alloc(99))).errcode).toBe(41090)
  expect((await post('media/upload', {})).errcode).toBe(40004)
  const moment = { attachments: [{ msgtype: 'image', image: { media_id: made.media_id } }] }
  const { jobid } = await post('externalcontact/add_moment_task', moment)
  now += 4000
  expect(await get('externalcontact/get_moment_task_result', { jobid })).toMatchObject({
    result: { errcode: 40007 },
  })
  now += 3 * DAY
  expect((await get('media/get', { media_id: made.media_id })).errcode).toBe(40007)
})
