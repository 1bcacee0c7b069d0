import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Calls, simulator } from '../test/support/simulator.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
let now = Date.UTC(2026, 10, 2, 2)
let calls: Calls
let own: string[] = []
const told: { type: string; fields: Record<string, unknown>; from?: string }[] = []
const last = (type: string): Record<string, unknown> | undefined =>
  told.findLast(one => one.type === type)?.fields

beforeAll(async () => {
  calls = await simulator({ seed: 'office', now: () => now })
  const { world } = calls.sim
  world.onEvent(one => told.push(one))
  own = world.people.contacts
    .filter(one => one.follows.length === 1 && one.follows[0]?.userid === 'linyue')
    .map(one => one.id)
})
afterAll(() => calls.sim.close())
const second = (): number => Math.floor(now / 1000)
const adviser = (index: number): string => calls.sim.world.people.advisers[index]?.userid ?? ''

test('a customer moves after 24 hours unless they refuse, at most twice in 90 days', async () => {
  const { post, sim } = calls
  const { world } = sim
  const [a = '', b = ''] = own
  const to = adviser(3)
  const order = (handover: string, takeover: string, ids: string[]): object => ({
    handover_userid: handover,
    takeover_userid: takeover,
    external_userid: ids,
  })
  const path = 'externalcontact/transfer_customer'
  expect(await post(path, order('linyue', to, [a, b, 'wmUnknown']))).toMatchObject({
    customer: [{ errcode: 0 }, { errcode: 0 }, { external_userid: 'wmUnknown', errcode: 40096 }],
  })
  expect(await post(path, order('linyue', to, [a]))).toMatchObject({ customer: [{ errcode: 40129 }] })
  expect(world.refuseTransfer(b)).toBe(true)
  expect(last('change_external_contact.transfer_fail')).toMatchObject({
    FailReason: 'customer_refused',
    UserID: to,
  })
  const result = { handover_userid: 'linyue', takeover_userid: to }
  now += 23 * HOUR
  expect(await post('externalcontact/transfer_result', result)).toMatchObject({
    customer: [{ status: 2, takeover_time: 0 }, { status: 3 }],
  })
  now += HOUR
  expect(await post('externalcontact/transfer_result', result)).toMatchObject({
    customer: [{ status: 1, takeover_time: second() }, { status: 3 }],
  })
  expect(last('change_external_contact.add_external_contact')).toMatchObject({
    UserID: to,
    ExternalUserID: a,
  })
  expect(last('change_external_contact.del_external_contact')).toMatchObject({ Source: 'DELETE_BY_TRANSFER' })
  expect(world.people.contact.get(a)?.follows.map(one => one.userid)).toEqual([to])
  expect(await post(path, order(to, 'linyue', [a]))).toMatchObject({ customer: [{ errcode: 0 }] })
  now += DAY
  expect(await post(path, order('linyue', to, [a]))).toMatchObject({ customer: [{ errcode: 40128 }] })
  expect(await post(path, order(to, 'linyue', [b]))).toMatchObject({ customer: [{ errcode: 40131 }] })
  const unverified = adviser(5)
  world.updateUser(unverified, { verified: false })
  expect((await post(path, order('linyue', unverified, [b]))).errcode).toBe(40098)
  world.updateUser(unverified, { verified: true, status: 4 })
  expect((await post(path, order('linyue', unverified, [b]))).errcode).toBe(41054)
  expect((await post(path, order('linyue', 'linyue', [b]))).errcode).toBe(40130)
  expect((await post(path, order('linyue', 'yanlv', [b]))).errcode).toBe(84074)
  expect((await post(path, order('linyue', to, []))).errcode).toBe(40058)
  expect((await post(`externalcontact/resigned/transfer_customer`, order('linyue', to, [b]))).errcode).toBe(
    40097,
  )
})

