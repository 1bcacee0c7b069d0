import { createHmac, randomBytes } from 'node:crypto'
import { fail } from '../../base/index.ts'
import { type Egress, openEgress, reasonOf } from '../../wecom/index.ts'
import type { HookCall, HookWay } from './deps.ts'

const TIMEOUT_MS = 10_000
const LONGEST_ANSWER = 64 * 1024
const SECRET_BYTES = 32
/** Names of this machine; anything else in clear would show the payload to the network. */
const OWN = new Set(['127.0.0.1', '[::1]', 'localhost'])

/** `HMAC-SHA256(secret, "<timestamp>.<body>")`, in hexadecimal: who has the secret knows that it is ours, and when. */
function signatureOf(secret: string, timestamp: string, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')
}

export function newSecret(): string {
  return `whs_${randomBytes(SECRET_BYTES).toString('base64url')}`
}

/**
 * Webhooks go to hosts the operator named (TONGJIAN_WEBHOOK_HOSTS) and nowhere else: what is typed on a page reaches no
 * machine of the institution's network that nobody meant. One line out for each origin; redirects are not followed.
 */
export function openHooks(hosts: readonly string[], proxy?: string): HookWay {
  const lines = new Map<string, Egress>()
  const allows = (address: string): boolean => {
    if (!URL.canParse(address)) return false
    const url = new URL(address)
    const named = hosts.includes(url.host) || hosts.includes(url.hostname)
    return named && url.username === '' && (url.protocol === 'https:' || OWN.has(url.hostname))
  }
  return {
    hosts,
    allows,
    async send(call) {
      if (!allows(call.url)) throw fail('hook.refused', { reason: 'host' })
      const { origin } = new URL(call.url)
      const line = lines.get(origin) ?? openEgress({ apiBase: origin, proxy })
      lines.set(origin, line)
      await post(line, call)
    },
    async close() {
      await Promise.all([...lines.values()].map(line => line.close()))
    },
  }
}

async function post(line: Egress, { url, secret, id, body, at }: HookCall): Promise<void> {
  const timestamp = String(Math.floor(at / 1000))
  const headers = {
    'content-type': 'application/json; charset=utf-8',
    'user-agent': 'tongjian',
    'x-tongjian-delivery': id,
    'x-tongjian-timestamp': timestamp,
    'x-tongjian-signature': `v1=${signatureOf(secret, timestamp, body)}`,
  }
  const answer = await line
    .send({ method: 'POST', url: new URL(url), headers, body, timeoutMs: TIMEOUT_MS })
    .catch(error => {
      throw fail('hook.refused', { reason: reasonOf(error) })
    })
  await answer.read(LONGEST_ANSWER).catch(() => undefined)
  if (answer.status < 200 || answer.status > 299)
    throw fail('hook.refused', { reason: `http ${answer.status}` })
}
