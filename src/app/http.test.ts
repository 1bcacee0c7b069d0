import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { openDb } from '../base/db.ts'
import { type Db, type House, type Kit, shellActor } from '../base/index.ts'
import { contactsRoutes } from '../contacts/index.ts'
import { ensureDemoAccounts, peopleRoutes } from '../people/index.ts'
import { list, trailRoutes } from '../trail/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { createServer } from './http.ts'

const database = sharedDatabase()
const webDir = mkdtempSync(join(tmpdir(), 'tongjian-web-'))
let db: Db
let house: House
let app: FastifyInstance
let kit: Kit
let close: () => Promise<void>
beforeAll(async () => {
  mkdirSync(join(webDir, 'assets'))
  writeFileSync(join(webDir, 'index.html'), '<title>通鉴</title>')
  writeFileSync(join(webDir, 'assets', 'main-abc.js'), '1')
  writeFileSync(join(webDir, '.secret'), 'hidden')
  ;({ db, house, close } = await openTestHouse(database.appUrl, { demo: true }))
  await ensureDemoAccounts(db, house, 'the demo password')
  ;({ app, kit } = await createServer({
    premises: { db, house },
    routes: [
      peopleRoutes({ db, house, secure: false, demo: null }),
      contactsRoutes({ db }),
      trailRoutes({ db }),
    ],
    gauges: async () => [
      { name: 'tongjian_jobs', help: 'Jobs.', value: 3, labels: { state: 'wait"ing' } },
      { name: 'tongjian_jobs', help: 'Jobs.', value: 0, labels: { state: 'failed' } },
    ],
    version: '9.9.9',
    webDir,
  }))
})
afterAll(async () => {
  await app.close()
  await close()
  rmSync(webDir, { recursive: true })
})

async function signedIn(username: string) {
  const headers = { 'x-tongjian': '1' }
  const payload = { username, password: 'the demo password' }
  const answer = await app.inject({ method: 'POST', url: '/api/session', headers, payload })
  return { tj_session: answer.cookies[0]?.value ?? '' }
}
const page = { accept: 'text/html' }

test('the interface describes itself as OpenAPI 3.1, every route of it', async () => {
  const answer = await app.inject({ url: '/api/openapi.json' })
  const document = answer.json()
  expect([document.openapi, document.info.version]).toEqual(['3.1.0', '9.9.9'])
  for (const { method, url } of kit.routes) {
    const path = url.replace(/:(\w+)/g, '{$1}')
    expect(document.paths[path]?.[method.toLowerCase()], `${method} ${path}`).toBeDefined()
  }
  const signIn = document.paths['/api/session'].post
  expect(signIn.security).toEqual([])
  expect(signIn.requestBody.content['application/json'].schema.required).toEqual(['username', 'password'])
  expect(
    document.paths['/api/trail'].get.parameters.map((parameter: { name: string }) => parameter.name),
  ).toContain('cursor')
  expect(Object.keys(document.paths['/api/session'].delete.responses)).toEqual(['204', '4XX', '5XX'])
})

test('a page is served for any address of the screens, and asked for anew each time', async () => {
  for (const url of ['/', '/alerts', '/alerts/A-0507-0012?tab=x']) {
    const answer = await app.inject({ url, headers: page })
    expect([url, answer.statusCode, answer.payload]).toEqual([url, 200, '<title>通鉴</title>'])
    expect(answer.headers['cache-control']).toBe('no-cache')
    expect(answer.headers['content-security-policy']).toContain("default-src 'self'")
  }
})

test('assets are kept for ever; what is missing is missing and never a page', async () => {
  const script = await app.inject({ url: '/assets/main-abc.js', headers: page })
  expect([script.statusCode, script.headers['cache-control']]).toEqual([
    200,
    'public, max-age=31536000, immutable',
  ])
  for (const url of ['/assets/main-old.js', '/api/nothing', '/api', '/.secret', '/..%2f..%2fetc%2fpasswd']) {
    const answer = await app.inject({ url, headers: url === '/.secret' ? {} : page })
    expect(answer.payload, url).not.toMatch(/hidden|root:/)
    if (url.startsWith('/a')) expect([url, answer.statusCode]).toEqual([url, 404])
  }
  const missing = (await app.inject({ url: '/api/nothing' })).json()
  expect(missing.error).toMatchObject({ code: 'thing.missing', details: {} })
  expect((await app.inject({ method: 'POST', url: '/alerts', headers: page })).statusCode).toBe(404)
})

