import { setTimeout as delay } from 'node:timers/promises'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { failure, type Reply, success } from './replies.ts'
import { archiveRoutes } from './routes-archive.ts'
import { contactRoutes } from './routes-contacts.ts'
import { controlRoutes } from './routes-control.ts'
import { createTokens, type Permission, type Tokens } from './tokens.ts'
import type { World } from './world.ts'

type Query = Record<string, string | undefined>
/** One endpoint of WeCom: which secret may call it, what stands empty in an error, how often a minute. */
export type Route = {
  method: 'GET' | 'POST'
  path: string
  permission: Permission
  empty?: Record<string, unknown>
  perMinute?: number
  /** The body, or the errcode. */
  handle: (query: Query, body: Record<string, unknown>) => Record<string, unknown> | number
}
export type ServerOptions = { platformUrl?: string; tokenTtlSeconds?: number }
export type SimServer = { app: FastifyInstance; tokens: Tokens }

const MINUTE = 60_000
/** Per API and corp (wecom-api.md §1.4). */
const DEFAULT_PER_MINUTE = 10_000

export function createServer(world: World, options: ServerOptions = {}): SimServer {
  const app = fastify({ logger: false, bodyLimit: 4 << 20, forceCloseConnections: true })
  const tokens = createTokens(world, options.tokenTtlSeconds ?? 7200)
  // WeCom answers 200 whatever the content type says, and reports bad JSON in errcode.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text))
  app.get('/cgi-bin/gettoken', async (request, reply) => {
    const { corpid, corpsecret } = request.query as Query
    return send(world, tokens, request, reply, () => {
      if (!corpid) return failure(41002, world.now())
      if (!corpsecret) return failure(41004, world.now())
      const issued = tokens.issue(corpid, corpsecret)
      if (typeof issued === 'number') return failure(issued, world.now())
      return success({ access_token: issued.token, expires_in: issued.expiresIn })
    })
  })
  for (const route of [...archiveRoutes(world), ...contactRoutes(world)]) mount(app, world, tokens, route)
  controlRoutes(app, world, { platformUrl: options.platformUrl ?? '', tokens })
  return { app, tokens }
}

function mount(app: FastifyInstance, world: World, tokens: Tokens, route: Route): void {
  const calls: number[] = []
  const busy = (): boolean => {
    const now = world.now()
    while (calls.length > 0 && (calls[0] ?? 0) <= now - MINUTE) calls.shift()
    calls.push(now)
    return calls.length > (route.perMinute ?? DEFAULT_PER_MINUTE)
  }
  const answer = (request: FastifyRequest): Reply => {
    const query = request.query as Query
    const fail = (errcode: number): Reply => failure(errcode, world.now(), route.empty)
    const permission = tokens.check(query.access_token)
    if (typeof permission === 'number') return fail(permission)
    if (permission !== route.permission) return fail(48002)
    if (busy()) return fail(45009)
    const body = route.method === 'POST' ? parse(request.body) : {}
    if (!body)
      return { errcode: 40058, errmsg: `Warning: wrong json format. ${fail(40058).errmsg}`, ...route.empty }
    const result = route.handle(query, body)
    return typeof result === 'number' ? fail(result) : success(result)
  }
  app.route({
    method: route.method,
    url: route.path,
    handler: (request, reply) => send(world, tokens, request, reply, () => answer(request), route.empty),
  })
}

function parse(body: unknown): Record<string, unknown> | undefined {
  if (body === undefined || body === null || body === '') return {}
  try {
    const value: unknown = JSON.parse(String(body))
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** Every answer passes here, so that every endpoint can fail the same ways. */
async function send(
  world: World,
  tokens: Tokens,
  request: FastifyRequest,
  reply: FastifyReply,
  answer: () => Reply,
  empty: Record<string, unknown> = {},
): Promise<unknown> {
  const path = request.url.split('?')[0] ?? ''
  const fault = world.faults.take(path)
  const told = (body: Reply, result = String(body.errcode)): Reply => {
    world.journal.called(world.now(), path, result)
    return body
  }
  if (!fault) return reply.send(told(answer()))
  switch (fault.kind) {
    case 'token_expiry':
      // All of them at once, before their time; the next call finds its token unknown (wecom-api.md §1.1).
      tokens.invalidate()
      return reply.send(told(answer()))
    case 'http500':
      told(failure(-1, world.now()), fault.kind)
      return reply.code(500).type('text/html').send('<html>Internal Server Error</html>')
    case 'slow':
      await delay(fault.delayMs ?? 3000)
      return reply.send(told(answer()))
    case 'cut':
      return cut(reply, told(answer(), fault.kind))
    case 'down':
      told(failure(-1, world.now()), fault.kind)
      reply.hijack()
      reply.raw.destroy()
      return reply
    default:
      return reply.send(told(failure(Number(fault.kind), world.now(), empty)))
  }
}

/** Half of the JSON, then the line goes dead. */
function cut(reply: FastifyReply, body: Reply): FastifyReply {
  const bytes = Buffer.from(JSON.stringify(body))
  reply.hijack()
  reply.raw.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': bytes.length,
  })
  reply.raw.write(bytes.subarray(0, bytes.length >> 1), () => reply.raw.destroy())
  return reply
}
