import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type Calls, simulator } from '../test/support/simulator.ts'

let now = Date.UTC(2026, 10, 2, 2)
let calls: Calls
const told: { type: string; fields: Record<string, unknown> }[] = []

beforeAll(async () => {
  calls = await simulator({ seed: 'access', now: () => now })
  calls.sim.world.onEvent(one => told.push(one))
})
afterAll(() => calls.sim.close())

test('a person signs in and the code is good once, for five minutes', async () => {
  const { sim, get, post } = calls
  const { world, url } = sim
  const query = {
    appid: world.corpid,
    redirect_uri: 'https://compliance.example/in',
    state: 's1',
    response_type: 'code',
  }
  const open = (change: object = {}): Promise<Response> =>
    fetch(`${url}/connect/oauth2/authorize?${new URLSearchParams({ ...query, ...change })}`, {
      redirect: 'manual',
    })
  const code = async (change: object = {}): Promise<string> => {
    const back = new URL((await open(change)).headers.get('location') ?? '')
    expect(back.searchParams.get('state')).toBe('s1')
    return back.searchParams.get('code') ?? ''
  }
  expect(await (await open()).text()).toContain('sim_userid=linyue')
  const first = await code({ sim_userid: 'linyue' })
  expect(await get('auth/getuserinfo', { code: first })).toMatchObject({ errcode: 0, userid: 'linyue' })
  expect((await get('auth/getuserinfo', { code: first })).errcode).toBe(42022)
  const late = await code({ sim_userid: 'linyue' })
  now += 5 * 60_000
  expect((await get('auth/getuserinfo', { code: late })).errcode).toBe(40029)
  const { user_ticket } = await get('auth/getuserinfo', {
    code: await code({ sim_userid: 'linyue', scope: 'snsapi_privateinfo' }),
  })
  expect(await post('auth/getuserdetail', { user_ticket })).toMatchObject({ userid: 'linyue' })
  world.office.sso.signedIn = { openid: 'o1', external_userid: 'wm1' }
  expect(await get('auth/getuserinfo', { code: await code() })).toMatchObject({ openid: 'o1' })
  world.office.access.trustedHosts = ['elsewhere.example']
  expect(((await (await open()).json()) as Answer).errcode).toBe(50001)
  world.office.access.trustedHosts = undefined
})

test('wrong secret, wrong address, wrong application and wrong scope are refused each in its way', async () => {
  const { sim, get, post } = calls
  const { world } = sim
  expect((await get('user/get', { userid: 'linyue' }, 'archive')).errcode).toBe(48002)
  expect((await post('msgaudit/get_permit_user_list', {}, 'app')).errcode).toBe(48002)
  expect((await post('user/list_id', {}, 'app')).errcode).toBe(48002)
  expect((await post('user/list_id', { limit: 5 }, 'sync')).dept_user).toHaveLength(5)
  expect((await get('getcallbackip', {}, 'archive')).errcode).toBe(0)
  const held = await calls.url('user/get', { userid: 'linyue' })
  world.ip.allow(['10.1.1.1'])
  expect(((await (await fetch(held)).json()) as Answer).errcode).toBe(60020)
  expect((await post('message/getchatdata', {}, 'archive')).errcode).toBe(301042)
  world.ip.allow(['127.0.0.1'])
  expect((await get('user/get', { userid: 'linyue' })).errcode).toBe(0)
  world.ip.allow(undefined)
  const { access } = world.office
  access.customerApi = false
  expect(await get('externalcontact/list', { userid: 'linyue' })).toMatchObject({
    errcode: 48002,
    external_userid: [],
  })
  access.customerApi = true
  access.archive = 'expired'
  expect((await post('message/getchatdata', {}, 'archive')).errcode).toBe(301052)
  access.archive = 'closed'
  expect((await post('message/getchatdata', {}, 'archive')).errcode).toBe(301053)
  access.archive = 'open'
  access.hidden.add('linyue')
  expect((await get('user/get', { userid: 'linyue' })).errcode).toBe(60011)
  expect((await get('externalcontact/list', { userid: 'linyue' })).errcode).toBe(50002)
  access.hidden.clear()
})

test('an address that keeps using a wrong secret is barred for an hour', async () => {
  const { sim } = calls
  const ask = async (secret: string): Promise<Answer> =>
    (await (
      await fetch(`${sim.url}/cgi-bin/gettoken?corpid=${sim.world.corpid}&corpsecret=${secret}`)
    ).json()) as Answer
  for (let i = 0; i < 20; i++) expect((await ask('wrong')).errcode).toBe(40001)
  expect((await ask(sim.world.secrets.app)).errcode).toBe(45009)
  now += 3600_000
  expect((await ask(sim.world.secrets.app)).errcode).toBe(0)
})

