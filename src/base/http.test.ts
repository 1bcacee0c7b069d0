import { request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import type { Actor, House } from './actor.ts'
import { fail } from './errors.ts'
import { createKit, type Kit, type KitOptions } from './http.ts'
import { createLog, type Log } from './log.ts'

const WRITE = { 'x-tongjian': '1' }

function actor(name: string): Actor {
  return {
    house: {} as House,
    kind: 'person',
    name,
    role: name,
    accountId: name,
    userid: null,
    departments: [],
  }
}

/** `x-who` plays the session; officers may read, only leads may write. */
function server(mount: (kit: Kit) => void, options: Partial<KitOptions> = {}) {
  const app = fastify()
  onTestFinished(() => app.close())
  const kit = createKit({
    app,
    log: createLog('silent'),
    authenticate: async request => {
      const who = request.headers['x-who']
      return typeof who === 'string' ? actor(who) : null
    },
    can: (who, verb) => who.role === 'lead' || verb.endsWith('.read'),
    ...options,
  })
  mount(kit)
  return { app, kit }
}

const note = z.object({ text: z.string().min(2) })
function notes(kit: Kit): void {
  kit.route({
    method: 'POST',
    url: '/api/notes/:id',
    verb: 'note.write',
    summary: 'write a note',
    params: z.object({ id: z.coerce.number().int() }),
    body: note,
    response: z.object({ id: z.number(), by: z.string() }),
    handler: ({ actor, params }) => ({ id: params.id, by: actor.name, secret: 'must not leave' }),
  })
}
const post = {
  method: 'POST',
  url: '/api/notes/7',
  headers: { ...WRITE, 'x-who': 'lead' },
  payload: { text: '你好' },
} as const

test('an allowed request answers with what the schema names, and nothing else', async () => {
  const { app } = server(notes)
  const answer = await app.inject(post)
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({ id: 7, by: 'lead' })
  expect(answer.headers['cache-control']).toBe('no-store')
})

test('a stranger is asked to sign in, a person without the right is refused and the refusal is told', async () => {
  const refused: string[] = []
  const { app } = server(notes, {
    onDenied: async (who, info) => void refused.push(`${who.name} ${info.method} ${info.url} ${info.verb}`),
  })
  const stranger = await app.inject({ ...post, headers: WRITE })
  expect([stranger.statusCode, stranger.json().error.code]).toEqual([401, 'auth.required'])
  const officer = await app.inject({ ...post, headers: { ...WRITE, 'x-who': 'officer' } })
  expect([officer.statusCode, officer.json().error.code]).toEqual([403, 'auth.denied'])
  expect(refused).toEqual(['officer POST /api/notes/:id note.write'])
})

test('a denial inside the handler is told as well, and a broken trail does not hide it', async () => {
  const mount = (kit: Kit) =>
    kit.route({
      method: 'GET',
      url: '/api/inner',
      verb: 'inner.read',
      summary: 'x',
      response: 'empty',
      handler: () => {
        throw fail('auth.denied', { verb: 'inner.read' })
      },
    })
  const { app } = server(mount, {
    onDenied: async () => {
      throw new Error('database is away')
    },
  })
  const answer = await app.inject({ method: 'GET', url: '/api/inner', headers: { 'x-who': 'officer' } })
  expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'auth.denied'])
})

test('a change without the header a foreign page cannot send is refused before anything is read', async () => {
  const { app } = server(notes)
  const answer = await app.inject({ ...post, headers: { 'x-who': 'lead' } })
  expect([answer.statusCode, answer.json().error.code]).toEqual([403, 'csrf.refused'])
})

test('bad input names the paths and never the values', async () => {
  const { app } = server(notes)
  const body = await app.inject({ ...post, payload: { text: '密' } })
  expect(body.statusCode).toBe(400)
  expect(body.json().error).toMatchObject({ code: 'request.invalid', details: { paths: ['body.text'] } })
  expect(body.payload).not.toContain('密')
  const params = await app.inject({ ...post, url: '/api/notes/seven' })
  expect(params.json().error.details.paths).toEqual(['params.id'])
  expect(params.payload).not.toContain('seven')
})

test('a body that is no JSON, of another type or above 1 MiB is refused', async () => {
  const { app } = server(notes)
  const headers = { ...post.headers, 'content-type': 'application/json' }
  const broken = await app.inject({ ...post, headers, payload: '{"text":' })
  expect([broken.statusCode, broken.json().error.code]).toEqual([400, 'request.invalid'])
  const form = await app.inject({
    ...post,
    headers: { ...headers, 'content-type': 'text/xml' },
    payload: '<a/>',
  })
  expect(form.statusCode).toBe(415)
  const large = await app.inject({ ...post, headers, payload: JSON.stringify({ text: 'x'.repeat(1 << 20) }) })
  expect(large.statusCode).toBe(413)
})

test('an error nobody threw on purpose leaks its text neither to the caller nor to the log', async () => {
  const lines: unknown[] = []
  const note = (data: object, message: string) => void lines.push({ ...data, message })
  const log: Log = { info: note, warn: note, error: note, debug: note, child: () => log }
  const mount = (kit: Kit) =>
    kit.route({
      method: 'GET',
      url: '/api/broken',
      verb: 'public',
      summary: 'x',
      response: z.object({ n: z.number() }),
      handler: () => JSON.parse('保本保息'),
    })
  const { app } = server(mount, { log })
  const answer = await app.inject({ method: 'GET', url: '/api/broken' })
  expect(answer.statusCode).toBe(500)
  const { error } = answer.json()
  expect(error).toEqual({ code: 'internal', message: 'internal', details: {}, ref: error.ref })
  expect(JSON.stringify(lines)).not.toContain('保本')
  expect(lines).toContainEqual(expect.objectContaining({ ref: error.ref, thrown: 'SyntaxError' }))
})

