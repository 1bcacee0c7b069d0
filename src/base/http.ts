import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod'
import { z } from 'zod'
import type { Actor } from './actor.ts'
import { fail } from './errors.ts'
import { answerError } from './http-error.ts'
import { type RawRoute, serveRaw } from './http-raw.ts'
import { type StreamRoute, serveStream } from './http-stream.ts'
import type { Log } from './log.ts'

/** Wide enough for a long search form, far below what would hurt: no route of ours takes files. */
const BODY_LIMIT = 1024 * 1024

/**
 * Header that a state-changing request must carry. A form on another site cannot set it, so together with the
 * SameSite=Strict cookie a forged request is refused twice (OWASP CSRF cheat sheet, "custom request headers").
 */
const CSRF_HEADER = 'x-tongjian'
const SAFE_METHODS = new Set(['GET'])

/** antd writes its styles into the page at run time, hence 'unsafe-inline' for styles and for nothing else. */
const SECURITY_HEADERS = {
  'content-security-policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; " +
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
} as const

const errorBody = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    ref: z.string().describe('quote this when asking for help'),
  }),
})

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
export type Parsed<S> = S extends z.ZodType ? z.output<S> : undefined
export type ActorFor<V extends string> = V extends 'public' ? Actor | null : Actor
/** A schema, plain text, a file as it is, or nothing at all (204). */
type ResponseShape = z.ZodType | 'text' | 'bytes' | 'empty'
type AnswerOf<R extends ResponseShape> = R extends z.ZodType
  ? z.output<R>
  : R extends 'text'
    ? string
    : R extends 'bytes'
      ? Readable
      : undefined

type Call<V extends string, P, Q, B> = {
  actor: ActorFor<V>
  params: Parsed<P>
  query: Parsed<Q>
  body: Parsed<B>
  request: FastifyRequest
  reply: FastifyReply
}

/**
 * One entrance. Permission, input and output are declared, or it does not compile. The verb is what the person must be
 * allowed to do; `public` asks nothing, `session` only a session of his own.
 */
type Route<
  V extends string,
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
  B extends z.ZodType | undefined,
  R extends ResponseShape,
> = {
  method: Method
  url: string
  verb: V
  summary: string
  params?: P
  query?: Q
  body?: B
  response: R
  handler(
    call: Call<V, P, Q, B>,
  ): AnswerOf<R> | Promise<AnswerOf<R>> | (R extends 'empty' ? void | Promise<void> : never)
}

export type RouteInfo = { method: Method; url: string; verb: string }

export type Kit = {
  /** Everything mounted so far; the permission test walks it. */
  readonly routes: readonly RouteInfo[]
  route<
    V extends string,
    P extends z.ZodType | undefined = undefined,
    Q extends z.ZodType | undefined = undefined,
    B extends z.ZodType | undefined = undefined,
    R extends ResponseShape = ResponseShape,
  >(route: Route<V, P, Q, B, R>): void
  stream<
    V extends string,
    E extends Record<string, z.ZodType>,
    P extends z.ZodType | undefined = undefined,
    Q extends z.ZodType | undefined = undefined,
  >(route: StreamRoute<V, E, P, Q>): void
  /** Public, without session or CSRF header: see http-raw.ts. */
  raw(route: RawRoute): void
}

export type KitOptions = {
  app: FastifyInstance
  log: Log
  /** Whose request this is. `passive` looks must not prolong the session: an open page is not a person at work. */
  authenticate(request: FastifyRequest, look?: { passive: boolean }): Promise<Actor | null>
  /** Asked without a thing: may he ever? The verb itself asks again with the thing at hand. */
  can(actor: Actor, verb: string): boolean
  /** Told of every refusal of a signed-in person, at the door or inside. */
  onDenied?(actor: Actor, refused: RouteInfo): Promise<void>
  heartbeatMs?: number
}

/** A short reference that a person can read out on the phone: ten hexadecimal digits. */
function newRef(): string {
  return randomBytes(5).toString('hex')
}

/** Turn a Fastify server into one that can only be given guarded routes. */
export function createKit(options: KitOptions): Kit {
  const { app } = options
  const routes: RouteInfo[] = []
  const actors = new WeakMap<FastifyRequest, Actor>()
  app.setValidatorCompiler(validatorCompiler)
  app.setSerializerCompiler(serializerCompiler)
  app.addHook('onRequest', async (_request, reply) => {
    reply.headers(SECURITY_HEADERS)
  })
  app.setErrorHandler(async (error, request, reply) => {
    const info = routeInfo(request)
    const actor = actors.get(request)
    await answerError({
      error,
      ref: newRef(),
      info,
      actor,
      reply,
      log: options.log,
      onDenied: options.onDenied,
    })
  })
  const admit = async (request: FastifyRequest, info: RouteInfo): Promise<void> => {
    const actor = await admitted(options, request, info, who => actors.set(request, who))
    if (actor === null && info.verb !== 'public') throw fail('auth.required')
  }
  const mount = mounter(options, routes, actors, admit)
  return { routes, ...mount }
}

