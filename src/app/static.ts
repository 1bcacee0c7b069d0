import { existsSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fastifyStatic } from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

const WEB = join(import.meta.dirname, '..', '..', 'web', 'dist')
const PAGE = 'index.html'

/** Vite names what lies in assets/ by its content: a browser may keep it for ever. The page itself is asked for anew. */
const FOREVER = 'public, max-age=31536000, immutable'
const ASK_AGAIN = 'no-cache'

/** Serve the built screens. Without them (a fresh clone before `npm run build`) the interface works all the same. */
export async function serveStatic(app: FastifyInstance, root: string = WEB): Promise<void> {
  const built = existsSync(join(root, PAGE))
  await app.register(fastifyStatic, {
    root,
    serve: built as true,
    wildcard: true,
    index: PAGE,
    dotfiles: 'ignore',
    cacheControl: false,
    setHeaders: (reply, path) => {
      reply.header('cache-control', path.includes(`${sep}assets${sep}`) ? FOREVER : ASK_AGAIN)
    },
  })
}

/** Does a browser ask for a page of the screens, such as /alerts/A-0507-0012? Files and entrances are no pages. */
export function isPage(request: FastifyRequest): boolean {
  const path = request.url.split('?', 1)[0] ?? ''
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  if (path === '/api' || path.startsWith('/api/') || path.startsWith('/assets/')) return false
  return (request.headers.accept ?? '').includes('text/html')
}

/** The one page; the router in it reads the address. */
export function sendPage(reply: FastifyReply): FastifyReply {
  return reply.header('cache-control', ASK_AGAIN).sendFile(PAGE)
}
