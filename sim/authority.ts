import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A time authority of nobody's, for the demo: real answers after RFC 3161 that only this folder's own root vouches for. */
export type DemoAuthority = { url: string; ca: string; close(): void }

const POLICY = '1.3.6.1.4.1.55555.1'
const DAY_MS = 86_400_000
const YEARS = 10
const MOST_QUERY = 4096

// ---- DER (X.690), as far as one certificate and one answer need it.

function der(tag: number, ...parts: Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...head), content])
}
const sequence = (...parts: Uint8Array[]): Buffer => der(0x30, ...parts)
const set = (...parts: Uint8Array[]): Buffer => der(0x31, ...parts)
const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
const number = (n: number): Buffer => der(0x02, Buffer.of(n))
/** Positive, because its first bit is cleared, and of full length, because the second is set. */
const serialNumber = (): Buffer => {
  const bytes = randomBytes(8)
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40
  return der(0x02, bytes)
}
const time = (at: number): Buffer =>
  der(0x18, Buffer.from(new Date(at).toISOString().replaceAll(/[-:T]|\.\d+/g, '')))

function oid(dots: string): Buffer {
  const [root = 0, second = 0, ...rest] = dots.split('.').map(Number)
  const bytes = [root * 40 + second, ...rest].flatMap(arc => {
    const septets = [arc & 0x7f]
    for (let more = arc >> 7; more > 0; more >>= 7) septets.unshift(0x80 | (more & 0x7f))
    return septets
  })
  return der(0x06, Buffer.from(bytes))
}

/** The values inside a constructed one, whole. Only short, well-formed queries come here. */
function partsOf(value: Buffer): Buffer[] {
  const parts: Buffer[] = []
  let [at] = spanOf(value, 0)
  while (at < value.length) {
    const [begin, length] = spanOf(value, at)
    parts.push(value.subarray(at, begin + length))
    at = begin + length
  }
  return parts
}

function spanOf(bytes: Buffer, at: number): [begin: number, length: number] {
  const first = bytes[at + 1] ?? 0
  const size = first < 0x80 ? 0 : first & 0x7f
  return [at + 2 + size, size === 0 ? first : bytes.readUIntBE(at + 2, size)]
}

// ---- Certificates

const ECDSA_SHA256 = sequence(oid('1.2.840.10045.4.3.2'))
const SHA256 = sequence(oid('2.16.840.1.101.3.4.2.1'))

type Certified = { der: Buffer; serial: Buffer; key: KeyObject }

const nameOf = (text: string): Buffer => sequence(set(sequence(oid('2.5.4.3'), der(0x0c, Buffer.from(text)))))
const extension = (id: string, value: Buffer): Buffer =>
  sequence(oid(id), der(0x01, Buffer.of(0xff)), octets(value))

