import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Answer, type Calls, simulator } from '../test/support/simulator.ts'
import { film } from './media-film.ts'
import { chartPng } from './media-image.ts'
import { createRng } from './rng.ts'
import { speech } from './voice.ts'

type Fixture = {
  path: string
  method: 'GET' | 'POST'
  request: Record<string, unknown>
  reply: Record<string, unknown>
}
const file = new URL('../test/fixtures/wecom/endpoints.json', import.meta.url)
const fixtures = JSON.parse(readFileSync(file, 'utf8')) as Fixture[]
const rng = createRng('fixtures')
const BYTES = {
  image: chartPng(rng),
  voice: speech(rng, 3),
  video: film(rng, 1),
  file: Buffer.from('公告全文'),
}
const DAY = 86_400_000
let now = Date.UTC(2026, 10, 2, 2)
let calls: Calls
/** What stands for each name in the reference's examples. */
let ids: Record<string, unknown> = {}

/** What the reference shows in one example though no one reply holds it all, or only older applications get it. */
const MAY_LACK: Record<string, readonly string[]> = {
  'externalcontact/get': [
    'wechat_channels',
    'position',
    'corp_name',
    'corp_full_name',
    'external_profile',
    'unionid',
  ],
  'externalcontact/batch/get_by_user': [
    'remark_corp_name',
    'remark_mobiles',
    'tag_id',
    'position',
    'corp_name',
    'corp_full_name',
    'external_profile',
    'unionid',
  ],
  'externalcontact/groupchat/list': ['next_cursor'],
  'externalcontact/groupchat/get': ['invitor', 'unionid'],
  'externalcontact/get_groupmsg_send_result': ['chat_id', 'external_userid', 'send_time'],
  'externalcontact/get_groupmsg_task': ['send_time'],
  'externalcontact/get_groupmsg_list_v2': [
    'attachments',
    'pic_url',
    'image',
    'link',
    'miniprogram',
    'video',
    'file',
  ],
  'externalcontact/get_moment_list': ['image', 'video', 'link', 'location'],
  'externalcontact/get_intercept_rule': ['create_time', 'semantics_list', 'extra_rule'],
  'externalcontact/get_user_behavior_data': ['reply_percentage', 'avg_reply_time'],
  'message/send': ['response_code'],
  'externalcontact/add_msg_template': ['fail_list'],
  'tag/get': ['partylist'],
  'agent/get': ['user', 'tagid'],
  'department/list': ['name_en'],
  ...Object.fromEntries(
    ['user/get', 'user/list'].map(path => [
      path,
      // Applications made since 2022-06-20 do not get these (wecom-api.md §8.1).
      [
        'direct_leader',
        'attrs',
        'mobile',
        'gender',
        'email',
        'biz_mail',
        'avatar',
        'thumb_avatar',
        'address',
        'open_userid',
        'qr_code',
        'external_position',
        'external_profile',
      ],
    ]),
  ),
}
/** Either of two shapes. */
const EITHER = ['userid', 'external_userid', 'partyid', 'user_ticket', 'openid']

function differences(actual: unknown, wanted: unknown, lack: readonly string[], at: string): string[] {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(actual)) return [`${at} is no list`]
    if (wanted.length > 0 && actual.length === 0)
      return lack.includes(at.split('.').at(-1) ?? '') ? [] : [`${at} is empty`]
    const shapes = wanted.length === 0 ? [] : wanted
    return actual.flatMap((one, index) => {
      const found = shapes.map(shape => differences(one, shape, lack, `${at}[${index}]`))
      return found.length === 0 || found.some(list => list.length === 0) ? [] : (found[0] ?? [])
    })
  }
  if (typeof wanted !== 'object' || wanted === null)
    return typeof actual === typeof wanted ? [] : [`${at} is ${typeof actual}, not ${typeof wanted}`]
  if (typeof actual !== 'object' || actual === null || Array.isArray(actual)) return [`${at} is no object`]
  const [has, want] = [actual as Record<string, unknown>, wanted as Record<string, unknown>]
  const missing = Object.keys(want).filter(key => !(key in has) && !lack.includes(key))
  const extra = Object.keys(has).filter(key => !(key in want) && !lack.includes(key))
  const inside = Object.keys(want).filter(key => key in has)
  return [
    ...missing.map(key => `${at}.${key} is missing`),
    ...extra.map(key => `${at}.${key} is invented`),
    ...inside.flatMap(key => differences(has[key], want[key], lack, `${at}.${key}`)),
  ]
}