test("who leaves is replaced: customers and groups are handed over, and the groups' state is told", async () => {
  const { post, sim } = calls
  const { world } = sim
  const room = world.people.rooms.find(one => one.external && one.owner !== 'linyue')
  const leaver = room?.owner ?? ''
  const mine = world.people.contacts
    .filter(one => one.follows.some(f => f.userid === leaver))
    .map(one => one.id)
  const groups = { chat_id_list: [room?.id ?? '', 'wrNone'], new_owner: 'linyue' }
  expect(await post('externalcontact/groupchat/transfer', groups)).toMatchObject({
    failed_chat_list: [{ errcode: 90500 }, { errcode: 90501 }],
  })
  expect(world.deleteUser(leaver)).toBe(true)
  expect(last('change_contact.delete_user')).toEqual({ UserID: leaver })
  const { info, is_last } = await post('externalcontact/get_unassigned_list', { page_size: 1000 })
  expect((info as unknown[]).length).toBe(mine.length)
  expect(is_last).toBe(true)
  expect(await post('externalcontact/groupchat/list', { status_filter: 1, limit: 10 })).toMatchObject({
    group_chat_list: expect.arrayContaining([{ chat_id: room?.id, status: 1 }]),
  })
  const onjob = await post('externalcontact/groupchat/onjob_transfer', groups)
  expect(onjob).toMatchObject({ failed_chat_list: [{ errcode: 90502 }, { errcode: 90501 }] })
  expect(await post('externalcontact/groupchat/transfer', groups)).toMatchObject({
    failed_chat_list: [{ chat_id: 'wrNone' }],
  })
  expect(room).toMatchObject({ owner: 'linyue', status: 3 })
  const order = { handover_userid: leaver, takeover_userid: 'linyue', external_userid: [mine[0]] }
  expect(await post('externalcontact/resigned/transfer_customer', order)).toMatchObject({
    customer: [{ errcode: 0 }],
  })
  now += DAY
  expect(await post('externalcontact/resigned/transfer_result', order)).toMatchObject({
    customer: [{ status: 1 }],
  })
})

test('intercept rules keep their limits and block before anybody hears', async () => {
  const { post, get, sim } = calls
  const rule = {
    rule_name: '保本',
    word_list: ['保本保息'],
    intercept_type: 1,
    applicable_range: { user_list: ['linyue'] },
  }
  const add = async (change: object): Promise<number> =>
    (await post('externalcontact/add_intercept_rule', { ...rule, rule_name: '其他', ...change })).errcode
  const { rule_id } = await post('externalcontact/add_intercept_rule', rule)
  expect(await add({ word_list: Array(301).fill('词') })).toBe(41068)
  expect(await add({ word_list: ['长'.repeat(33)] })).toBe(41083)
  expect(await add({ word_list: [''] })).toBe(41083)
  expect(await add({ semantics_list: [4] })).toBe(41084)
  expect(await add({ applicable_range: {} })).toBe(41076)
  expect(await add({ applicable_range: { user_list: Array(1001).fill('linyue') } })).toBe(41076)
  expect(await add({ rule_name: '保本' })).toBe(41077)
  expect(await add({ rule_name: '长'.repeat(21) })).toBe(40058)
  expect(await add({ word_list: 'x' })).toBe(40058)
  const to = { external: own[4] ?? '' }
  expect(sim.world.speak('linyue', to, '这款保本保息')).toBeUndefined()
  expect(sim.world.speak('linyue', to, '这款净值会波动')).toBeDefined()
  const update = { rule_id, word_list: ['稳赚'], extra_rule: { semantics_list: [1] } }
  expect((await post('externalcontact/update_intercept_rule', update)).errcode).toBe(0)
  expect(await post('externalcontact/get_intercept_rule', { rule_id })).toMatchObject({
    rule: {
      word_list: ['稳赚'],
      extra_rule: { semantics_list: [1] },
      applicable_range: { user_list: ['linyue'] },
    },
  })
  expect(sim.world.speak('linyue', to, '我的号码 13812345678')).toBeUndefined()
  for (let i = 1; i < 100; i++) expect(await add({ rule_name: `第${i}条` })).toBe(0)
  expect(await add({ rule_name: '再一条' })).toBe(41069)
  expect((await get('externalcontact/get_intercept_rule_list')).rule_list).toHaveLength(100)
  expect((await post('externalcontact/del_intercept_rule', { rule_id })).errcode).toBe(0)
  expect((await post('externalcontact/get_intercept_rule', { rule_id })).errcode).toBe(41071)
  expect((await post('externalcontact/get_intercept_rule', { rule_id: 'none' })).errcode).toBe(41070)
})