test('people change things and the callbacks of the reference are told; the API tells nothing', async () => {
  const { sim, post, get } = calls
  const { world } = sim
  told.length = 0
  const customer = world.newContact('张三')
  world.addContact('linyue', customer, { half: true })
  world.editContact('linyue', customer, { remark: '张总' })
  world.agree('linyue', customer)
  const chatId = world.createGroup({ owner: 'linyue', name: '新群', members: [customer] }) ?? ''
  const friend = world.newContact()
  world.joinGroup(chatId, [friend])
  world.leaveGroup(chatId, [friend])
  world.changeGroup(chatId, { notice: '请勿外传' })
  world.dismissGroup(chatId)
  world.deleteContact('linyue', customer)
  world.createUser({ userid: 'newone', name: '新人', department: 11 })
  world.updateUser('newone', { position: '主管' })
  world.createParty({ id: 15, name: '城南财富中心', parent: 1 })
  world.updateParty(15, { name: '城南中心' })
  world.deleteParty(15)
  expect(told.map(one => one.type).filter(type => type !== 'msgaudit_notify')).toEqual([
    'change_external_contact.add_half_external_contact',
    'change_external_contact.edit_external_contact',
    'change_external_contact.msg_audit_approved',
    'change_external_chat.create',
    'change_external_chat.update',
    'change_external_chat.update',
    'change_external_chat.update',
    'change_external_chat.dismiss',
    'change_external_contact.del_external_contact',
    'change_contact.create_user',
    'change_contact.update_user',
    'change_contact.create_party',
    'change_contact.update_party',
    'change_contact.delete_party',
  ])
  const joined = told.find(one => one.fields.UpdateDetail === 'add_member')?.fields
  expect(joined).toMatchObject({ ChatId: chatId, JoinScene: 3, MemChangeCnt: 1, MemChangeList: [friend] })
  told.length = 0
  const mine = world.people.contacts.find(one => one.follows[0]?.userid === 'linyue')?.id
  const pair = { userid: 'linyue', external_userid: mine }
  expect((await post('externalcontact/remark', { ...pair, remark: '王总' })).errcode).toBe(0)
  expect((await post('externalcontact/remark', { ...pair, remark: '长'.repeat(21) })).errcode).toBe(45002)
  expect((await post('externalcontact/remark', { ...pair, external_userid: customer })).errcode).toBe(84084)
  const { tag_group } = await post('externalcontact/add_corp_tag', {
    group_name: '适当性',
    tag: [{ name: '专业投资者' }],
  })
  const id = (tag_group as { tag: { id: string }[] }).tag[0]?.id
  expect((await post('externalcontact/mark_tag', { ...pair, add_tag: [id] })).errcode).toBe(0)
  const { follow_user } = await get('externalcontact/get', { external_userid: mine })
  expect(follow_user).toMatchObject([
    {
      remark: '王总',
      tags: expect.arrayContaining([{ group_name: '适当性', tag_name: '专业投资者', tag_id: id, type: 1 }]),
    },
  ])
  expect((await post('externalcontact/mark_tag', { ...pair, add_tag: ['none'] })).errcode).toBe(40068)
  expect(
    (await post('externalcontact/add_corp_tag', { group_name: '适当性', tag: [{ name: '专业投资者' }] }))
      .errcode,
  ).toBe(40071)
  const many = Array.from({ length: 3000 }, (_, index) => ({ name: `标签${index}` }))
  expect((await post('externalcontact/add_corp_tag', { group_name: '多', tag: many })).errcode).toBe(40126)
  expect(told).toEqual([])
})

test('a group greets whoever joins with the template its owner chose', async () => {
  const { sim, post } = calls
  const { world } = sim
  const text = { content: '本群会话依法存档' }
  const { template_id } = await post('externalcontact/group_welcome_template/add', { text })
  const room = world.people.rooms.find(one => one.external)
  expect(world.useGroupWelcome(room?.id ?? '', String(template_id))).toBe(true)
  world.joinGroup(room?.id ?? '', [world.newContact()], 2)
  expect(world.archive.latest(1)[0]?.message).toMatchObject({ roomid: room?.id, from: room?.owner, text })
  expect((await post('externalcontact/group_welcome_template/add', {})).errcode).toBe(40063)
  const inner = world.people.rooms.find(one => !one.external)
  expect(await post('msgaudit/groupchat/get', { roomid: inner?.id }, 'archive')).toMatchObject({
    roomname: inner?.name,
  })
  expect((await post('msgaudit/groupchat/get', { roomid: room?.id }, 'archive')).errcode).toBe(301059)
})
