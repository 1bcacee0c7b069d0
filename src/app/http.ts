import { fastifyCookie } from '@fastify/cookie'
import { fastifySwagger } from '@fastify/swagger'
import { type FastifyInstance, fastify } from 'fastify'
import { jsonSchemaTransform } from 'fastify-type-provider-zod'
import { z } from 'zod'
import {
  type Actor,
  createKit,
  type Db,
  type House,
  inTransaction,
  type Kit,
  type KitOptions,
  sql,
} from '../base/index.ts'
import { authenticator, can } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { answerBadUrl, answerMissing } from './errors-http.ts'
import { type Gauges, metricsRoutes } from './metrics.ts'
import { serveStatic } from './static.ts'

export type ServerParts = {
  premises: { db: Db; house: House }
  /** The entrances of every room: each `http.ts` exports a function from its needs to one of these. */
  routes: ((kit: Kit) => void)[]
  version?: string
  /** A proxy on this machine stands before us: its X-Forwarded-For names the caller. */
  behindProxy?: boolean
  /** More numbers for /metrics: lag, queues, what waits to be sealed. */
  gauges?: Gauges
  /** Where the built screens lie; the tests put a folder of their own. */
  webDir?: string
}

/** No route of ours takes longer to receive: a caller that trickles its request holds nothing for ever. */
const RECEIVE_MS = 30_000

/** The server with every entrance mounted, ready to listen. */
export async function createServer(parts: ServerParts): Promise<{ app: FastifyInstance; kit: Kit }> {
  const { db, house } = parts.premises
  const app = fastify({
    requestTimeout: RECEIVE_MS,
    trustProxy: parts.behindProxy ? 'loopback' : false,
    frameworkErrors: answerBadUrl,
    return503OnClosing: true,
  })
  await app.register(fastifyCookie)
  await registerOpenApi(app, parts.version ?? '0')
  const kit = createKit({
    app,
    log: house.log,
    authenticate: authenticator({ db, house }),
    can,
    onDenied: deniedTo(db),
  })
  app.setNotFoundHandler(answerMissing)
  kit.route({
    method: 'GET',
    url: '/healthz',
    verb: 'public',
    summary: 'does the server answer, and its database',
    response: 'text',
    handler: async ({ reply }) => {
      if (await isAlive(db)) return 'ok\n'
      reply.status(503)
      return 'the database does not answer\n'
    },
  })
  kit.route({
    method: 'GET',
    url: '/api/openapi.json',
    verb: 'public',
    summary: 'this interface, as OpenAPI 3.1',
    response: z.record(z.string(), z.unknown()),
    handler: () => app.swagger() as unknown as Record<string, unknown>,
  })
  metricsRoutes({ app, gauges: parts.gauges })(kit)
  for (const mount of parts.routes) mount(kit)
  await serveStatic(app, parts.webDir)
  return { app, kit }
}

async function registerOpenApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Tongjian 通鉴',
        version,
        description:
          'Sign in with POST /api/session; the cookie it sets goes with every other call. ' +
          'Whatever changes something needs the header `x-tongjian: 1`. ' +
          'Errors are `{"error": {code, message, details, ref}}`: the code is stable, the text is not.',
      },
      components: { securitySchemes: { session: { type: 'apiKey', in: 'cookie', name: 'tj_session' } } },
      security: [{ session: [] }],
    },
    transform: jsonSchemaTransform,
  })
}

/** A refusal is worth knowing: it is in the trail like any look. */
function deniedTo(db: Db): NonNullable<KitOptions['onDenied']> {
  return async (actor: Actor, { method, url, verb }) => {
    const entry = {
      verb: 'denied',
      thing: { kind: 'route', id: `${method} ${url}` },
      detail: { verb, method, url },
    } as const
    await inTransaction(db, tx => record(tx, actor, entry))
  }
}

/** Long enough for a busy database, short enough for a probe. */
const HEALTH_MS = 2000

async function isAlive(db: Db): Promise<boolean> {
  const late = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => late.resolve(false), HEALTH_MS)
  const answered = sql`SELECT 1`.execute(db).then(
    () => true,
    () => false,
  )
  return Promise.race([answered, late.promise]).finally(() => clearTimeout(timer))
}