function certify(
  subject: string,
  extensions: Buffer[],
  issuer: { name: string; key: KeyObject } | null,
): Certified {
  const { publicKey, privateKey: key } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const now = Date.now()
  const serial = serialNumber()
  const body = sequence(
    der(0xa0, number(2)),
    serial,
    ECDSA_SHA256,
    nameOf(issuer?.name ?? subject),
    sequence(time(now - DAY_MS), time(now + YEARS * 365 * DAY_MS)),
    nameOf(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', body, issuer?.key ?? key)
  return { der: sequence(body, ECDSA_SHA256, der(0x03, Buffer.of(0), signature)), serial, key }
}

const ROOT = '演示时间戳机构 根'
const STAMPING = '演示时间戳机构'

/** Made once for a folder: a root that forgot its key, and a certificate for stamping alone. */
function loadAuthority(folder: string): { certificate: Buffer; serial: Buffer; key: KeyObject; ca: string } {
  const file = (name: string): string => join(folder, name)
  if (!existsSync(file('stamping.json'))) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const isCa = extension('2.5.29.19', sequence(der(0x01, Buffer.of(0xff))))
    const root = certify(ROOT, [isCa], null)
    const stampingOnly = extension('2.5.29.37', sequence(oid('1.3.6.1.5.5.7.3.8')))
    const made = certify(STAMPING, [stampingOnly], { name: ROOT, key: root.key })
    const base64 = root.der.toString('base64').replaceAll(/.{64}/g, '$&\n')
    writeFileSync(file('root.pem'), `-----BEGIN CERTIFICATE-----\n${base64}\n-----END CERTIFICATE-----\n`)
    const key = made.key.export({ type: 'pkcs8', format: 'pem' })
    const kept = { certificate: made.der.toString('base64'), serial: made.serial.toString('base64'), key }
    writeFileSync(file('stamping.json'), JSON.stringify(kept), { mode: 0o600 })
  }
  const kept = JSON.parse(readFileSync(file('stamping.json'), 'utf8')) as Record<string, string>
  return {
    certificate: Buffer.from(kept.certificate ?? '', 'base64'),
    serial: Buffer.from(kept.serial ?? '', 'base64'),
    key: createPrivateKey(kept.key ?? ''),
    ca: file('root.pem'),
  }
}

// ---- Answers

const attribute = (id: string, value: Buffer): Buffer => sequence(oid(id), set(value))
const TST_INFO = oid('1.2.840.113549.1.9.16.1.4')

/** TimeStampResp over what the query holds (RFC 3161 §2.4.2). */
function answer(query: Buffer, authority: ReturnType<typeof loadAuthority>): Buffer {
  const [, imprint = Buffer.alloc(0), ...rest] = partsOf(query)
  const nonce = rest.find(part => part[0] === 0x02) ?? Buffer.alloc(0)
  if (query[0] !== 0x30 || imprint[0] !== 0x30) throw new Error('not a query')
  const info = sequence(number(1), oid(POLICY), imprint, serialNumber(), time(Date.now()), nonce)
  const hash = (bytes: Buffer): Buffer => createHash('sha256').update(bytes).digest()
  const attributes = [
    attribute('1.2.840.113549.1.9.3', TST_INFO),
    attribute('1.2.840.113549.1.9.4', octets(hash(info))),
    attribute(
      '1.2.840.113549.1.9.16.2.47',
      sequence(sequence(sequence(octets(hash(authority.certificate))))),
    ),
  ].sort(Buffer.compare)
  const signer = sequence(
    number(1),
    sequence(nameOf(ROOT), authority.serial),
    SHA256,
    der(0xa0, ...attributes),
    ECDSA_SHA256,
    octets(sign('sha256', set(...attributes), authority.key)),
  )
  const signed = sequence(
    number(3),
    set(SHA256),
    sequence(TST_INFO, der(0xa0, octets(info))),
    der(0xa0, authority.certificate),
    set(signer),
  )
  return sequence(sequence(number(0)), sequence(oid('1.2.840.113549.1.7.2'), der(0xa0, signed)))
}

/** Start it on this machine; root and key stay in the folder, so that stamps of earlier runs still lead to the root. */
export async function startAuthority(folder: string): Promise<DemoAuthority> {
  const authority = loadAuthority(folder)
  const server = createServer(async (request, response) => {
    const query = await bodyOf(request)
    const wanted =
      request.method === 'POST' && request.headers['content-type'] === 'application/timestamp-query'
    if (!wanted || query === null) return void response.writeHead(400).end()
    try {
      const bytes = answer(query, authority)
      response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(bytes)
    } catch {
      response.writeHead(400).end()
    }
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`,
    ca: authority.ca,
    close() {
      server.closeAllConnections()
      server.close()
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = []
  for await (const part of request) {
    parts.push(part as Buffer)
    if (parts.reduce((sum, each) => sum + each.length, 0) > MOST_QUERY) return null
  }
  return Buffer.concat(parts)
}
