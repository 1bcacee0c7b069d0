import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sim, startSim } from '../sim/index.ts'
import { chartPng } from '../sim/media-image.ts'
import { createRng } from '../sim/rng.ts'
import { createWecomClient } from '../src/wecom/client.ts'
import {
  type Answer,
  ENDPOINTS,
  type Endpoint,
  type Input,
  type WecomApi,
  wecom,
  wecomApi,
} from '../src/wecom/index.ts'

const DAY = 86_400
let now = Date.UTC(2026, 10, 2, 2)
const second = () => Math.floor(now / 1000)
const midnight = () => Math.floor((second() + 8 * 3600) / DAY) * DAY - 8 * 3600
let sim: Sim
let api: WecomApi
const answered = new Set<string>(['gettoken'])
beforeAll(async () => {
  sim = await startSim({ seed: 'endpoints', publicKeys: [], now: () => now })
  const { corpid, secrets } = sim.world
  const client = createWecomClient({ apiBase: sim.url, corpid, wait: async () => {} })
  api = wecomApi(client, { archive: secrets.archive, contact: secrets.app, sync: secrets.sync })
})
afterAll(() => sim.close())

/** Ask, and remember that the endpoint was answered with what its schema promises. */
async function ask<E extends Endpoint>(one: E, input: Input<E>): Promise<Answer<E>> {
  const answer = await api.ask(one, input)
  answered.add(one.path)
  return answer
}
const png = { name: '图.png', contentType: 'image/png', data: chartPng(createRng('png')) }
const customerOf = (userid: string, at = 0) =>
  sim.world.people.contacts.filter(one => one.follows.length === 1 && one.follows[0]?.userid === userid)[at]!
    .id

test('addresses, people, departments and the archive', async () => {
  const { people } = sim.world
  const [adviser] = people.advisers
  const userid = adviser!.userid
  await ask(wecom.base.getcallbackip, {})
  await ask(wecom.base.getApiDomainIp, {})
  await ask(wecom.base.agent, { agentid: sim.world.office.agentid })
  const { directory, audit } = wecom
  await ask(directory.departments, {})
  await ask(directory.departmentIds, {})
  await ask(directory.member, { userid })
  await ask(directory.members, { department_id: adviser!.department })
  await ask(directory.memberNames, { department_id: adviser!.department })
  const ids = await Array.fromAsync(api.pages(directory.memberIds, { limit: 10 }))
  answered.add(directory.memberIds.path)
  expect(ids.flatMap(page => page.dept_user ?? []).length).toBe(people.employees.length)
  await ask(directory.activeStat, { date: '2026-11-01' })
  const { taglist = [] } = await ask(directory.tags, {})
  await ask(directory.tagMembers, { tagid: taglist[0]?.tagid ?? 1 })
  await ask(audit.permitUsers, { type: 3 })
  await ask(audit.singleAgree, { info: [{ userid, exteranalopenid: customerOf(userid) }] })
  await ask(audit.roomAgree, { roomid: people.rooms.find(one => one.external)!.id })
  await ask(audit.internalGroup, { roomid: people.rooms.find(one => !one.external)!.id })
  await ask(audit.robot, { robot_id: 'wbxxxxxxxxxxxxxxxxxxxxxxxx' })
})

test('customers, tags and groups', async () => {
  const userid = sim.world.people.advisers[0]!.userid
  const external_userid = customerOf(userid)
  const { contacts, groups } = wecom
  await ask(contacts.followUsers, {})
  await ask(contacts.ofMember, { userid })
  await ask(contacts.one, { external_userid })
  await ask(contacts.ofMembers, { userid_list: [userid], limit: 10 })
  await ask(contacts.remark, { userid, external_userid, remark: '李部长' })
  const { tag_group } = await ask(contacts.addTags, {
    group_name: '风险等级',
    tag: [{ name: 'C5' }, { name: 'C6' }],
  })
  const [c5, c6] = (tag_group.tag ?? []).map(one => one.id)
  await ask(contacts.tags, { tag_id: [c5!] })
  await ask(contacts.editTag, { id: c5!, name: 'C4' })
  await ask(contacts.mark, { userid, external_userid, add_tag: [c5!] })
  await ask(contacts.deleteTags, { tag_id: [c6!] })
  const { group_chat_list = [] } = await ask(groups.list, { status_filter: 0, limit: 10 })
  await ask(groups.one, { chat_id: group_chat_list[0]!.chat_id, need_name: 1 })
})

