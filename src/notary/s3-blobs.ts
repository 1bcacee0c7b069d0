import { hash } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { type Blobs, fail, now, type S3Config } from '../base/index.ts'
import { type Egress, openEgress, reasonOf } from '../wecom/index.ts'
import { authorization, encodePath } from './sigv4.ts'

const TIMEOUT_MS = 15_000
const TRIES = 5
const FIRST_PAUSE_MS = 100
/** The largest blob of the ledger is a tile of 8 KB; a stamp is smaller. */
const MOST_BYTES = 16_777_216
const MOST_ERROR = 65_536
const DAY_MS = 86_400_000

/** Whether what stands under this name will never be written again, so that it may be locked. */
export type Final = (name: string) => boolean

/**
 * Blobs in an object store that speaks S3. With `lockDays`, what is final is put under Object Lock in COMPLIANCE mode: then
 * nobody, the owner of the account included, removes or replaces that version before the day. Others stay free, because a
 * checkpoint is written twice a second and every locked version would be kept, and paid for, until then.
 *
 * @throws blob.refused when the store says no, blob.unreachable when it does not answer in five tries.
 */
export function s3Blobs(config: S3Config, final: Final): Blobs & { close(): Promise<void> } {
  const base = baseOf(config)
  const egress = openEgress({ apiBase: base.origin })
  const place = (name: string): URL => {
    if (
      name === '' ||
      name.startsWith('/') ||
      name.split('/').some(part => part === '' || part === '.' || part === '..')
    )
      throw fail('blob.missing', { name })
    return new URL(encodePath(`${base.path}/${name}`), base.origin)
  }
  const send = (method: Method, name: string, body = EMPTY, headers: Record<string, string> = {}) =>
    sendAgain(egress, config, { method, url: place(name), name, body, headers })
  return {
    where: `s3://${config.bucket}/${config.prefix} (${base.origin})`,
    async put(name, bytes) {
      const locked = config.lockDays > 0 && final(name)
      const answer = await send('PUT', name, Buffer.from(bytes), {
        // A store demands a checksum beside a lock; this one they all know.
        'content-md5': hash('md5', bytes, 'base64'),
        ...(locked ? lockHeaders(config.lockDays) : {}),
      })
      if (answer.status !== 200) throw refused('put', name, answer)
    },
    async get(name) {
      const answer = await send('GET', name)
      if (answer.status === 200) return answer.body
      if (answer.status === 404 && answer.code !== 'NoSuchBucket') return null
      throw refused('get', name, answer)
    },
    async remove(name) {
      const answer = await send('DELETE', name)
      if (![200, 204, 404].includes(answer.status) || answer.code === 'NoSuchBucket')
        throw refused('remove', name, answer)
    },
    close: () => egress.close(),
  }
}

const EMPTY = Buffer.alloc(0)
type Method = 'GET' | 'PUT' | 'DELETE'
type Asked = { method: Method; url: URL; name: string; body: Buffer; headers: Record<string, string> }
type Answer = { status: number; code: string; body: Buffer }

function lockHeaders(days: number): Record<string, string> {
  return {
    'x-amz-object-lock-mode': 'COMPLIANCE',
    'x-amz-object-lock-retain-until-date': new Date(now() + days * DAY_MS).toISOString(),
  }
}

/** Path style puts the bucket into the path, host style before the host, as some stores demand. */
function baseOf({ endpoint, bucket, prefix, style }: S3Config): { origin: string; path: string } {
  const url = new URL(endpoint)
  const folder = prefix === '' ? '' : `/${prefix}`
  if (style === 'path') return { origin: url.origin, path: `/${bucket}${folder}` }
  url.host = `${bucket}.${url.host}`
  return { origin: url.origin, path: folder }
}

/** Every request may be sent twice: the same bytes under the same name. Only what may pass is tried again. */
async function sendAgain(egress: Egress, config: S3Config, asked: Asked): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await sendOnce(egress, config, asked).catch((error: unknown) => reasonOf(error))
    const passing = typeof answer === 'string' || answer.status >= 500 || answer.status === 429
    if (!passing) return answer
    if (tries === TRIES) {
      const reason = typeof answer === 'string' ? answer : `${answer.status} ${answer.code}`
      throw fail('blob.unreachable', { name: asked.name, host: asked.url.host, reason })
    }
    await wait(FIRST_PAUSE_MS * 2 ** (tries - 1))
  }
}

async function sendOnce(egress: Egress, config: S3Config, asked: Asked): Promise<Answer> {
  const { method, url, body } = asked
  const bodyHash = hash('sha256', body)
  const headers = {
    ...asked.headers,
    host: url.host,
    'x-amz-content-sha256': bodyHash,
    'x-amz-date': new Date(now()).toISOString().replaceAll(/[-:]|\.\d+/g, ''),
  }
  const path = decodeURIComponent(url.pathname)
  const signature = authorization({ method, path, query: [], headers, bodyHash }, config)
  const answer = await egress.send({
    method,
    url,
    headers: { ...headers, authorization: signature },
    body: method === 'PUT' ? body : undefined,
    timeoutMs: TIMEOUT_MS,
  })
  const bytes = await answer.read(answer.status === 200 ? MOST_BYTES : MOST_ERROR)
  const code =
    answer.status === 200 ? '' : (/<Code>(\w{1,64})<\/Code>/.exec(bytes.toString('latin1'))?.[1] ?? '')
  return { status: answer.status, code, body: bytes }
}

const HINTS: Record<string, string> = {
  AccessDenied: 'the key may not do this in the bucket',
  SignatureDoesNotMatch: 'TONGJIAN_S3_SECRET or the region is wrong',
  InvalidAccessKeyId: 'TONGJIAN_S3_KEY_ID is unknown there',
  RequestTimeTooSkewed: 'the clock of this machine is wrong',
  NoSuchBucket: 'the bucket does not exist; make it, with Object Lock switched on',
  InvalidRequest:
    'perhaps the bucket was made without Object Lock; it can only be switched on when a bucket is made',
}

function refused(what: string, name: string, { status, code }: Answer): Error {
  return fail('blob.refused', {
    what,
    name,
    status,
    code,
    hint: HINTS[code] ?? `the object store answers ${status} ${code}`,
  })
}