test('statistics are counted from what was said', async () => {
  const { post, sim } = calls
  const { world } = sim
  const to = own[6] ?? ''
  now += DAY
  const midnight = Math.floor((now + 8 * HOUR) / DAY) * 86_400 - 8 * 3600
  world.emit({ from: to, tolist: ['linyue'], roomid: '', msgtype: 'text', text: { content: '在吗' } })
  now += 5 * 60_000
  world.speak('linyue', { external: to }, '在的')
  world.deleteFollow('linyue', own[7] ?? '')
  world.addContact('linyue', world.newContact(), { addWay: 2 })
  const ask = { userid: ['linyue'], start_time: midnight, end_time: midnight }
  expect(await post('externalcontact/get_user_behavior_data', ask)).toMatchObject({
    behavior_data: [
      {
        stat_time: midnight,
        chat_cnt: 1,
        message_cnt: 1,
        reply_percentage: 100,
        avg_reply_time: 5,
        negative_feedback_cnt: 1,
        new_apply_cnt: 1,
        new_contact_cnt: 1,
      },
    ],
  })
  const bad = async (change: object): Promise<number> =>
    (await post('externalcontact/get_user_behavior_data', { ...ask, ...change })).errcode
  expect(await bad({ start_time: midnight + 1 })).toBe(600018)
  expect(await bad({ start_time: midnight - 31 * 86_400 })).toBe(600018)
  expect(await bad({ start_time: midnight - 181 * 86_400, end_time: midnight - 181 * 86_400 })).toBe(600018)
  expect(await bad({ userid: [] })).toBe(40063)
  expect(await bad({ userid: Array(101).fill('linyue') })).toBe(81017)
  expect(await bad({ partyid: [999] })).toBe(60123)
  expect(await bad({ start_time: 'x' })).toBe(40058)
  const owner = world.people.rooms.find(one => one.external)?.owner ?? ''
  const groups = { day_begin_time: midnight, owner_filter: { userid_list: [owner] } }
  expect(await post('externalcontact/groupchat/statistic', groups)).toMatchObject({
    total: 1,
    items: [{ owner }],
  })
  expect(await post('externalcontact/groupchat/statistic_group_by_day', groups)).toMatchObject({
    items: [{ stat_time: midnight }],
  })
  const many = { ...groups, owner_filter: { userid_list: Array(101).fill(owner) } }
  expect((await post('externalcontact/groupchat/statistic', many)).errcode).toBe(81017)
})

test('cards are clicked, answered once and forgotten after 72 hours; bad ones are refused', async () => {
  const { post, sim } = calls
  const { agentid } = sim.world.office
  const card = (task_id: string): Record<string, unknown> => ({
    card_type: 'button_interaction',
    main_title: { title: '群发审批' },
    task_id,
    button_list: [
      { text: '通过', style: 1, key: 'approve' },
      { text: '驳回', style: 3, key: 'reject' },
    ],
  })
  const send = (template_card: object, touser = 'linyue|nobody'): ReturnType<Calls['post']> =>
    post('message/send', { touser, msgtype: 'template_card', agentid, template_card })
  const sent = await send(card('appr-1'))
  expect(sent).toMatchObject({ errcode: 0, invaliduser: 'nobody', response_code: expect.any(String) })
  expect(sim.world.clickCard({ userid: 'linyue', taskId: 'appr-1', key: 'else' })).toBe(false)
  expect(sim.world.clickCard({ userid: 'linyue', taskId: 'appr-1', key: 'approve' })).toBe(true)
  const click = told.findLast(one => one.type === 'template_card_event')
  expect(click).toMatchObject({
    from: 'linyue',
    fields: { EventKey: 'approve', TaskId: 'appr-1', AgentID: agentid },
  })
  const update = (response_code: unknown): ReturnType<Calls['post']> =>
    post('message/update_template_card', {
      userids: ['linyue'],
      agentid,
      response_code,
      button: { replace_name: '已通过' },
    })
  expect((await update(click?.fields.ResponseCode)).errcode).toBe(0)
  expect((await update(click?.fields.ResponseCode)).errcode).toBe(42050)
  expect((await update('never')).errcode).toBe(42049)
  expect(sim.world.clickCard({ userid: 'linyue', taskId: 'appr-1', key: 'approve' })).toBe(false)
  now += 72 * HOUR
  expect((await update(sent.response_code)).errcode).toBe(42051)
  expect((await send(card('appr-1'))).errcode).toBe(42015)
  expect((await send(card('含空格 不行'))).errcode).toBe(42014)
  expect((await send({ ...card('b'), button_list: Array(7).fill({ text: 'x', key: 'x' }) })).errcode).toBe(
    42020,
  )
  expect((await send({ ...card('c'), main_title: {} })).errcode).toBe(42018)
  expect((await send({ ...card('d'), card_type: 'none' })).errcode).toBe(42016)
  expect((await send(card('e'), 'nobody')).errcode).toBe(81013)
  const text = { touser: 'linyue', msgtype: 'text', text: { content: '提醒' } }
  expect((await post('message/send', { ...text, agentid: 7 })).errcode).toBe(301002)
  expect((await post('message/send', { ...text, msgtype: 'smoke', agentid })).errcode).toBe(40008)
  expect((await post('message/send', { ...text, agentid: '7' })).errcode).toBe(40058)
  for (let i = 0; i < 31; i++) await post('message/send', { ...text, text: { content: `第${i}` }, agentid })
  expect(sim.world.office.appMessages.all().at(-1)).toMatchObject({ to: [], dropped: ['linyue'] })
  const { msgid } = await post('message/send', { ...text, agentid })
  expect((await post('message/recall', { msgid })).errcode).toBe(0)
})
