import { z } from 'zod'
import { Fault, fail, now } from '../base/index.ts'

/** What an API is asked. `path` is what follows /cgi-bin/. */
export type WecomRequest<T> = {
  method: 'GET' | 'POST'
  path: string
  query?: Record<string, string | number>
  body?: object
  /** Fields that are not named are kept: the platform adds some without notice. */
  reply: z.ZodType<T>
  /** May it be sent twice? Only then is it tried again when nobody knows whether it arrived. */
  idempotent: boolean
}

export type WecomClient = { call<T>(secret: string, request: WecomRequest<T>): Promise<T> }

export type WecomClientOptions = {
  apiBase: string
  corpid: string
  timeoutMs?: number
  /** Waits before the second, third and fourth try (wecom-api.md §1.2: at most three more). */
  backoffMs?: number[]
  wait(ms: number): Promise<void>
}

/** Drop the token, fetch one, try once more (§1.2). */
const TOKEN_ERRORS = new Set([40014, 42001, 41001])
/** Busy, and too many at once: the same call may pass in a moment. */
const BUSY = -1
const TOO_MANY_AT_ONCE = 45033
const OUT_OF_LIMIT = 45009
/** A wrong secret asked again and again gets the address barred for an hour (§1.1): rest before asking again. */
const WRONG_SECRET = new Set([40001, 40013, 40091])
const REST_AFTER_WRONG_SECRET = 60_000
/** Fetched anew this long before it ends, so that no call starts with a token about to die. */
const TOKEN_MARGIN_SECONDS = 300
const BACKOFF_MS = [300, 1500, 5000]
const TIMEOUT_MS = 10_000
/** Nothing says which window was hit; the shortest one is a minute. */
const LIMIT_WAIT_SECONDS = 60

const HINTS: Record<number, string> = {
  40001: 'the secret is wrong or its application is disabled',
  40013: 'WECOM_CORPID is wrong',
  40091: 'the secret is wrong',
  48002: 'this application may not call this API: add it under 客户联系 → API → 可调用接口的应用',
  48009: 'the contact-sync secret cannot read details from a new address: use an application secret',
  60011: 'the person lies outside the visible range of the application',
  60020: 'add the address of this machine to 企业可信IP of the application',
  301042: 'add the address of this machine to the whitelist of 会话内容存档',
  301052: 'the 会话内容存档 service has expired',
  301053: 'the institution has not opened 会话内容存档',
}

const tokenReply = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() })
type Token = { value: string; renewAt: number }

/** An answer as it came: JSON with an errcode, 0 when it has none. */
type RawAnswer = { errcode: number; body: unknown }
const envelope = z.looseObject({ errcode: z.number().int().default(0) })

/** One client for all that is asked of WeCom over HTTP. Tokens and secrets leave it in requests only. */
export function createWecomClient(options: WecomClientOptions): WecomClient {
  const tokens = new Tokens(secret => fetchToken(options, secret))
  return {
    async call(secret, request) {
      const token = await tokens.get(secret)
      const answer = await attempts(options, request, { access_token: token.value })
      if (!TOKEN_ERRORS.has(answer.errcode)) return settle(request, answer)
      tokens.drop(secret, token)
      const again = await attempts(options, request, { access_token: (await tokens.get(secret)).value })
      return settle(request, again)
    },
  }
}

/** Seconds to wait when WeCom said "too often", or null when that is not what went wrong. */
export function limitWait(error: unknown): number | null {
  const over = error instanceof Fault && error.details.errcode === OUT_OF_LIMIT
  return over && typeof error.details.retryAfter === 'number' ? error.details.retryAfter : null
}

/** The errcode of a refusal, or null. */
export function errcodeOf(error: unknown): number | null {
  const refused = error instanceof Fault && error.code === 'wecom.refused'
  return refused && typeof error.details.errcode === 'number' ? error.details.errcode : null
}

function settle<T>(request: WecomRequest<T>, answer: RawAnswer): T {
  if (answer.errcode !== 0) throw refusal(request.path, answer.errcode)
  const parsed = request.reply.safeParse(answer.body)
  if (!parsed.success) {
    const fields = parsed.error.issues.map(issue => issue.path.join('.')).join(', ')
    throw fail('wecom.unreadable', { api: request.path, fields })
  }
  return parsed.data
}

/** errmsg stays out: it quotes addresses and ids. */
function refusal(api: string, errcode: number): Fault {
  if (errcode === OUT_OF_LIMIT) return fail('wecom.refused', { api, errcode, retryAfter: LIMIT_WAIT_SECONDS })
  const hint = HINTS[errcode]
  return fail('wecom.refused', hint ? { api, errcode, hint } : { api, errcode })
}

