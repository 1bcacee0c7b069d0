import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** How the authority answers. `honest` but for the last few is OpenSSL's own. */
export type Manner =
  | 'honest'
  | 'other nonce'
  | 'other imprint'
  | 'rejects'
  | 'garbage'
  | 'huge'
  | 'slow'
  | 'broken'
  | 'moved'

export type Authority = {
  url: string
  /** PEM file of its root, for TONGJIAN_TSA_CA. */
  ca: string
  policy: string
  manner: Manner
  asked: number
  /** What OpenSSL says of an answer over this file's bytes: does `openssl ts -verify` accept it? */
  accepts(data: Buffer, response: Buffer): boolean
  /** An answer to this query, or over other data when it is given. */
  answer(query: Buffer): Buffer
}

export const POLICY = '1.3.6.1.4.1.55555.1'

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' })
}

const CONFIG = `
[req]
distinguished_name = dn
[dn]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[loose]
basicConstraints = critical, CA:FALSE
extendedKeyUsage = timeStamping, serverAuth
[tsa]
default_tsa = tsa_config
[tsa_config]
serial = serial
signer_digest = sha256
default_policy = ${POLICY}
digests = sha256
accuracy = secs:1
ordering = no
tsa_name = yes
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`

/** Keys of a root, of an authority below it, and of a certificate that is not made for stamping alone. */
export function makeAuthorityKeys(folder: string, algorithm: 'rsa' | 'ec' = 'rsa'): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tsa.cnf'), CONFIG)
  writeFileSync(join(folder, 'serial'), '1000\n')
  const key =
    algorithm === 'rsa' ? ['-newkey', 'rsa:2048'] : ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const common = ['-config', 'tsa.cnf', '-nodes', '-sha256']
  openssl(
    folder,
    'req',
    '-x509',
    ...key,
    ...common,
    '-subj',
    '/CN=Test Root',
    '-days',
    '30',
    '-extensions',
    'ca',
    '-keyout',
    'root.key',
    '-out',
    'root.pem',
  )
  for (const name of ['stamping', 'loose']) {
    openssl(
      folder,
      'req',
      ...key,
      ...common,
      '-subj',
      `/CN=Test ${name}`,
      '-keyout',
      `${name}.key`,
      '-out',
      `${name}.csr`,
    )
    openssl(
      folder,
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      '-CA',
      'root.pem',
      '-CAkey',
      'root.key',
      '-CAcreateserial',
      '-days',
      '20',
      '-sha256',
      '-extfile',
      'tsa.cnf',
      '-extensions',
      name,
      '-out',
      `${name}.pem`,
    )
  }
}

let counter = 0

/** OpenSSL's answer to a query, signed by this key of the folder. */
export function opensslReply(folder: string, query: Buffer): Buffer {
  counter += 1
  const [asked, answered] = [`${counter}.tsq`, `${counter}.tsr`]
  writeFileSync(join(folder, asked), query)
  openssl(
    folder,
    'ts',
    '-reply',
    '-config',
    'tsa.cnf',
    '-queryfile',
    asked,
    '-inkey',
    'stamping.key',
    '-signer',
    'stamping.pem',
    '-out',
    answered,
  )
  return readFileSync(join(folder, answered))
}

/** OpenSSL's query over these bytes. */
function opensslQuery(folder: string, data: Buffer, digest = 'sha256'): Buffer {
  counter += 1
  writeFileSync(join(folder, `${counter}.data`), data)
  openssl(
    folder,
    'ts',
    '-query',
    '-data',
    `${counter}.data`,
    `-${digest}`,
    '-cert',
    '-out',
    `${counter}.query`,
  )
  return readFileSync(join(folder, `${counter}.query`))
}

function opensslAccepts(folder: string, data: Buffer, response: Buffer): boolean {
  counter += 1
  writeFileSync(join(folder, `${counter}.data`), data)
  writeFileSync(join(folder, `${counter}.tsr`), response)
  try {
    openssl(
      folder,
      'ts',
      '-verify',
      '-data',
      `${counter}.data`,
      '-in',
      `${counter}.tsr`,
      '-CAfile',
      'root.pem',
    )
    return true
  } catch {
    return false
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts)
}

/** A time authority on this machine with a root made now; gone when the test ends. */
export async function openAuthority(): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-tsa-'))
  makeAuthorityKeys(folder)
  const authority: Authority = {
    url: '',
    ca: join(folder, 'root.pem'),
    policy: POLICY,
    manner: 'honest',
    asked: 0,
    accepts: (data, response) => opensslAccepts(folder, data, response),
    answer: query => answerOf(folder, authority.manner, query),
  }
  const server = createServer(async (request, response) => {
    authority.asked += 1
    const query = await bodyOf(request)
    if (request.headers['content-type'] !== 'application/timestamp-query')
      return void response.writeHead(415).end()
    if (authority.manner === 'slow') return
    if (authority.manner === 'broken') return void response.writeHead(500).end('no')
    if (authority.manner === 'moved')
      return void response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()
    response.writeHead(200, { 'content-type': 'application/timestamp-reply' }).end(authority.answer(query))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  authority.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tsa`
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return authority
}

function answerOf(folder: string, manner: Manner, query: Buffer): Buffer {
  if (manner === 'garbage') return Buffer.from('<html>404</html>')
  if (manner === 'huge') return Buffer.alloc(5_000_000, 0x30)
  if (manner === 'other imprint') return opensslReply(folder, opensslQuery(folder, Buffer.from('other')))
  if (manner === 'rejects') return opensslReply(folder, opensslQuery(folder, Buffer.from('x'), 'sha512'))
  const answered = opensslReply(folder, query)
  if (manner !== 'other nonce') return answered
  // The same bytes, asked with a nonce of its own: what a replayed answer is.
  const imprint = /[\s\S]{32}/.exec(
    query.subarray(query.indexOf(Buffer.from('0420', 'hex')) + 2).toString('latin1'),
  )?.[0]
  const other = Buffer.from(query)
  const at = query.indexOf(Buffer.from(imprint ?? '', 'latin1')) + 32
  // Behind the imprint: 02 len nonce.
  other[at + 4] = (other[at + 4] ?? 0) ^ 1
  return opensslReply(folder, other)
}
