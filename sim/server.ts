import { setTimeout as delay } from 'node:timers/promises'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { TempFile } from './files.ts'
import { mediaPart } from './multipart.ts'
import { failure, type Reply, success } from './replies.ts'
import { archiveRoutes } from './routes-archive.ts'
import { contactRoutes } from './routes-contacts.ts'
import { controlRoutes } from './routes-control.ts'
import { officeRoutes } from './routes-office.ts'
import { ssoPages } from './routes-sso.ts'
import { createTokens, type Permission, type Tokens } from './tokens.ts'
import type { World } from './world.ts'

type Query = Record<string, string | undefined>
/** One endpoint of WeCom: which secret may call it, what stands empty in an error, how often a minute. */
export type Route = {
  method: 'GET' | 'POST'
  path: string
  permission: Permission | readonly Permission[]
  empty?: Record<string, unknown>
  perMinute?: number
  /** The body, or the errcode. `$upload` in the request and `$file` in the answer are bytes (media/*). */
  handle: (query: Query, body: Record<string, unknown>) => Record<string, unknown> | number
}
export type ServerOptions = { platformUrl?: string; tokenTtlSeconds?: number }
export type SimServer = { app: FastifyInstance; tokens: Tokens }

const MINUTE = 60_000
/** media/upload takes files of 20 MB; a little more arrives, so that their size can be refused by errcode. */
const UPLOAD_BYTES = 24 << 20
/** Per API and corp (wecom-api.md §1.4). */
const DEFAULT_PER_MINUTE = 10_000

export function createServer(world: World, options: ServerOptions = {}): SimServer {
  const app = fastify({ logger: false, bodyLimit: 4 << 20, forceCloseConnections: true })
  const tokens = createTokens(world, options.tokenTtlSeconds ?? 7200)
  // WeCom answers 200 whatever the content type says, and reports bad JSON in errcode.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text))
  const multipart = { parseAs: 'buffer', bodyLimit: UPLOAD_BYTES } as const
  app.addContentTypeParser('multipart/form-data', multipart, (_request, bytes, done) => done(null, bytes))
  app.get('/cgi-bin/gettoken', async (request, reply) => {
    const { corpid, corpsecret } = request.query as Query
    return send(world, tokens, request, reply, () => {
      if (!corpid) return failure(41002, world.now())
      if (!corpsecret) return failure(41004, world.now())
      const issued = tokens.issue(corpid, corpsecret, request.ip)
      if (typeof issued === 'number') return failure(issued, world.now())
      return success({ access_token: issued.token, expires_in: issued.expiresIn })
    })
  })
  for (const route of [...archiveRoutes(world), ...contactRoutes(world), ...officeRoutes(world)])
    mount(app, world, tokens, route)
  ssoPages(app, world)
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
    const refused = refusal(world, route, permission, request.ip)
    if (refused) return fail(refused)
    if (busy()) return fail(45009)
    world.office.transfers.settle()
    const body = route.method === 'POST' ? parse(request) : {}
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

/** What the console has not granted (wecom-api.md §1.3, §1.5). */
function refusal(world: World, route: Route, permission: Permission, ip: string): number | undefined {
  if (![route.permission].flat().includes(permission)) return 48002
  const { access } = world.office
  const isArchive = permission === 'archive'
  if (!world.ip.allows(isArchive ? 'archive' : 'app', ip)) return isArchive ? 301042 : 60020
  if (isArchive && access.archive !== 'open') return access.archive === 'expired' ? 301052 : 301053
  if (!access.customerApi && route.path.startsWith('/cgi-bin/externalcontact/')) return 48002
  return undefined
}

function parse({ body, headers }: FastifyRequest): Record<string, unknown> | undefined {
  if (Buffer.isBuffer(body)) return { $upload: mediaPart(body, headers['content-type'] ?? '') }
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
  if (!fault) return deliver(reply, told(answer()))
  switch (fault.kind) {
    case 'token_expiry':
      // All of them at once, before their time; the next call finds its token unknown (wecom-api.md §1.1).
      tokens.invalidate()
      return deliver(reply, told(answer()))
    case 'http500':
      told(failure(-1, world.now()), fault.kind)
      return reply.code(500).type('text/html').send('<html>Internal Server Error</html>')
    case 'slow':
      await delay(fault.delayMs ?? 3000)
      return deliver(reply, told(answer()))
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

function deliver(reply: FastifyReply, body: Reply): FastifyReply {
  const file = body.$file as TempFile | undefined
  if (!file) return reply.send(body)
  const name = encodeURIComponent(file.name)
  const types = {
    image: 'image/jpeg',
    voice: 'audio/amr',
    video: 'video/mp4',
    file: 'application/octet-stream',
  }
  reply.header('content-disposition', `attachment; filename="${name}"`)
  return reply.type(types[file.kind]).send(file.bytes)
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
