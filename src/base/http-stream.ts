import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Actor } from './actor.ts'
import type { ActorFor, Parsed, RouteInfo } from './http.ts'

/** A reader this far behind (bytes waiting in its socket) is cut off; its browser reconnects and asks afresh. */
const MAX_BEHIND = 1024 * 1024
/** How long a browser waits before it reconnects, in milliseconds. */
const RETRY_MS = 2000

type StreamCall<V extends string, E extends Record<string, z.ZodType>, P, Q> = {
  actor: ActorFor<V>
  params: Parsed<P>
  query: Parsed<Q>
  /** The id of the last event this reader saw, when it reconnects. */
  lastEventId: string | null
  /** Aborted when the reader leaves, loses his session, or the server stops: unsubscribe then. */
  signal: AbortSignal
  send<K extends keyof E & string>(event: K, data: z.output<E[K]>, id?: string): void
}

/** Server-sent events (WHATWG HTML §9.2). `open` subscribes and returns; events flow until `signal` aborts. */
export type StreamRoute<
  V extends string,
  E extends Record<string, z.ZodType>,
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
> = {
  url: string
  verb: V
  summary: string
  params?: P
  query?: Q
  events: E
  open(call: StreamCall<V, E, P, Q>): void | Promise<void>
}

type Serving<
  V extends string,
  E extends Record<string, z.ZodType>,
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
> = {
  app: FastifyInstance
  route: StreamRoute<V, E, P, Q>
  info: RouteInfo
  actors: WeakMap<FastifyRequest, Actor>
  admit(request: FastifyRequest, info: RouteInfo): Promise<void>
  stillAdmitted(request: FastifyRequest): Promise<boolean>
  heartbeatMs: number
}

/** Mount one stream. Open streams end when the server closes, or it would wait for them for ever. */
export function serveStream<
  V extends string,
  E extends Record<string, z.ZodType>,
  P extends z.ZodType | undefined,
  Q extends z.ZodType | undefined,
>(serving: Serving<V, E, P, Q>): void {
  const { app, route, info, actors } = serving
  const open = new Set<Channel>()
  app.addHook('preClose', async () => {
    for (const channel of open) channel.end()
  })
  app.get(
    route.url,
    {
      exposeHeadRoute: false,
      config: { info },
      schema: {
        summary: route.summary,
        description: `Permission: ${route.verb}. Server-sent events: ${Object.keys(route.events).join(', ')}`,
        produces: ['text/event-stream'],
        ...(route.params ? { params: route.params } : {}),
        ...(route.query ? { querystring: route.query } : {}),
      },
      onRequest: request => serving.admit(request, info),
    },
    async (request, reply) => {
      const channel = new Channel(reply, route.events)
      const last = request.headers['last-event-id']
      const call = {
        actor: actors.get(request) ?? null,
        params: request.params,
        query: request.query,
        lastEventId: typeof last === 'string' ? last : null,
        signal: channel.signal,
        send: channel.send,
      }
      // The schemas above have just given these values the types the route was declared with.
      await route.open(call as unknown as StreamCall<V, E, P, Q>)
      open.add(channel)
      channel.signal.addEventListener('abort', () => open.delete(channel), { once: true })
      channel.start(() => serving.stillAdmitted(request), serving.heartbeatMs)
      return reply
    },
  )
}

/** One reader. What is sent before `start` waits, so that `open` may still refuse with an ordinary error. */
class Channel {
  readonly #reply: FastifyReply
  readonly #events: Record<string, z.ZodType>
  readonly #gone = new AbortController()
  #waiting: string[] | null = []
  #heartbeat: NodeJS.Timeout | undefined

  constructor(reply: FastifyReply, events: Record<string, z.ZodType>) {
    this.#reply = reply
    this.#events = events
    reply.raw.once('close', () => this.end())
  }

  get signal(): AbortSignal {
    return this.#gone.signal
  }

  readonly send = (event: string, data: unknown, id?: string): void => {
    if (this.#gone.signal.aborted) return
    // As with every answer: what the schema does not name does not leave the house.
    const body = JSON.stringify(this.#events[event]?.parse(data))
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${body}\n\n`)
  }

  start(stillAdmitted: () => Promise<boolean>, heartbeatMs: number): void {
    if (this.#gone.signal.aborted) return
    this.#reply.hijack()
    this.#reply.raw.writeHead(200, {
      ...(this.#reply.getHeaders() as Record<string, string>),
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    })
    const waiting = this.#waiting ?? []
    this.#waiting = null
    this.#write(`retry: ${RETRY_MS}\n\n${waiting.join('')}`)
    this.#heartbeat = setInterval(() => void this.#beat(stillAdmitted), heartbeatMs)
  }

  end(): void {
    if (this.#gone.signal.aborted) return
    clearInterval(this.#heartbeat)
    this.#gone.abort()
    if (this.#waiting === null) this.#reply.raw.end()
  }

  /** Keeps proxies from closing a quiet line, and ends it when the session ended or the role was taken away. */
  async #beat(stillAdmitted: () => Promise<boolean>): Promise<void> {
    try {
      if (await stillAdmitted()) this.#write(': still here\n\n')
      else this.end()
    } catch {
      this.end()
    }
  }

  #write(text: string): void {
    if (this.#waiting) {
      this.#waiting.push(text)
      return
    }
    if (this.#gone.signal.aborted) return
    this.#reply.raw.write(text)
    if (this.#reply.raw.writableLength > MAX_BEHIND) this.#reply.raw.destroy()
  }
}