function swapped(value: unknown, own: Record<string, unknown>): unknown {
  if (Array.isArray(value)) return value.map(one => swapped(one, own))
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([key, one]) => [key, key in own ? own[key] : swapped(one, own)])
  return Object.fromEntries(entries)
}

async function uploaded(kind: keyof typeof BYTES, path: string, query: object): Promise<unknown> {
  return (await calls.upload(path, { ...query }, `a.${kind}`, BYTES[kind])).media_id
}

beforeAll(async () => {
  calls = await simulator({ seed: 'fixtures', now: () => now })
  const { world } = calls.sim
  const { post } = calls
  const mine = world.people.contacts.filter(one => one.follows.some(f => f.userid === 'linyue'))
  const room = world.people.rooms.find(one => one.external)
  const [first, second] = world.people.advisers
    .map(one => one.userid)
    .filter(id => id !== room?.owner && id !== 'linyue')
  const external = mine[0]?.id ?? ''
  const follow = mine[0]?.follows.find(one => one.userid === 'linyue')
  if (follow)
    Object.assign(follow, {
      remarkCompany: '腾讯科技',
      remarkMobiles: ['13800000001'],
      tags: [...follow.tags],
    })
  const text = { content: '文' }
  const tag = world.office.tags.groups()[0]?.tags.find(one => follow?.tags.includes(one.name))?.id
  const member = {
    userid: 'linyue',
    user_list: ['linyue', first],
    userid_list: ['linyue'],
    user: ['linyue'],
    admin_list: ['linyue', first],
  }
  ids = {
    ...member,
    creator: 'linyue',
    sender: 'linyue',
    handover_userid: 'linyue',
    takeover_userid: first,
    new_owner: second,
    external_userid: external,
    exteranalopenid: external,
    chat_id: room?.id,
    chat_id_list: [room?.id],
    roomid: room?.id,
    agentid: world.office.agentid,
    partyid: 11,
    department_list: [11],
    party: [11],
    parent_id: 0,
    tag_list: [tag],
    cursor: '',
    unionid: 'oz',
    department_id: 11,
  }
  const image = await uploaded('image', 'media/upload', { type: 'image' })
  ids.media_id = ids.pic_media_id = ids.remark_pic_mediaid = image
  const send = await post('externalcontact/add_msg_template', { sender: 'linyue', text })
  ids.msgid = send.msgid
  now += 5000
  world.confirmSend(String(send.msgid), 'linyue')
  world.personalSend({
    creator: 'linyue',
    chatType: 'single',
    said: { text, attachments: [] },
    allowSelect: false,
    parts: [{ userid: 'linyue', targets: [external] }],
  })
  const moment = world.personalMoment('linyue', { text: '文', attachments: [] })
  ids.moment_id = moment.momentId
  for (const by of [external, 'linyue'])
    for (const kind of ['comments', 'likes'] as const)
      world.office.moments.comment(moment.momentId, 'linyue', by, kind)
  ids.jobid = (await post('externalcontact/add_moment_task', { text })).jobid
  const range = { user_list: ['linyue'], department_list: [11] }
  const rule = {
    rule_name: '规则',
    word_list: ['词'],
    semantics_list: [1],
    intercept_type: 1,
    applicable_range: range,
  }
  ids.rule_id = (await post('externalcontact/add_intercept_rule', rule)).rule_id
  ids.start_time = ids.day_begin_time = Math.floor((now + 8 * 3_600_000) / DAY) * 86_400 - 8 * 3600
  ids.end_time = ids.day_end_time = ids.start_time
  now += 60_000
})
afterAll(() => calls.sim.close())