test('an answer that breaks its own schema is a failure of ours', async () => {
  const mount = (kit: Kit) =>
    kit.route({
      method: 'GET',
      url: '/api/odd',
      verb: 'public',
      summary: 'x',
      response: z.object({ n: z.number() }),
      handler: () => ({ n: '很多' as unknown as number }),
    })
  const answer = await server(mount).app.inject({ method: 'GET', url: '/api/odd' })
  expect([answer.statusCode, answer.json().error.code]).toEqual([500, 'internal'])
})

test('a throttled caller is told when to come back', async () => {
  const mount = (kit: Kit) =>
    kit.route({
      method: 'GET',
      url: '/api/later',
      verb: 'public',
      summary: 'x',
      response: 'empty',
      handler: () => {
        throw fail('auth.throttled', { retryAfter: 61 })
      },
    })
  const answer = await server(mount).app.inject({ method: 'GET', url: '/api/later' })
  expect([answer.statusCode, answer.headers['retry-after']]).toEqual([429, '61'])
})

test('every answer carries the security headers, text and nothing are answers too, and routes are listed', async () => {
  const { app, kit } = server(kit => {
    kit.route({
      method: 'GET',
      url: '/t',
      verb: 'public',
      summary: 'x',
      response: 'text',
      handler: () => 'ok',
    })
    kit.route({
      method: 'GET',
      url: '/e',
      verb: 'session',
      summary: 'x',
      response: 'empty',
      handler: () => {},
    })
  })
  const text = await app.inject({ method: 'GET', url: '/t' })
  expect([text.statusCode, text.payload, text.headers['content-type']]).toEqual([
    200,
    'ok',
    'text/plain; charset=utf-8',
  ])
  expect(text.headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(text.headers['content-security-policy']).not.toContain('script-src')
  const empty = await app.inject({ method: 'GET', url: '/e', headers: { 'x-who': 'adviser' } })
  expect([empty.statusCode, empty.payload]).toEqual([204, ''])
  const missing = await app.inject({ method: 'GET', url: '/nowhere' })
  expect(missing.headers['x-content-type-options']).toBe('nosniff')
  expect(kit.routes).toEqual([
    { method: 'GET', url: '/t', verb: 'public' },
    { method: 'GET', url: '/e', verb: 'session' },
  ])
})

type Feed = { mount(kit: Kit): void; send: ((n: number) => void) | undefined; left: Promise<void> }
function feed(): Feed {
  const left = Promise.withResolvers<void>()
  const made: Feed = {
    send: undefined,
    left: left.promise,
    mount(kit) {
      kit.stream({
        url: '/api/feed',
        verb: 'feed.read',
        summary: 'numbers',
        query: z.object({ from: z.coerce.number().default(0) }),
        events: { number: z.object({ n: z.number() }) },
        open: ({ query, send, signal, lastEventId }) => {
          if (query.from < 0) throw fail('thing.missing')
          send('number', { n: query.from, hidden: true } as { n: number }, lastEventId ?? undefined)
          made.send = n => send('number', { n })
          signal.addEventListener('abort', () => left.resolve())
        },
      })
    },
  }
  return made
}

/** Open a stream on a real socket; `until` reads on until the text holds what is awaited. */
async function listen(
  app: ReturnType<typeof server>['app'],
  headers: Record<string, string>,
  path = '/api/feed?from=5',
) {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo
  const request = httpRequest({ port, host: '127.0.0.1', path, headers })
  const response = await new Promise<import('node:http').IncomingMessage>((done, failed) => {
    request.on('response', done).on('error', failed).end()
  })
  response.setEncoding('utf8')
  const chunks = response[Symbol.asyncIterator]()
  let text = ''
  const until = async (part: string) => {
    while (!text.includes(part)) {
      const { value, done } = await chunks.next()
      if (done) throw new Error(`the stream ended before ${part}`)
      text += value
    }
    return text
  }
  const ended = async () => {
    while (!(await chunks.next()).done);
  }
  return { request, response, until, ended }
}

test('a stream sends what its schema names, beats, and knows when its reader leaves', async () => {
  const numbers = feed()
  const { app } = server(numbers.mount, { heartbeatMs: 20 })
  const reader = await listen(app, { 'x-who': 'officer', 'last-event-id': '41' })
  expect(reader.response.headers['content-type']).toBe('text/event-stream; charset=utf-8')
  expect(reader.response.headers['content-security-policy']).toContain("default-src 'self'")
  expect(await reader.until('"n":5')).toBe('retry: 2000\n\nid: 41\nevent: number\ndata: {"n":5}\n\n')
  numbers.send?.(6)
  await reader.until('data: {"n":6}\n\n')
  await reader.until(': still here')
  reader.request.destroy()
  await numbers.left
})

test('a stream is refused like any route, before it begins', async () => {
  const { app } = server(feed().mount)
  expect((await app.inject({ url: '/api/feed' })).statusCode).toBe(401)
  const headers = { 'x-who': 'officer' }
  expect((await app.inject({ url: '/api/feed?from=x', headers })).statusCode).toBe(400)
  expect((await app.inject({ url: '/api/feed?from=-1', headers })).statusCode).toBe(404)
})

test('a stream ends when the session does, and when the server closes', async () => {
  let signedIn = true
  const { app } = server(feed().mount, {
    heartbeatMs: 20,
    authenticate: async () => (signedIn ? actor('officer') : null),
  })
  const reader = await listen(app, {})
  await reader.until('"n":5')
  signedIn = false
  await reader.ended()
  const other = server(feed().mount)
  const staying = await listen(other.app, { 'x-who': 'officer' })
  await staying.until('"n":5')
  await Promise.all([other.app.close(), staying.ended()])
})
