import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { type FaultKind, type Sim, startSim } from '../../sim/index.ts'
import { withClock } from '../base/clock.ts'
import {
  createWecomClient,
  errcodeOf,
  limitWait,
  type WecomClientOptions,
  type WecomRequest,
} from './client.ts'

const followUsers: WecomRequest<{ follow_user: string[] }> = {
  method: 'GET',
  path: 'externalcontact/get_follow_user_list',
  reply: z.looseObject({ follow_user: z.array(z.string()) }),
  idempotent: true,
}

/** A client whose waits are written down instead of waited. */
function clientOf(apiBase: string, corpid: string, more: Partial<WecomClientOptions> = {}) {
  const waits: number[] = []
  const wait = async (ms: number) => void waits.push(ms)
  return { client: createWecomClient({ apiBase, corpid, wait, ...more }), waits }
}

async function simulated(more: Partial<WecomClientOptions> = {}) {
  const sim = await startSim({ seed: 'client', publicKeys: [] })
  onTestFinished(() => sim.close())
  const { client, waits } = clientOf(sim.url, sim.world.corpid, more)
  return { sim, waits, ask: (request = followUsers) => client.call(sim.world.secrets.app, request) }
}
const meet = (sim: Sim, kind: FaultKind, times: number) =>
  sim.world.faults.add({ endpoint: 'get_follow_user_list', kind, times, delayMs: 2000 })

/** A server that answers what it is told and remembers what it was asked. */
async function scripted(answer: (path: string, response: ServerResponse, count: number) => void) {
  const asked: string[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const path = new URL(request.url ?? '', 'http://x').pathname
    asked.push(path)
    answer(path, response, asked.length)
  })
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  onTestFinished(() => new Promise<void>(done => void server.close(() => done())))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
const json = (response: ServerResponse, body: object) => void response.end(JSON.stringify(body))
const token = { errcode: 0, access_token: 'T', expires_in: 7200 }

test('an answer comes typed, with the fields nobody named', async () => {
  const { ask } = await simulated()
  const answer = await ask()
  expect(answer.follow_user.length).toBeGreaterThan(0)
  expect(answer).toMatchObject({ errmsg: 'ok' })
})

test('callers at the same moment share one token, and it is fetched anew before it ends', async () => {
  const { url, asked } = await scripted((path, response) =>
    json(response, path.endsWith('gettoken') ? token : { errcode: 0, follow_user: [] }),
  )
  const { client } = clientOf(url, 'ww1')
  await Promise.all(Array.from({ length: 10 }, () => client.call('s1', followUsers)))
  const tokens = () => asked.filter(path => path.endsWith('gettoken')).length
  expect(tokens()).toBe(1)
  await client.call('s2', followUsers)
  expect(tokens()).toBe(2)
  await withClock(Date.now() + 6_800_000, () => client.call('s1', followUsers))
  expect(tokens()).toBe(2)
  await withClock(Date.now() + 6_901_000, () => client.call('s1', followUsers))
  expect(tokens()).toBe(3)
})

test('busy, broken, cut off and too slow are tried again, three times and no more', async () => {
  for (const kind of ['-1', 'http500', 'cut', 'slow'] as const) {
    // Only the slow one is to run out of time, also on a busy machine.
    const { sim, ask, waits } = await simulated(kind === 'slow' ? { timeoutMs: 1000 } : {})
    meet(sim, kind, 3)
    expect((await ask()).follow_user.length).toBeGreaterThan(0)
    expect(waits).toEqual([300, 1500, 5000])
  }
})

test('what lasts longer is told by its kind', async () => {
  const expected = {
    '-1': 'wecom.refused',
    http500: 'wecom.unreachable',
    cut: 'wecom.unreadable',
    slow: 'wecom.unreachable',
  }
  for (const [kind, code] of Object.entries(expected)) {
    const { sim, ask } = await simulated(kind === 'slow' ? { timeoutMs: 500 } : {})
    meet(sim, kind as FaultKind, 4)
    await expect(ask()).rejects.toMatchObject({ code })
  }
})

test('a call that may not be sent twice is sent once', async () => {
  const { sim, ask, waits } = await simulated()
  meet(sim, 'http500', 1)
  await expect(ask({ ...followUsers, idempotent: false })).rejects.toMatchObject({
    code: 'wecom.unreachable',
  })
  expect(waits).toEqual([])
})

test('a token that died is renewed once, and a platform that keeps refusing it is believed', async () => {
  const { sim, ask, waits } = await simulated()
  await ask()
  meet(sim, '42001', 1)
  expect((await ask()).follow_user.length).toBeGreaterThan(0)
  expect(waits).toEqual([])
  meet(sim, '42001', 2)
  expect(errcodeOf(await ask().catch(error => error))).toBe(42001)
})

test('over the limit is not tried again but says how long to wait', async () => {
  const { sim, ask, waits } = await simulated()
  meet(sim, '45009', 1)
  const fault = await ask().catch(error => error)
  expect([limitWait(fault), limitWait(new Error('x')), waits]).toEqual([60, null, []])
})

test('a wrong secret is asked about once a minute, and never shown', async () => {
  const { url, asked } = await scripted((_, response) =>
    json(response, { errcode: 40001, errmsg: 'invalid credential, from ip: 9.30.0.138' }),
  )
  const { client, waits } = clientOf(url, 'ww1')
  const ask = () => client.call('TOPSECRET', followUsers).catch(error => error)
  const fault = await ask()
  expect(fault).toMatchObject({ code: 'wecom.refused', details: { api: 'gettoken', errcode: 40001 } })
  expect(JSON.stringify([fault.message, fault.details, fault.stack])).not.toMatch(/TOPSECRET|9\.30/)
  await ask()
  expect([asked.length, waits]).toEqual([1, []])
  await withClock(Date.now() + 61_000, ask)
  expect(asked.length).toBe(2)
})

test('an answer that is not JSON, or not what was promised, is unreadable', async () => {
  const answers = ['<html>login</html>', '[]', '{"errcode":"x"}', '{"errcode":0,"follow_user":[1]}', '']
  for (const body of answers) {
    const { url } = await scripted((path, response) =>
      path.endsWith('gettoken') ? json(response, token) : void response.end(body),
    )
    await expect(clientOf(url, 'ww1').client.call('s', followUsers)).rejects.toMatchObject({
      code: 'wecom.unreadable',
    })
  }
})

test('a redirect is not followed: the address holds the token', async () => {
  const { url, asked } = await scripted((path, response) => {
    if (path.endsWith('gettoken')) return json(response, token)
    response.writeHead(302, { location: '/elsewhere' }).end()
  })
  const fault = await clientOf(url, 'ww1')
    .client.call('s', followUsers)
    .catch(error => error)
  expect(fault.code).toBe('wecom.unreachable')
  expect(asked).not.toContain('/elsewhere')
})

test('nobody at the other end is unreachable, with the reason and without the address', async () => {
  const { client } = clientOf('http://127.0.0.1:1', 'ww1')
  const fault = await client.call('TOPSECRET', followUsers).catch(error => error)
  expect(fault).toMatchObject({ code: 'wecom.unreachable', details: { api: 'gettoken' } })
  expect(JSON.stringify(fault.details)).not.toContain('TOPSECRET')
})
