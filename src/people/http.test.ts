import { fastifyCookie } from '@fastify/cookie'
import { type FastifyInstance, fastify } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { createKit, type House } from '../base/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { authenticator, can, ensureDemoAccounts, peopleRoutes } from './index.ts'

const database = sharedDatabase()
let app: FastifyInstance
let house: House
let close: () => Promise<void>
beforeAll(async () => {
  const opened = await openTestHouse(database.appUrl, { demo: true })
  ;({ house, close } = opened)
  await ensureDemoAccounts(opened.db, house, 'the demo password')
  app = fastify()
  await app.register(fastifyCookie)
  const kit = createKit({ app, log: house.log, authenticate: authenticator(opened), can })
  peopleRoutes({ ...opened, secure: true, demo: { controlUrl: 'http://127.0.0.1:1/' } })(kit)
})
afterAll(async () => {
  await app.close()
  await close()
})

const headers = { 'x-tongjian': '1' }
const signIn = (payload: object) => app.inject({ method: 'POST', url: '/api/session', headers, payload })

test('signing in sets a cookie no script can read and no other site can send, and tells who one is', async () => {
  const answer = await signIn({ username: 'supervisor', password: 'the demo password' })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({
    username: 'supervisor',
    name: '陈立群',
    role: 'supervisor',
    can: ['alert.read', 'message.read', 'rule.read', 'stepin.answer', 'points.read', 'complaint.read'],
    departments: ['1'],
    institution: '海棠银行',
    demo: { controlUrl: 'http://127.0.0.1:1/' },
  })
  expect(answer.headers['set-cookie']).toMatch(
    /^tj_session=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
  )
  const cookies = { tj_session: answer.cookies[0]?.value ?? '' }
  expect((await app.inject({ url: '/api/me', cookies })).json()).toEqual(answer.json())
  const out = await app.inject({ method: 'DELETE', url: '/api/session', headers, cookies })
  expect(out.statusCode).toBe(204)
  expect((await app.inject({ url: '/api/me', cookies })).statusCode).toBe(401)
})

test('bad input, a wrong password and too many of them are told apart by their codes', async () => {
  const code = async (payload: object) => (await signIn(payload)).json().error.code
  expect(await code({ username: 'lead' })).toBe('request.invalid')
  expect(await code({ username: 'x'.repeat(65), password: 'p' })).toBe('request.invalid')
  for (let i = 0; i < 5; i += 1)
    expect(await code({ username: 'lead', password: 'guess' })).toBe('auth.failed')
  const throttled = await signIn({ username: 'lead', password: 'the demo password' })
  expect(throttled.statusCode).toBe(429)
  expect(Number(throttled.headers['retry-after'])).toBeGreaterThan(0)
})