/** Send, and while nobody is to blame send again, if the call may be sent twice. */
async function attempts(
  options: WecomClientOptions,
  request: Sent,
  secrets: Record<string, string>,
): Promise<RawAnswer> {
  const waits = request.idempotent ? (options.backoffMs ?? BACKOFF_MS) : []
  for (const wait of waits) {
    const answer = await send(options, request, secrets).catch(passing)
    if (answer && !isPassing(answer)) return answer
    await options.wait(wait)
  }
  return send(options, request, secrets)
}

/** Unreachable and cut off pass; anything else is a mistake of ours. */
function passing(error: unknown): null {
  if (error instanceof Fault) return null
  throw error
}

function isPassing(answer: RawAnswer): boolean {
  return answer.errcode === BUSY || answer.errcode === TOO_MANY_AT_ONCE
}

type Sent = Pick<WecomRequest<unknown>, 'method' | 'path' | 'query' | 'body' | 'idempotent'>

async function send(
  options: WecomClientOptions,
  request: Sent,
  secrets: Record<string, string>,
): Promise<RawAnswer> {
  const url = new URL(`/cgi-bin/${request.path}`, options.apiBase)
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, String(value))
  for (const [name, value] of Object.entries(secrets)) url.searchParams.set(name, value)
  let response: Response
  try {
    response = await fetch(url, {
      method: request.method,
      body: request.body === undefined ? undefined : JSON.stringify(request.body),
      headers: request.body === undefined ? {} : { 'content-type': 'application/json' },
      // The address holds the token: it goes nowhere else.
      redirect: 'error',
      signal: AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS),
    })
  } catch (error) {
    throw fail('wecom.unreachable', { api: request.path, reason: reasonOf(error) })
  }
  return readAnswer(response, request.path)
}

async function readAnswer(response: Response, api: string): Promise<RawAnswer> {
  // The body is read either way, so that the connection can be used again.
  const text = await response.text().catch(error => {
    throw fail('wecom.unreadable', { api, reason: `cut off: ${reasonOf(error)}` })
  })
  if (!response.ok) throw fail('wecom.unreachable', { api, reason: `HTTP ${response.status}` })
  const parsed = envelope.safeParse(parseJson(text))
  if (!parsed.success)
    throw fail('wecom.unreadable', { api, reason: 'the answer is no JSON object of WeCom' })
  return { errcode: parsed.data.errcode, body: parsed.data }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The system's word for it (ECONNREFUSED, TimeoutError): an error's own text may quote the address. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'unknown'
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name
}

async function fetchToken(options: WecomClientOptions, secret: string): Promise<Token> {
  const request = { method: 'GET', path: 'gettoken', reply: tokenReply, idempotent: true } as const
  const answer = await attempts(options, request, { corpid: options.corpid, corpsecret: secret })
  const { access_token: value, expires_in: seconds } = settle(request, answer)
  return { value, renewAt: now() + Math.max(seconds - TOKEN_MARGIN_SECONDS, seconds / 2) * 1000 }
}

/** One token a secret. Callers who come while it is fetched wait for the same one. */
class Tokens {
  readonly #fetch: (secret: string) => Promise<Token>
  readonly #held = new Map<string, Token>()
  readonly #running = new Map<string, Promise<Token>>()
  readonly #resting = new Map<string, { until: number; error: Fault }>()

  constructor(fetchOne: (secret: string) => Promise<Token>) {
    this.#fetch = fetchOne
  }

  async get(secret: string): Promise<Token> {
    const held = this.#held.get(secret)
    if (held && now() < held.renewAt) return held
    const resting = this.#resting.get(secret)
    if (resting && now() < resting.until) throw resting.error
    const running = this.#running.get(secret)
    if (running) return running
    const fetching = this.#renew(secret).finally(() => this.#running.delete(secret))
    this.#running.set(secret, fetching)
    return fetching
  }

  /** Only if it is still the one that failed: another caller may have renewed it meanwhile. */
  drop(secret: string, token: Token): void {
    if (this.#held.get(secret) === token) this.#held.delete(secret)
  }

  async #renew(secret: string): Promise<Token> {
    try {
      const token = await this.#fetch(secret)
      this.#held.set(secret, token)
      this.#resting.delete(secret)
      return token
    } catch (error) {
      if (error instanceof Fault && WRONG_SECRET.has(errcodeOf(error) ?? 0)) {
        this.#resting.set(secret, { until: now() + REST_AFTER_WRONG_SECRET, error })
      }
      throw error
    }
  }
}