test('group sends, welcome messages and files', async () => {
  const { world } = sim
  const sender = world.people.advisers[0]!.userid
  const { groupsend, media } = wecom
  const { media_id } = await api.upload(media.upload, { type: 'image' }, png)
  await api.upload(media.uploadImage, {}, png)
  expect((await api.download(media.get, { media_id })).data.equals(png.data)).toBe(true)
  for (const one of [media.upload, media.uploadImage, media.get]) answered.add(one.path)
  const attachments = [{ msgtype: 'image' as const, image: { media_id } }]
  const { msgid } = await ask(groupsend.create, {
    external_userid: [customerOf(sender)],
    sender,
    text: { content: '到期提醒' },
    attachments,
  })
  const task = { msgid: msgid!, userid: sender }
  expect(await api.outcome(groupsend.results, task)).toMatchObject({ ready: false, errcode: 41063 })
  now += 5000
  await ask(groupsend.remind, { msgid: msgid! })
  world.confirmSend(msgid!, sender)
  const results = await ask(groupsend.results, task)
  expect(results.send_list).toMatchObject([{ status: 1 }])
  await ask(groupsend.tasks, { msgid: msgid! })
  await ask(groupsend.records, { chat_type: 'single', start_time: second() - DAY, end_time: second() + 1 })
  await ask(groupsend.cancel, { msgid: msgid! })
  const newcomer = world.newContact('新客')
  const added = world.addContact(sender, newcomer)
  await ask(groupsend.welcome, {
    welcome_code: added!.welcomeCode!,
    text: { content: '本企业对会话进行存档' },
  })
  const text = { content: '本群会话将被存档' }
  const { template_id } = await ask(groupsend.addGroupWelcome, { text, notify: 0 })
  await ask(groupsend.editGroupWelcome, { template_id, text })
  expect((await ask(groupsend.groupWelcome, { template_id })).text).toMatchObject(text)
  await ask(groupsend.deleteGroupWelcome, { template_id })
})

test('Moments, from the task to what customers made of it', async () => {
  const { moments, media } = wecom
  const userid = sim.world.people.advisers[0]!.userid
  const { media_id } = await api.upload(
    media.uploadAttachment,
    { media_type: 'image', attachment_type: 1 },
    png,
  )
  answered.add(media.uploadAttachment.path)
  const { jobid } = await ask(moments.create, {
    text: { content: '投资者教育' },
    attachments: [{ msgtype: 'image', image: { media_id } }],
    visible_range: { sender_list: { user_list: [userid] } },
  })
  now += 60_000
  const { status, result } = await ask(moments.taskResult, { jobid })
  expect(status).toBe(3)
  const moment_id = result?.moment_id ?? ''
  sim.world.publishMoment(moment_id, userid)
  const one = { moment_id, userid }
  await ask(moments.list, { start_time: second() - DAY, end_time: second() + 1, filter_type: 2 })
  expect((await ask(moments.tasks, { moment_id })).task_list).toMatchObject([{ userid, publish_status: 1 }])
  await ask(moments.visibleTo, one)
  await ask(moments.results, one)
  await ask(moments.comments, one)
  await ask(moments.cancel, { moment_id })
})

test('intercept rules and figures', async () => {
  const { intercept, statistics } = wecom
  const userid = sim.world.people.advisers[0]!.userid
  const range = { user_list: [userid] }
  const { rule_id } = await ask(intercept.add, {
    rule_name: '保本',
    word_list: ['保本'],
    semantics_list: [1],
    intercept_type: 1,
    applicable_range: range,
  })
  await ask(intercept.list, {})
  expect((await ask(intercept.get, { rule_id })).rule.word_list).toEqual(['保本'])
  await ask(intercept.update, { rule_id, word_list: ['保本保息'] })
  await ask(intercept.delete, { rule_id })
  await ask(statistics.behaviour, {
    userid: [userid],
    start_time: midnight() - DAY,
    end_time: midnight() - DAY,
  })
  const owner = sim.world.people.rooms.find(one => one.external)!.owner
  const days = { day_begin_time: midnight() - DAY, owner_filter: { userid_list: [owner] } }
  await ask(statistics.groupsByOwner, days)
  await ask(statistics.groupsByDay, days)
})

