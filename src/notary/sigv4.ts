import { createHmac, hash } from 'node:crypto'

/** Who signs, for which region. */
export type SigningKey = { keyId: string; secret: string; region: string }

/** A request to be signed. Header names in lower case; `host` is among them, and all of them are signed. */
export type Signable = {
  method: string
  path: string
  query: readonly (readonly [string, string])[]
  headers: Readonly<Record<string, string>>
  /** SHA-256 of the body, hexadecimal. */
  bodyHash: string
}

const ALGORITHM = 'AWS4-HMAC-SHA256'
const SERVICE = 's3'

/**
 * The Authorization header of AWS Signature Version 4 ("Authenticating Requests: Using the Authorization Header", Amazon
 * S3 API reference). `headers` must hold x-amz-date in the form 20130524T000000Z.
 */
export function authorization(request: Signable, key: SigningKey): string {
  const moment = request.headers['x-amz-date'] ?? ''
  const scope = `${moment.slice(0, 8)}/${key.region}/${SERVICE}/aws4_request`
  const names = Object.keys(request.headers).toSorted()
  const canonical = [
    request.method,
    encodePath(request.path),
    request.query
      .map(([name, value]) => `${encode(name)}=${encode(value)}`)
      .toSorted()
      .join('&'),
    ...names.map(name => `${name}:${request.headers[name]?.trim().replaceAll(/ +/g, ' ')}`),
    '',
    names.join(';'),
    request.bodyHash,
  ].join('\n')
  const toSign = [ALGORITHM, moment, scope, hash('sha256', canonical)].join('\n')
  const signature = hmac(signingKey(key, moment.slice(0, 8)), toSign).toString('hex')
  return `${ALGORITHM} Credential=${key.keyId}/${scope},SignedHeaders=${names.join(';')},Signature=${signature}`
}

function signingKey({ secret, region }: SigningKey, day: string): Buffer {
  const parts = [day, region, SERVICE, 'aws4_request']
  return parts.reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secret}`))
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}

/** RFC 3986 with nothing but unreserved characters left as they are; encodeURIComponent leaves five more. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** A path with each part encoded; S3 does not fold or encode it twice, as other services do. */
export function encodePath(path: string): string {
  return path.split('/').map(encode).join('/')
}
