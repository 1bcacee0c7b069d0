import type { FastifyInstance } from 'fastify'
import type { RouteInfo } from './http.ts'

/**
 * An entrance for a machine that knows nothing of sessions and does not speak JSON. No person stands behind it: the
 * handler itself must prove who calls, from the bytes.
 */
export type RawRoute = {
  method: 'GET' | 'POST'
  url: string
  /** Bytes of the body. */
  bodyLimit: number
  /** What is returned is sent as plain text, byte for byte. */
  handler(call: RawCall): Promise<string>
}

/** `query` holds what was given once; what was given twice is left out. */
type RawCall = { query: Record<string, string>; body: Buffer }

/**
 * Mount it in a scope of its own, so that only this entrance takes bodies of any type as bytes. It asks for no CSRF
 * header: that header proves that no browser was tricked into sending its cookie along, and here no cookie is looked
 * at. It is not in the OpenAPI: whoever calls it has a description of his own.
 */
export function serveRaw(app: FastifyInstance, route: RawRoute, info: RouteInfo): void {
  app.register(async scope => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
    scope.route({
      method: route.method,
      url: route.url,
      exposeHeadRoute: false,
      bodyLimit: route.bodyLimit,
      config: { info },
      schema: { hide: true },
      handler: async (request, reply) => {
        reply.header('cache-control', 'no-store').type('text/plain; charset=utf-8')
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
        return reply.send(await route.handler({ query: texts(request.query), body }))
      },
    })
  })
}

function texts(query: unknown): Record<string, string> {
  const given = Object.entries(query ?? {}).filter(([, value]) => typeof value === 'string')
  return Object.fromEntries(given) as Record<string, string>
}
