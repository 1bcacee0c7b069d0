import { rootCertificates } from 'node:tls'
import { Agent, type Dispatcher, ProxyAgent, request as send } from 'undici'
import { fail } from '../base/index.ts'

/** What leaves the house: `url` may hold a token, so it is never quoted in an error. */
type Outgoing = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  url: URL
  headers?: Record<string, string> | undefined
  body?: string | Buffer | undefined
  timeoutMs: number
}
export type Incoming = {
  status: number
  header(name: string): string
  /** The whole body; it must be read, so that the connection can be used again. */
  read(maxBytes: number): Promise<Buffer>
}
export type Egress = { send(outgoing: Outgoing): Promise<Incoming>; close(): Promise<void> }

/**
 * The only way out of the house. One origin is allowed, that of `apiBase` (WeCom's own or that of a private installation,
 * a model's, a time authority's, an object store's); whatever else is asked is refused before a connection opens. Redirects are not followed, because the
 * address holds the token. With a proxy, every connection goes through it.
 *
 * @throws egress.refused for another origin. Errors of the network are passed on as they come.
 */
export function openEgress(options: { apiBase: string; proxy?: string | undefined }): Egress {
  const allowed = new URL(options.apiBase).origin
  const way: Dispatcher = options.proxy ? new ProxyAgent(options.proxy) : new Agent()
  return {
    async send({ method, url, headers, body, timeoutMs }) {
      if (url.origin !== allowed) throw fail('egress.refused', { host: url.host })
      const signal = AbortSignal.timeout(timeoutMs)
      const response = await send(url, { method, headers, body, signal, dispatcher: way })
      return {
        status: response.statusCode,
        header: name => String(response.headers[name] ?? ''),
        read: maxBytes => readUpTo(response.body, maxBytes),
      }
    },
    close: () => way.close(),
  }
}

/** The roots that come with Node, in PEM: whom a browser would believe. */
export function webRoots(): readonly string[] {
  return rootCertificates
}

class TooLarge extends Error {
  override name = 'TooLarge'
}

async function readUpTo(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > maxBytes) throw new TooLarge()
    parts.push(part)
  }
  return Buffer.concat(parts)
}

/** The system's word for it (ECONNREFUSED, TimeoutError): an error's own text may quote the address. */
export function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'unknown'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}