/** Some calls need a thing of their own, made just before. */
async function ownIds({ path, request, reply }: Fixture): Promise<Record<string, unknown>> {
  const { world } = calls.sim
  const { post } = calls
  const name = path.replace('/cgi-bin/', '')
  const listing = { start_time: Math.floor(now / 1000) - 3600, end_time: Math.floor(now / 1000) + 3600 }
  const made = async (id: string, add: string, key = id): Promise<Record<string, unknown>> => {
    const { request: body } = fixtures.find(one => one.path === `/cgi-bin/${add}`) ?? { request: {} }
    const given = { path: `/cgi-bin/${add}`, method: 'POST', request: body, reply: {} } as Fixture
    const answer = await post(add, swapped(body, { ...ids, ...(await ownIds(given)) }))
    return { [id]: key.split('.').reduce<unknown>((value, part) => (value as Answer)[part], answer) }
  }
  const inGroup = { ...listing, order: 0 }
  if (/list_v2|moment_list$|list_contact_way/.test(name)) return { ...inGroup, filter_type: 1 }
  if (/product_album$/.test(name) || name.endsWith('product_album_list')) {
    const media_id = await uploaded('image', 'media/upload_attachment', {
      media_type: 'image',
      attachment_type: 2,
    })
    if (name.includes('add_')) return { media_id }
    return { ...(await made('product_id', 'externalcontact/add_product_album')), media_id }
  }
  if (name === 'externalcontact/add_moment_task') {
    const kind = JSON.stringify(request).includes('"video"') ? 'video' : 'image'
    return {
      media_id: await uploaded(kind, 'media/upload_attachment', { media_type: kind, attachment_type: 1 }),
    }
  }
  if (/strategy\/(get|get_range|edit|del|list)$/.test(name))
    return made('strategy_id', name.replace(/\/\w+$/, '/create'))
  if (/(get|update|del|list)_join_way/.test(name))
    return made('config_id', 'externalcontact/groupchat/add_join_way')
  if (/(get|update|del|list)_contact_way/.test(name))
    return made('config_id', 'externalcontact/add_contact_way')
  if (/welcome_template\/(get|edit|del)/.test(name))
    return made('template_id', 'externalcontact/group_welcome_template/add')
  if (/acquisition\/(get|update_link|delete_link|customer|list_link|statistic)$/.test(name)) {
    const found = await made('link_id', 'externalcontact/customer_acquisition/create_link', 'link.link_id')
    world.addContact('linyue', world.newContact(), { state: String(found.link_id) })
    return name.endsWith('statistic') ? { ...found, ...listing } : found
  }
  return { ...(await peopleIds(name, reply)), ...(await messageIds(name)) }
}

async function peopleIds(name: string, reply: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { world } = calls.sim
  const { post, get } = calls
  const leaver = async (): Promise<string> => {
    const userid = `leaver${world.people.employees.length}x${rng.digits(6)}`
    world.createUser({ userid, name: '离职', department: 11 })
    ids.left = world.newContact()
    world.addContact(userid, String(ids.left))
    world.deleteUser(userid)
    return userid
  }
  if (/transfer_customer|transfer_result/.test(name)) {
    const handover_userid = name.includes('resigned') ? await leaver() : 'linyue'
    const external = name.includes('resigned') ? String(ids.left) : world.newContact()
    if (!name.includes('resigned')) world.addContact('linyue', external)
    const order = {
      handover_userid,
      takeover_userid: ids.takeover_userid,
      external_userid: [external, 'wmUnknown'],
    }
    if (!name.endsWith('result')) return order
    await post(`externalcontact/${name.includes('resigned') ? 'resigned/' : ''}transfer_customer`, order)
    return { handover_userid, takeover_userid: ids.takeover_userid }
  }
  if (name === 'externalcontact/get_unassigned_list') {
    await leaver()
  }
  if (/groupchat\/(onjob_)?transfer$/.test(name)) return { chat_id_list: ['wrNone'] }
  if (name === 'msgaudit/groupchat/get') return { roomid: world.people.rooms.find(one => !one.external)?.id }
  if (name === 'agent/get' || name.startsWith('message/')) return {}
  if (name === 'user/getuserid') {
    world.updateUser('linyue', { mobile: '13800000000' })
    return {}
  }
  if (/corp_tag|mark_tag/.test(name)) {
    const made = await post('externalcontact/add_corp_tag', {
      group_name: rng.id(6),
      tag: [{ name: rng.id(8) }, { name: rng.id(8) }],
    })
    const { group_id, tag } = made.tag_group as { group_id: string; tag: { id: string }[] }
    const [a, b] = tag.map(one => one.id)
    return {
      tag_id: [a],
      group_id: [group_id],
      id: a,
      add_tag: [a],
      remove_tag: [b],
      ...(name.includes('edit') ? { name: rng.id(8) } : {}),
    }
  }
  if (name.endsWith('getuserinfo') || name.endsWith('getuserdetail')) {
    const visitor = 'openid' in reply ? { openid: 'o', external_userid: 'wm' } : { userid: 'linyue' }
    const code = world.office.sso.code(visitor, 'snsapi_privateinfo')
    return name.endsWith('detail')
      ? { user_ticket: (await get('auth/getuserinfo', { code })).user_ticket }
      : { code }
  }
  if (name === 'externalcontact/list' || name.startsWith('department')) return { userid: 'linyue', id: 11 }
  return {}
}

