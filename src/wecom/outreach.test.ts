import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createWecomClient } from './client.ts'
import { type WecomOutreach, wecomOutreach } from './outreach.ts'

/** What WeCom answers, path by path, in the words of its own examples (wecom-api.md §§1.1, 4.1, 4.2, 5.1). */
const answers = new Map<string, unknown[]>()
const asked: { path: string; body: unknown }[] = []
const server = createServer(async (request, response) => {
  const path = new URL(request.url ?? '', 'http://x').pathname.replace('/cgi-bin/', '')
  const body = await textOf(request)
  if (path !== 'gettoken') asked.push({ path, body: body === '' ? null : JSON.parse(body) })
  const next = path === 'gettoken' ? { access_token: 't', expires_in: 7200 } : answers.get(path)?.shift()
  response.end(JSON.stringify({ errcode: 0, errmsg: 'ok', ...(next as object) }))
})
let outreach: WecomOutreach
beforeAll(async () => {
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  const apiBase = `http://127.0.0.1:${port}`
  const client = createWecomClient({ apiBase, corpid: 'ww', wait: async () => {} })
  outreach = wecomOutreach(client, { archive: 'archive', contact: 'secret' })
})
afterAll(() => void server.close())
beforeEach(() => {
  asked.length = 0
  answers.clear()
})

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

test('a welcome message carries the code and the text, and is tried again only while WeCom is busy', async () => {
  answers.set('externalcontact/send_welcome_msg', [{ errcode: -1 }, { errcode: 0 }])
  await outreach.welcome('CODE', '告知')
  expect(asked).toHaveLength(2)
  expect(asked[1]?.body).toEqual({ welcome_code: 'CODE', text: { content: '告知' } })
  answers.set('externalcontact/send_welcome_msg', [{ errcode: 41050 }])
  await expect(outreach.welcome('CODE', '告知')).rejects.toMatchObject({ details: { errcode: 41050 } })
})

test('a task is asked for again only while WeCom is busy, and one without an id is none', async () => {
  answers.set('externalcontact/add_msg_template', [{ errcode: -1 }, { fail_list: ['wrGroup'] }])
  await expect(outreach.groupTask('zhangsan', 'wrGroup', '告知')).rejects.toMatchObject({
    code: 'wecom.unreadable',
  })
  expect(asked).toHaveLength(2)
})

test('a group gets a task for its owner, who has sent it or not', async () => {
  answers.set('externalcontact/add_msg_template', [{ fail_list: [], msgid: 'msgGCAAAXtWyujaWJHDDGi0mAAAA' }])
  const task = await outreach.groupTask('zhangsan', 'wrGroup', '告知')
  expect(asked[0]?.body).toEqual({
    chat_type: 'group',
    sender: 'zhangsan',
    chat_id_list: ['wrGroup'],
    text: { content: '告知' },
  })
  const sent = (status: number) => ({ send_list: [{ chat_id: 'wrGroup', userid: 'zhangsan', status }] })
  answers.set('externalcontact/get_groupmsg_send_result', [{ errcode: 41063 }, sent(0), sent(1), sent(3)])
  const states = []
  for (let i = 0; i < 4; i += 1) states.push(await outreach.groupTaskState(task, 'zhangsan', 'wrGroup'))
  expect(states).toEqual(['waiting', 'waiting', 'sent', 'failed'])
})

test('one customer comes with all followers, page by page; who is no customer any more is nobody', async () => {
  const external_contact = { external_userid: 'wmA', name: '李四', type: 2, corp_name: '腾讯' }
  const follower = (userid: string) => ({ userid, remark: '李部长', createtime: 1525779812, add_way: 10 })
  answers.set('externalcontact/get', [
    { external_contact, follow_user: [follower('rocky')], next_cursor: 'NEXT' },
    { external_contact, follow_user: [follower('tom')] },
    { errcode: 84061 },
    { errcode: 40096 },
  ])
  const found = await outreach.contact('wmA')
  expect(found.map(one => [one.externalUserid, one.follow.userid, one.follow.addedAt])).toEqual([
    ['wmA', 'rocky', 1525779812000],
    ['wmA', 'tom', 1525779812000],
  ])
  expect(await outreach.contact('wmA')).toEqual([])
  expect(await outreach.contact('wmA')).toEqual([])
})

test('one group comes with its members, and a group that is gone is null', async () => {
  const member_list = [{ userid: 'abel', type: 1, join_time: 1572505491, join_scene: 3, name: '张三丰' }]
  answers.set('externalcontact/groupchat/get', [
    { group_chat: { chat_id: 'wr', name: '群', owner: 'abel', create_time: 1572505490, member_list } },
    { errcode: 90501 },
  ])
  expect(await outreach.group('wr')).toMatchObject({
    owner: 'abel',
    members: [{ id: 'abel', joinedAt: 1572505491000, scene: 3 }],
  })
  expect(await outreach.group('wr')).toBeNull()
})