test('an address that is no address is refused without being repeated', async () => {
  const answer = await app.inject({ url: '/api/%E0%A4%A' })
  expect([answer.statusCode, answer.json().error.code]).toEqual([400, 'request.invalid'])
  expect(answer.payload).not.toContain('%E0')
})

test('the interface works before the screens are built', async () => {
  const bare = await createServer({ premises: { db, house }, routes: [], webDir: join(webDir, 'nowhere') })
  expect((await bare.app.inject({ url: '/healthz' })).payload).toBe('ok\n')
  expect((await bare.app.inject({ url: '/', headers: page })).statusCode).toBe(404)
  await bare.app.close()
})

test('health tells of a database that is away, and says no more', async () => {
  const away = openDb('postgres://nobody:secret@127.0.0.1:1/none')
  const broken = await createServer({ premises: { db: away.db, house }, routes: [], webDir })
  const answer = await broken.app.inject({ url: '/healthz' })
  expect([answer.statusCode, answer.payload]).toEqual([503, 'the database does not answer\n'])
  await broken.app.close()
  await away.close()
})

test('numbers go to this machine or to who may see the system, and hold no address', async () => {
  await app.inject({ url: '/api/people/find?q=%E7%8E%8B%E8%AF%AD%E5%AB%A3' })
  const local = await app.inject({ url: '/metrics' })
  expect(local.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  expect(local.payload).toContain(
    'tongjian_http_requests_total{method="GET",route="/api/people/find",status="401"} ',
  )
  expect(local.payload).toContain('tongjian_jobs{state="wait\\"ing"} 3\ntongjian_jobs{state="failed"} 0')
  expect(local.payload).not.toMatch(/%E7|王/)
  const status = async (headers: object, cookies = {}) =>
    (await app.inject({ url: '/metrics', headers: { ...headers }, cookies })).statusCode
  const forwarded = { 'x-forwarded-for': '10.0.0.9' }
  expect(await status(forwarded)).toBe(401)
  expect(await status(forwarded, await signedIn('officer'))).toBe(403)
  expect(await status(forwarded, await signedIn('admin'))).toBe(200)
  expect((await app.inject({ url: '/metrics', remoteAddress: '10.0.0.9' })).statusCode).toBe(401)
})

test('who reads the trail is in it, and so is who was refused', async () => {
  expect((await app.inject({ url: '/api/trail', cookies: await signedIn('officer') })).statusCode).toBe(403)
  const cookies = await signedIn('auditor')
  const first = await app.inject({ url: '/api/trail?verb=denied', cookies })
  expect(first.json().items[0]).toMatchObject({
    actor: 'officer',
    thingId: 'GET /api/trail',
    detail: { verb: 'trail.read' },
  })
  const again = await app.inject({ url: '/api/trail?actor=auditor&limit=1', cookies })
  expect(again.json().items[0]).toMatchObject({ verb: 'trail.read', detail: { verb: 'denied' } })
  for (const query of ['verb=everything', 'limit=0', 'limit=999', 'cursor=x']) {
    expect((await app.inject({ url: `/api/trail?${query}`, cookies })).json().error.code).toBe(
      'request.invalid',
    )
  }
  expect((await list(db, shellActor(house, 'root'), { verb: 'trail.read', limit: 9 })).items).toHaveLength(2)
})

test('people are found by who may search, and a reason is needed to see a name', async () => {
  const cookies = await signedIn('officer')
  expect((await app.inject({ url: '/api/people/find?q=x', cookies })).json()).toEqual({ items: [] })
  expect((await app.inject({ url: '/api/people/find?q=', cookies })).statusCode).toBe(400)
  const reveal = (payload: object) =>
    app.inject({
      method: 'POST',
      url: '/api/contacts/wmX/reveal',
      headers: { 'x-tongjian': '1' },
      cookies,
      payload,
    })
  expect((await reveal({ reason: ' ' })).statusCode).toBe(400)
  expect((await reveal({ reason: '核实投诉' })).statusCode).toBe(404)
})
