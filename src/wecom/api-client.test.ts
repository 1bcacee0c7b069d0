import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { wecom } from './api/index.ts'
import { wecomApi } from './api-client.ts'
import { createWecomClient } from './client.ts'

type Asked = { path: string; query: URLSearchParams; type: string; body: string }
type Reply = object | { file: Buffer; type: string; name?: string }

/** A WeCom that answers what it is told, in order, and remembers what it was asked. */
async function scripted(replies: Reply[]) {
  const asked: Asked[] = []
  const server = createServer(async (request: IncomingMessage, response) => {
    const url = new URL(request.url ?? '', 'http://x')
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString('latin1')
    if (url.pathname.endsWith('/gettoken')) {
      response.end(JSON.stringify({ errcode: 0, access_token: 'TOKEN', expires_in: 7200 }))
      return
    }
    const type = request.headers['content-type'] ?? ''
    asked.push({ path: url.pathname, query: url.searchParams, type, body })
    const reply = replies.shift() ?? { errcode: -1 }
    if ('file' in reply) {
      const disposition = reply.name ? { 'content-disposition': `attachment; filename="${reply.name}"` } : {}
      response.writeHead(200, { 'content-type': reply.type, ...disposition }).end(reply.file)
    } else {
      response.setHeader('content-type', 'application/json; charset=UTF-8').end(JSON.stringify(reply))
    }
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => new Promise<void>(done => void server.close(() => done())))
  const waits: number[] = []
  const client = createWecomClient({
    apiBase: `http://127.0.0.1:${(server.address() as AddressInfo).port}/behind/`,
    corpid: 'ww1',
    wait: async ms => void waits.push(ms),
  })
  return { api: wecomApi(client, { archive: 'ARCHIVE', contact: 'APP' }), asked, waits }
}
const bodies = (asked: Asked[]) => asked.map(one => JSON.parse(one.body))

test('a private address keeps its path, a GET has its fields in the query, the answer all of its fields', async () => {
  const { api, asked } = await scripted([{ errcode: 0, userid: 'zhang', new_field: 7 }])
  expect(await api.ask(wecom.directory.member, { userid: 'zhang san&x=1' })).toMatchObject({ new_field: 7 })
  expect(asked[0]?.path).toBe('/behind/cgi-bin/user/get')
  expect(Object.fromEntries(asked[0]?.query ?? [])).toEqual({
    userid: 'zhang san&x=1',
    access_token: 'TOKEN',
  })
})

test('what breaks a rule of the endpoint is not sent', async () => {
  const { api, asked } = await scripted([])
  const fault = await api
    .ask(wecom.intercept.add, {
      rule_name: 'r',
      word_list: ['词'.repeat(33)],
      intercept_type: 1,
      applicable_range: { user_list: ['a'] },
    })
    .catch(error => error)
  expect(fault).toMatchObject({
    code: 'request.invalid',
    details: { api: 'externalcontact/add_intercept_rule' },
  })
  expect(fault.details.fields).toBe('word_list.0: at most 32 characters')
  expect(asked).toEqual([])
})

test('pages follow the cursor, or the offset, and end', async () => {
  const { api, asked } = await scripted([
    { errcode: 0, task_list: [{ userid: 'a', status: 2 }], next_cursor: 'c1' },
    { errcode: 0, task_list: [{ userid: 'b', status: 0 }], next_cursor: '' },
    { errcode: 0, total: 3, next_offset: 2, items: [] },
    { errcode: 0, total: 3, next_offset: 3, items: [] },
    { errcode: 84061, errmsg: 'not external contact' },
  ])
  const tasks = await Array.fromAsync(api.pages(wecom.groupsend.tasks, { msgid: 'm' }))
  expect(tasks.flatMap(page => page.task_list ?? []).map(one => one.userid)).toEqual(['a', 'b'])
  const days = { day_begin_time: 1, day_end_time: 2 }
  expect(await Array.fromAsync(api.pages(wecom.statistics.groupsByOwner, days))).toHaveLength(2)
  const nobody = api.pages(wecom.contacts.ofMembers, { userid_list: ['a'] })
  expect(await Array.fromAsync(nobody)).toEqual([])
  expect(bodies(asked)).toEqual([
    { msgid: 'm', cursor: '' },
    { msgid: 'm', cursor: 'c1' },
    { ...days, offset: 0 },
    { ...days, offset: 2 },
    { userid_list: ['a'], cursor: '' },
  ])
})

test('a task still being handed out is an outcome, not an error', async () => {
  const ready = { errcode: 0, send_list: [] }
  const { api } = await scripted([{ errcode: 41063 }, { errcode: 41079 }, ready, { errcode: 41094 }])
  const ask = () => api.outcome(wecom.groupsend.results, { msgid: 'm', userid: 'a' })
  expect(await ask()).toEqual({ ready: false, errcode: 41063, retryAfter: 15 })
  expect(await ask()).toMatchObject({ ready: false, errcode: 41079 })
  expect(await ask()).toEqual({ ready: true, reply: ready })
  await expect(ask()).rejects.toMatchObject({ code: 'wecom.refused', details: { errcode: 41094 } })
})

test('a conflict makes the state be read again before it is written, four times at most', async () => {
  const conflict = { errcode: 6000 }
  const { api, asked } = await scripted([conflict, conflict, { errcode: 0, rule_id: 'r' }])
  let version = 0
  const rule = async () => ({
    rule_name: `v${++version}`,
    word_list: ['a'],
    intercept_type: 1 as const,
    applicable_range: { user_list: ['a'] },
  })
  expect(await api.revise(wecom.intercept.add, rule)).toMatchObject({ rule_id: 'r' })
  expect(bodies(asked).map(body => body.rule_name)).toEqual(['v1', 'v2', 'v3'])
  const stubborn = await scripted(Array.from({ length: 9 }, () => conflict))
  await expect(stubborn.api.revise(wecom.intercept.add, rule)).rejects.toMatchObject({
    details: { errcode: 6000 },
  })
  expect(stubborn.asked).toHaveLength(4)
})

test('busy, and a conflict, are tried again only where twice does no harm; too many at once always', async () => {
  const reading = await scripted([{ errcode: 6000 }, { errcode: -1 }, { errcode: 0, rule_list: [] }])
  await reading.api.ask(wecom.intercept.list, {})
  expect(reading.waits).toEqual([300, 1500])
  const send = { touser: 'a', msgtype: 'text', agentid: 1, text: { content: 'x' } }
  const writing = await scripted([{ errcode: 45033 }, { errcode: -1 }])
  await expect(writing.api.ask(wecom.messages.send, send)).rejects.toMatchObject({ details: { errcode: -1 } })
  expect([writing.waits, writing.asked.length]).toEqual([[300], 2])
})

test('a file goes up in one part named media, with its name and its bytes', async () => {
  const { api, asked } = await scripted([
    { errcode: 0, type: 'image', media_id: 'M', created_at: '1380000000' },
  ])
  const data = Buffer.from([0, 255, 13, 10, 45, 45, 128])
  const file = { name: 'a"\r\nb.png', contentType: 'image/png', data }
  expect(await api.upload(wecom.media.upload, { type: 'image' }, file)).toMatchObject({ media_id: 'M' })
  const { type, body, query } = asked[0] as Asked
  expect(query.get('type')).toBe('image')
  const form = await new Response(Buffer.from(body, 'latin1'), {
    headers: { 'content-type': type },
  }).formData()
  const part = form.get('media') as File
  expect([part.name, part.type, part.size]).toEqual(['a___b.png', 'image/png', data.length])
  expect(Buffer.from(await part.arrayBuffer()).equals(data)).toBe(true)
})

test('a file comes down as bytes, a refusal in its place as a refusal', async () => {
  const data = Buffer.from([255, 216, 0, 1, 2])
  const { api } = await scripted([
    { file: data, type: 'image/jpeg', name: 'a.jpg' },
    { file: Buffer.from('{"errcode":5}'), type: 'application/json', name: 'b.json' },
    { errcode: 40007, errmsg: 'invalid media_id' },
  ])
  const get = () => api.download(wecom.media.get, { media_id: 'M' })
  expect(await get()).toEqual({ data, contentType: 'image/jpeg', filename: 'a.jpg' })
  expect((await get()).data.toString()).toBe('{"errcode":5}')
  await expect(get()).rejects.toMatchObject({ code: 'wecom.refused', details: { errcode: 40007 } })
})
