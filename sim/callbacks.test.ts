import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decrypt, getSignature } from '@wecom/crypto'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { FaultKind } from './faults.ts'
import { createWorld, type World } from './world.ts'

const TOKEN = 'QDG6eK'
const KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C'
type Got = { signed: boolean; user: string; timestamp: number; body: string; agentId: string }
type Answer = (request: IncomingMessage, response: ServerResponse, nth: number) => void

let receiver: Server
let got: Got[]
let answer: Answer
let world: World
const ok: Answer = (_, response) => void response.end('success')

/** The operator's side, with Tencent's own package for the crypto. */
function receive(request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '', 'http://receiver')
  const query = (name: string): string => url.searchParams.get(name) ?? ''
  const signed = (sealed: string): boolean =>
    getSignature(TOKEN, query('timestamp'), query('nonce'), sealed) === query('msg_signature')
  if (request.method === 'GET') {
    const echo = query('echostr')
    response.end(signed(echo) ? decrypt(KEY, echo).message : 'no')
    return
  }
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const body = Buffer.concat(chunks).toString()
    const sealed = /<Encrypt><!\[CDATA\[(.*)\]\]><\/Encrypt>/.exec(body)?.[1] ?? ''
    const plain = sealed === '' ? '' : decrypt(KEY, sealed).message
    got.push({
      signed: signed(sealed),
      user: /<UserID><!\[CDATA\[(.*?)\]\]>/.exec(plain)?.[1] ?? '',
      timestamp: Number(query('timestamp')),
      body,
      agentId: /<AgentID>(?:<!\[CDATA\[)?(\d+)/.exec(body)?.[1] ?? '',
    })
    answer(request, response, got.length)
  })
}

beforeEach(async () => {
  got = []
  answer = ok
  receiver = createServer(receive)
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve))
  const { port } = receiver.address() as AddressInfo
  world = createWorld({
    seed: 'callbacks',
    publicKeys: [],
    callback: { url: `http://127.0.0.1:${port}/wecom?app=1`, token: TOKEN, aesKey: KEY, retryMs: 1 },
  })
})
afterEach(async () => {
  world.close()
  receiver.closeAllConnections()
  await new Promise(resolve => receiver.close(resolve))
})

function tell(user: string): void {
  world.tell({ type: 'change_contact.update_user', fields: { UserID: user }, at: world.now() })
}
async function meet(kind: FaultKind, more: object = {}): Promise<string[]> {
  world.faults.add({ kind, ...more })
  for (const user of ['a', 'b', 'c']) tell(user)
  await world.callbacks.idle()
  return got.filter(one => one.signed).map(one => one.user)
}

test('the address is verified with a sealed echostr, and one that does not answer is not', async () => {
  expect(await world.callbacks.verify()).toEqual({ ok: true, why: '' })
  const target = world.callbacks.target()
  expect(target).toBeDefined()
  if (!target) return
  const other = { ...target, token: 'other' }
  expect(await world.callbacks.verify(other)).toMatchObject({ ok: false })
  expect(await world.callbacks.verify({ ...target, url: 'http://127.0.0.1:1/' })).toMatchObject({ ok: false })
})

test('events arrive in order, signed, with AgentID only where one belongs', async () => {
  for (const user of ['a', 'b', 'c']) tell(user)
  world.tell({ type: 'msgaudit_notify', fields: {}, at: world.now(), agentId: 2_000_004 })
  await world.callbacks.idle()
  expect(got.map(one => [one.signed, one.user, one.agentId])).toEqual([
    [true, 'a', ''],
    [true, 'b', ''],
    [true, 'c', ''],
    [true, '', '2000004'],
  ])
})

test('what is not answered 200 is sent three times in all, the same bytes, and then given up', async () => {
  answer = (_, response) => void response.writeHead(500).end()
  tell('a')
  await world.callbacks.idle()
  expect(got.map(one => one.body)).toEqual(Array(3).fill(got[0]?.body))
  const [delivery] = world.journal.deliveries(1)
  expect(delivery).toMatchObject({ outcome: 'failed' })
  expect(delivery?.attempts.map(one => one.status)).toEqual([500, 500, 500])
})

test('a receiver that recovers gets it, and one that is too slow gets it again', async () => {
  const target = world.callbacks.target()
  if (target) world.callbacks.configure({ ...target, timeoutMs: 60 })
  answer = (request, response, nth) => (nth > 1 ? ok(request, response, nth) : undefined)
  tell('a')
  await world.callbacks.idle()
  const [delivery] = world.journal.deliveries(1)
  expect(delivery).toMatchObject({ outcome: 'received', attempts: [{ error: 'timeout' }, { status: 200 }] })
  expect(got).toHaveLength(2)
})

test('lost, duplicated, out of order, slow and forged ones are what they are called', async () => {
  expect(await meet('callback_lost')).toEqual(['b', 'c'])
  got = []
  expect(await meet('callback_duplicate')).toEqual(['a', 'a', 'b', 'c'])
  // Sealed afresh: comparing bytes does not show the duplicate.
  expect(got[0]?.body).not.toBe(got[1]?.body)
  got = []
  expect(await meet('callback_out_of_order')).toEqual(['b', 'a', 'c'])
  got = []
  expect(await meet('callback_slow', { delayMs: 50 })).toEqual(['b', 'c', 'a'])
  got = []
  expect(await meet('callback_forged')).toEqual(['b', 'c'])
  expect(got).toHaveLength(3)
  expect(world.faults.injected()).toEqual({
    callback_duplicate: 1,
    callback_forged: 1,
    callback_lost: 1,
    callback_out_of_order: 1,
    callback_slow: 1,
  })
})

test('a truncated one that is refused comes whole the second time', async () => {
  answer = (_, response) => void response.writeHead(got.at(-1)?.signed ? 200 : 400).end()
  expect((await meet('callback_truncated')).toSorted()).toEqual(['a', 'b', 'c'])
  expect(got).toHaveLength(4)
})

test('one held back to the end still arrives', async () => {
  world.faults.add({ kind: 'callback_out_of_order' })
  tell('a')
  await world.callbacks.idle()
  expect(got.map(one => one.user)).toEqual(['a'])
})

test('a wrong clock shows in the timestamp', async () => {
  world.faults.add({ kind: 'clock_skew', skewMs: -600_000 })
  tell('a')
  tell('b')
  await world.callbacks.idle()
  const [first, second] = got
  expect((second?.timestamp ?? 0) - (first?.timestamp ?? 0)).toBeGreaterThanOrEqual(600)
})

test('talk in the archive rings once in 15 seconds', async () => {
  const say = (): unknown =>
    world.emit({ from: 'linyue', tolist: ['x'], msgtype: 'text', text: { content: '早' } })
  for (let i = 0; i < 10; i++) say()
  await world.callbacks.idle()
  expect(got.map(one => one.agentId)).toEqual(['2000004'])
  world.time.advance(15_000)
  await world.callbacks.idle()
  expect(got).toHaveLength(2)
})