/** Refuse at the door, before the body is read: forged, unknown, then not allowed. */
async function admitted(
  options: KitOptions,
  request: FastifyRequest,
  info: RouteInfo,
  know: (actor: Actor) => void,
): Promise<Actor | null> {
  if (!SAFE_METHODS.has(info.method) && request.headers[CSRF_HEADER] !== '1') {
    throw fail('csrf.refused', { hint: `send the header ${CSRF_HEADER}: 1` })
  }
  const actor = await options.authenticate(request)
  if (actor === null) return null
  know(actor)
  if (info.verb !== 'public' && info.verb !== 'session' && !options.can(actor, info.verb)) {
    throw fail('auth.denied', { verb: info.verb })
  }
  return actor
}

function mounter(
  options: KitOptions,
  routes: RouteInfo[],
  actors: WeakMap<FastifyRequest, Actor>,
  admit: (request: FastifyRequest, info: RouteInfo) => Promise<void>,
): Pick<Kit, 'route' | 'stream' | 'raw'> {
  const { app } = options
  return {
    route(route) {
      const info = { method: route.method, url: route.url, verb: route.verb }
      routes.push(info)
      app.route({
        method: route.method,
        url: route.url,
        exposeHeadRoute: false,
        bodyLimit: BODY_LIMIT,
        config: { info },
        schema: schemaOf(route),
        onRequest: async (request, reply) => {
          reply.header('cache-control', 'no-store')
          await admit(request, info)
        },
        handler: async (request, reply) => {
          const call = { ...inputs(request), actor: actors.get(request) ?? null, request, reply }
          // The schemas above have just given these values the types the route was declared with.
          const answer = await route.handler(call as Parameters<typeof route.handler>[0])
          return reply.sent ? reply : send(reply, route.response, answer)
        },
      })
    },
    stream(route) {
      const info = { method: 'GET' as const, url: route.url, verb: route.verb }
      routes.push(info)
      const stillAdmitted = async (request: FastifyRequest): Promise<boolean> => {
        const actor = await options.authenticate(request, { passive: true })
        return actor !== null && (route.verb === 'session' || options.can(actor, route.verb))
      }
      serveStream({
        app,
        route,
        info,
        actors,
        admit,
        stillAdmitted,
        heartbeatMs: options.heartbeatMs ?? 15_000,
      })
    },
    raw(route) {
      const info = { method: route.method, url: route.url, verb: 'public' }
      routes.push(info)
      serveRaw(app, route, info)
    },
  }
}

function inputs(request: FastifyRequest): { params: unknown; query: unknown; body: unknown } {
  return { params: request.params, query: request.query, body: request.body }
}

function send(reply: FastifyReply, shape: ResponseShape, answer: unknown): FastifyReply {
  if (shape === 'empty') return reply.status(204).send()
  if (shape === 'text' && !reply.hasHeader('content-type')) reply.type('text/plain; charset=utf-8')
  return reply.send(answer)
}

const FILE = { description: 'a file', content: { 'application/octet-stream': { schema: z.string() } } }
const PLAIN_TEXT = { description: 'plain text', content: { 'text/plain': { schema: z.string() } } }

function schemaOf(route: {
  summary: string
  verb: string
  params?: z.ZodType
  query?: z.ZodType
  body?: z.ZodType
  response: ResponseShape
}) {
  const success =
    route.response === 'empty'
      ? { 204: z.undefined().describe('done') }
      : {
          200: route.response === 'text' ? PLAIN_TEXT : route.response === 'bytes' ? FILE : route.response,
        }
  return {
    summary: route.summary,
    description: `Permission: ${route.verb}`,
    ...(route.verb === 'public' ? { security: [] } : {}),
    ...(route.params ? { params: route.params } : {}),
    ...(route.query ? { querystring: route.query } : {}),
    ...(route.body ? { body: route.body } : {}),
    response: { ...success, '4xx': errorBody, '5xx': errorBody },
  }
}

function routeInfo(request: FastifyRequest): RouteInfo | null {
  const { info } = request.routeOptions.config as { info?: RouteInfo }
  return info ?? null
}
