import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What goes wrong at the next requests: a status, or the connection. */
type S3Trouble = { status: number; code: string } | 'reset' | 'half'

export type S3Server = {
  endpoint: string
  /** What lies there, by path. */
  objects: Map<string, Buffer>
  asked: { method: string; path: string; headers: IncomingMessage['headers'] }[]
  /** Taken one a request, from the front. */
  troubles: S3Trouble[]
  close(): void
}

const hmac = (key: Buffer | string, text: string): Buffer => createHmac('sha256', key).update(text).digest()
const sha256 = (data: Buffer | string): string => createHash('sha256').update(data).digest('hex')

/**
 * Enough of S3 to hold a client to it: signatures checked from the request as it came, checksums, locks that need one.
 * It is written from the same pages as the client and shares no code with it; it is no real store.
 */
export async function openS3Server(key: {
  keyId: string
  secret: string
  region: string
}): Promise<S3Server> {
  const objects = new Map<string, Buffer>()
  const asked: S3Server['asked'] = []
  const troubles: S3Trouble[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const body = Buffer.concat(parts)
    const path = (request.url ?? '').split('?')[0] ?? ''
    asked.push({ method: request.method ?? '', path, headers: request.headers })
    const trouble = troubles.shift()
    if (trouble === 'reset') return void request.socket.destroy()
    if (trouble === 'half') {
      response.writeHead(200, { 'content-length': 100 }).write('half')
      return void setTimeout(() => request.socket.destroy(), 10)
    }
    const code = trouble ? trouble.code : refusalOf(request, path, body, key)
    if (code !== null) return answer(response, trouble?.status ?? 403, code)
    handle(request, response, objects, path, body)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    asked,
    troubles,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

function answer(response: ServerResponse, status: number, code: string): void {
  const text = `<?xml version="1.0"?><Error><Code>${code}</Code><Message>as it is</Message></Error>`
  response.writeHead(status, { 'content-type': 'application/xml' }).end(text)
}

/** What AWS would answer instead, or null. */
function refusalOf(
  request: IncomingMessage,
  path: string,
  body: Buffer,
  key: { keyId: string; secret: string; region: string },
): string | null {
  const { headers } = request
  const [, keyId, day, region, signed = '', signature] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request,\s*SignedHeaders=([^,]+),\s*Signature=([0-9a-f]{64})$/.exec(
      headers.authorization ?? '',
    ) ?? []
  if (keyId !== key.keyId) return 'InvalidAccessKeyId'
  const moment = String(headers['x-amz-date'])
  const at = Date.parse(moment.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Math.abs(at - Date.now()) < 900_000)) return 'RequestTimeTooSkewed'
  if (headers['x-amz-content-sha256'] !== sha256(body)) return 'XAmzContentSHA256Mismatch'
  if (!signed.split(';').includes('host')) return 'SignatureDoesNotMatch'
  // Every x-amz header must be among the signed ones.
  if (Object.keys(headers).some(name => name.startsWith('x-amz-') && !signed.split(';').includes(name)))
    return 'AccessDenied'
  const lines = signed.split(';').map(name => `${name}:${String(headers[name]).trim()}`)
  const canonical = `${request.method}\n${path}\n\n${lines.join('\n')}\n\n${signed}\n${sha256(body)}`
  const scope = `${day}/${region}/s3/aws4_request`
  const secret = hmac(hmac(hmac(hmac(`AWS4${key.secret}`, day ?? ''), key.region), 's3'), 'aws4_request')
  const due = hmac(secret, `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${sha256(canonical)}`).toString('hex')
  return due === signature ? null : 'SignatureDoesNotMatch'
}

function handle(
  request: IncomingMessage,
  response: ServerResponse,
  objects: Map<string, Buffer>,
  path: string,
  body: Buffer,
): void {
  const code = path.startsWith('/bucket/') ? checksumFault(request, body) : 'NoSuchBucket'
  const found = objects.get(path)
  if (code !== null) answer(response, code === 'NoSuchBucket' ? 404 : 400, code)
  else if (request.method === 'PUT') {
    objects.set(path, body)
    response.writeHead(200).end()
  } else if (request.method === 'DELETE') {
    objects.delete(path)
    response.writeHead(204).end()
  } else if (found) response.writeHead(200, { 'content-length': found.length }).end(found)
  else answer(response, 404, 'NoSuchKey')
}

/** A lock demands a checksum, and a checksum that is there must be right. */
function checksumFault({ method, headers }: IncomingMessage, body: Buffer): string | null {
  if (method !== 'PUT') return null
  const md5 = createHash('md5').update(body).digest('base64')
  if (headers['content-md5'] === undefined)
    return headers['x-amz-object-lock-mode'] === undefined ? null : 'InvalidRequest'
  return headers['content-md5'] === md5 ? null : 'BadDigest'
}