test('messages to employees, and sign-in', async () => {
  const { messages, sso } = wecom
  const { world } = sim
  const touser = world.people.advisers[0]!.userid
  const { agentid } = world.office
  const { msgid, response_code } = await ask(messages.send, {
    touser,
    msgtype: 'template_card',
    agentid,
    template_card: {
      card_type: 'button_interaction',
      main_title: { title: '群发审批' },
      task_id: 'appr-1',
      button_list: [{ text: '通过', style: 1, key: 'approve' }],
    },
  })
  await ask(messages.updateCard, {
    userids: [touser],
    agentid,
    response_code: response_code!,
    button: { replace_name: '已处理' },
  })
  await ask(messages.recall, { msgid: msgid! })
  const visitor = { userid: touser }
  const code = () => world.office.sso.code(visitor, 'snsapi_privateinfo')
  const { userid, user_ticket } = await ask(sso.identity, { code: code() })
  expect(userid).toBe(touser)
  expect((await ask(sso.legacyIdentity, { code: code() })).UserId).toBe(touser)
  await ask(sso.details, { user_ticket: user_ticket! })
  world.people.advisers[0]!.mobile = '13800000001'
  const found = await ask(wecom.directory.useridByMobile, { mobile: '13800000001' })
  expect(found.userid).toBe(touser)
})

test('ways to be found, rule groups, the album and links', async () => {
  const { ways, album, acquisition, media } = wecom
  const user = [sim.world.people.advisers[0]!.userid]
  const { config_id } = await ask(ways.add, { type: 1, scene: 2, user, remark: '网点' })
  await ask(ways.get, { config_id })
  await ask(ways.list, {})
  await ask(ways.update, { config_id, remark: '网点二' })
  await ask(ways.delete, { config_id })
  await ask(ways.closeTemporary, { userid: user[0]!, external_userid: customerOf(user[0]!) })
  const chat_id_list = [sim.world.people.rooms.find(one => one.external)!.id]
  const join = await ask(ways.addJoin, { scene: 2, chat_id_list })
  await ask(ways.getJoin, join)
  await ask(ways.updateJoin, { config_id: join.config_id, scene: 2, chat_id_list })
  await ask(ways.deleteJoin, join)
  const range = [{ type: 1 as const, userid: user[0]! }]
  for (const strategy of [wecom.customerStrategies, wecom.momentStrategies]) {
    const made = await ask(strategy.create, { parent_id: 0, strategy_name: '网点', admin_list: user, range })
    await ask(strategy.list, {})
    await ask(strategy.get, made)
    await ask(strategy.range, made)
    await ask(strategy.edit, { strategy_id: made.strategy_id, strategy_name: '网点二' })
    await ask(strategy.delete, made)
  }
  const { media_id } = await api.upload(
    media.uploadAttachment,
    { media_type: 'image', attachment_type: 2 },
    png,
  )
  const attachments = [{ type: 'image', image: { media_id } }]
  const product = await ask(album.add, { description: '稳健一号', price: 100, attachments })
  await ask(album.get, product)
  await ask(album.list, {})
  await ask(album.update, { product_id: product.product_id, description: '稳健二号' })
  await ask(album.delete, product)
  const { link } = await ask(acquisition.create, { link_name: '获客', range: { user_list: user } })
  const link_id = link.link_id!
  await ask(acquisition.list, {})
  await ask(acquisition.get, { link_id })
  await ask(acquisition.update, { link_id, link_name: '获客二' })
  await ask(acquisition.customers, { link_id })
  await ask(acquisition.statistic, { link_id, start_time: midnight() - DAY, end_time: midnight() })
  await ask(acquisition.quota, {})
  await ask(acquisition.delete, { link_id })
})

test('customers and groups are handed over', async () => {
  const { transfer } = wecom
  const { world } = sim
  const owners = world.people.rooms.filter(one => one.external)
  const leaver = owners[0]!.owner
  const [takeover, handover] = world.people.advisers.map(one => one.userid).filter(one => one !== leaver)
  const external_userid = [customerOf(handover!)]
  const parties = { handover_userid: handover!, takeover_userid: takeover! }
  await ask(transfer.customers, { ...parties, external_userid, transfer_success_msg: '由新同事为您服务' })
  await ask(transfer.result, parties)
  const kept = owners.find(one => one.owner !== leaver) ?? owners[0]!
  await ask(transfer.groups, { chat_id_list: [kept.id], new_owner: takeover! })
  const left = customerOf(leaver)
  expect(world.deleteUser(leaver)).toBe(true)
  const { info } = await ask(transfer.unassigned, { page_size: 10 })
  expect(info?.length).toBeGreaterThan(0)
  const resigned = { handover_userid: leaver, takeover_userid: takeover! }
  await ask(transfer.resignedCustomers, { ...resigned, external_userid: [left] })
  await ask(transfer.resignedResult, resigned)
  await ask(transfer.resignedGroups, { chat_id_list: [owners[0]!.id], new_owner: takeover! })
})

test('every endpoint in the table was answered by the simulator as its schema says', () => {
  expect(ENDPOINTS.map(one => one.path).filter(path => !answered.has(path))).toEqual([])
})