async function messageIds(name: string): Promise<Record<string, unknown>> {
  const { world } = calls.sim
  const { post } = calls
  if (name === 'externalcontact/add_msg_template') return { tag_filter: undefined }
  if (name === 'externalcontact/send_welcome_msg')
    return { welcome_code: world.addContact('linyue', world.newContact())?.welcomeCode }
  if (name === 'externalcontact/cancel_moment_task') {
    const { jobid } = await post('externalcontact/add_moment_task', { text: { content: '文' } })
    return { moment_id: world.office.moments.job(String(jobid))?.job.momentId }
  }
  if (name === 'externalcontact/add_intercept_rule') return { rule_name: '新规则' }
  if (name === 'externalcontact/update_intercept_rule') return { remove_applicable_range: {} }
  if (name === 'externalcontact/get_user_behavior_data') return { userid: ['linyue'], partyid: [11] }
  if (name === 'message/send') return { touser: 'linyue|userid1' }
  if (name === 'message/recall' || name === 'message/update_template_card') {
    const request = fixtures.findLast(one => one.path === '/cgi-bin/message/send')?.request ?? {}
    const card = { ...(request.template_card as object), task_id: rng.id(9) }
    const sent = await post('message/send', {
      ...request,
      agentid: ids.agentid,
      touser: 'linyue',
      template_card: card,
    })
    return { msgid: sent.msgid, response_code: sent.response_code, userids: ['linyue'] }
  }
  return {}
}

async function replyTo(one: Fixture): Promise<Answer> {
  const name = one.path.replace('/cgi-bin/', '')
  const { sim, get, post, upload, url } = calls
  if (name === 'gettoken') {
    const secrets = new URLSearchParams({ corpid: sim.world.corpid, corpsecret: sim.world.secrets.app })
    return (await (await fetch(`${sim.url}/cgi-bin/gettoken?${secrets}`)).json()) as Answer
  }
  const own = { ...ids, ...(await ownIds(one)) }
  const request = swapped(one.request, own) as Record<string, unknown>
  // A media kind of its own for each attachment that names one.
  if (/add_msg_template|send_welcome_msg/.test(name)) await attachKinds(request)
  if (name.startsWith('media/upload')) return upload(name, one.request, 'a.png', BYTES.image)
  if (name === 'media/get') {
    const answer = await fetch(await url(name, request))
    return {
      errcode: (await answer.arrayBuffer()).byteLength === BYTES.image.length ? 0 : 40007,
      errmsg: 'ok',
    }
  }
  const secret = name.startsWith('msgaudit/') ? 'archive' : name === 'user/list_id' ? 'sync' : 'app'
  const lists = Object.entries(request).filter(
    ([key]) => key === 'external_userid' && name.includes('add_msg_template'),
  )
  for (const [key, value] of lists) request[key] = [value].flat()
  return one.method === 'GET' ? get(name, request, secret) : post(name, request, secret)
}

async function attachKinds(request: Record<string, unknown>): Promise<void> {
  const attachments = request.attachments as Record<string, { media_id?: string }>[]
  for (const one of attachments)
    for (const kind of ['video', 'file'] as const)
      if (one[kind]) one[kind].media_id = String(await uploaded(kind, 'media/upload', { type: kind }))
}

test.each(fixtures.map((one, index) => [`${index} ${one.path}`, one] as const))(
  'the example of %s is answered in the same shape',
  async (_, one) => {
    const reply = await replyTo(one)
    expect(reply).toMatchObject({ errcode: 0 })
    const lack = [
      ...(MAY_LACK[one.path.replace('/cgi-bin/', '')] ?? []),
      ...(JSON.stringify(one.reply).includes('"type"') ||
      one.path.includes('comments') ||
      one.path.includes('getuserinfo')
        ? EITHER
        : []),
    ]
    expect(differences(reply, one.reply, lack, '')).toEqual([])
  },
)
