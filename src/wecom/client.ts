import { randomUUID } from 'node:crypto'
import type { z } from 'zod'
import { Fault, fail } from '../base/index.ts'
import { type RawAnswer, readAnswer } from './answer.ts'
import { base } from './api/base.ts'
import { type Egress, openEgress, reasonOf } from './egress.ts'
import { createLimiter, type Limited, type Limiter } from './limiter.ts'
import { type Token, Tokens, tokenOf } from './tokens.ts'

/** A file to send; `name` is what people see. */
export type Upload = { name: string; contentType: string; data: Buffer }

/** What an API is asked. `path` is what follows /cgi-bin/. */
export type WecomRequest<T> = Limited & {
  method: 'GET' | 'POST'
  query?: Record<string, string | number>
  body?: object
  upload?: Upload
  /** The answer is a file: `reply` is then that of a WecomFile. */
  file?: boolean
  /** Fields that are not named are kept: the platform adds some without notice. */
  reply: z.ZodType<T>
  /** May it be sent twice? Only then is it tried again when nobody knows whether it arrived. */
  idempotent: boolean
}

export type WecomClient = { call<T>(secret: string, request: WecomRequest<T>): Promise<T> }

export type WecomClientOptions = {
  apiBase: string
  corpid: string
  /** http://, https:// or socks5://; every connection then goes through it. */
  proxy?: string | undefined
  timeoutMs?: number
  /** Waits before the second, third and fourth try (wecom-api.md §1.2: at most three more). */
  backoffMs?: number[]
  wait(ms: number): Promise<void>
}

/** Drop the token, fetch one, try once more (§1.2). */
const TOKEN_ERRORS = new Set([40014, 42001, 41001, 42007, 42009])
/** Busy, and a conflict with another writer: the same call may pass in a moment. */
const PASSING = new Set([-1, 6000])
/** Refused before anything was done: any call may be sent again, with fewer beside it. */
const TOO_MANY_AT_ONCE = 45033
const OUT_OF_LIMIT = 45009
const BACKOFF_MS = [300, 1500, 5000]
const TIMEOUT_MS = 10_000

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

/** One client for all that is asked of WeCom over HTTP. Tokens and secrets leave it in requests only. */
export function createWecomClient(options: WecomClientOptions): WecomClient {
  const line: Line = { options, egress: openEgress(options), limiter: createLimiter(options.wait) }
  const tokens = new Tokens(secret => fetchToken(line, secret))
  return {
    async call(secret, request) {
      const token = await tokens.get(secret)
      const answer = await attempts(line, request, { access_token: token.value })
      if (!TOKEN_ERRORS.has(answer.errcode)) return settle(line, request, answer)
      tokens.drop(secret, token)
      const again = await attempts(line, request, { access_token: (await tokens.get(secret)).value })
      return settle(line, request, again)
    },
  }
}

type Line = { options: WecomClientOptions; egress: Egress; limiter: Limiter }

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

function settle<T>(line: Line, request: WecomRequest<T>, answer: RawAnswer): T {
  if (answer.errcode !== 0) throw refusal(line, request, answer.errcode)
  const parsed = request.reply.safeParse(answer.body)
  if (!parsed.success) {
    const fields = parsed.error.issues.map(issue => issue.path.join('.')).join(', ')
    throw fail('wecom.unreadable', { api: request.path, fields })
  }
  return parsed.data
}

/** errmsg stays out: it quotes addresses and ids. */
function refusal(line: Line, request: Limited, errcode: number): Fault {
  const api = request.path
  if (errcode === OUT_OF_LIMIT)
    return fail('wecom.refused', { api, errcode, retryAfter: line.limiter.refused(request) })
  const hint = HINTS[errcode]
  return fail('wecom.refused', hint ? { api, errcode, hint } : { api, errcode })
}

/** Send, and while nobody is to blame send again, if the call may be sent twice. */
async function attempts(line: Line, request: Sent, secrets: Record<string, string>): Promise<RawAnswer> {
  const once = (): Promise<RawAnswer> =>
    line.limiter.run(
      request,
      () => send(line, request, secrets),
      answer => answer.errcode === TOO_MANY_AT_ONCE,
    )
  for (const wait of line.options.backoffMs ?? BACKOFF_MS) {
    const answer = await once().catch(error => passing(error, request.idempotent))
    const again = answer === null || mayPass(answer.errcode, request.idempotent)
    if (answer !== null && !again) return answer
    await line.options.wait(wait)
  }
  return once()
}

/** Unreachable and cut off pass, if the call may be sent twice; anything else is a mistake of ours. */
function passing(error: unknown, idempotent: boolean): null {
  if (idempotent && error instanceof Fault && error.code !== 'egress.refused') return null
  throw error
}

function mayPass(errcode: number, idempotent: boolean): boolean {
  return errcode === TOO_MANY_AT_ONCE || (idempotent && PASSING.has(errcode))
}

type Sent = Omit<WecomRequest<unknown>, 'reply'>

async function send(line: Line, request: Sent, secrets: Record<string, string>): Promise<RawAnswer> {
  const { egress, options } = line
  const home = new URL(options.apiBase)
  const url = new URL(`${home.pathname.replace(/\/+$/, '')}/cgi-bin/${request.path}`, home)
  for (const [name, value] of Object.entries(request.query ?? {})) url.searchParams.set(name, String(value))
  for (const [name, value] of Object.entries(secrets)) url.searchParams.set(name, value)
  const { method } = request
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const response = await egress.send({ method, url, timeoutMs, ...payload(request) }).catch(error => {
    if (error instanceof Fault) throw error
    throw fail('wecom.unreachable', { api: request.path, reason: reasonOf(error) })
  })
  return readAnswer(response, request.path, request.file === true)
}

function payload(request: Sent): { headers?: Record<string, string>; body?: string | Buffer } {
  if (request.upload) return multipart(request.upload)
  if (request.body === undefined) return {}
  return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(request.body) }
}

/** One part named `media`, with the file's name and length (§5.3). */
function multipart({ name, contentType, data }: Upload): { headers: Record<string, string>; body: Buffer } {
  const boundary = `----${randomUUID()}`
  const filename = name.replace(/["\r\n]/g, '_')
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="media"; filename="${filename}"; filelength=${data.length}`,
    `Content-Type: ${contentType}`,
    `Content-Length: ${data.length}`,
    '\r\n',
  ].join('\r\n')
  const body = Buffer.concat([Buffer.from(head), data, Buffer.from(`\r\n--${boundary}--\r\n`)])
  return { headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body }
}

async function fetchToken(line: Line, secret: string): Promise<Token> {
  const { method, path, reply, idempotent } = base.gettoken
  const request = { method, path, reply, idempotent }
  const answer = await attempts(line, request, { corpid: line.options.corpid, corpsecret: secret })
  const { access_token: value, expires_in: seconds } = settle(line, request, answer)
  return tokenOf(value, seconds)
}
