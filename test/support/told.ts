import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

export type Letter = { from: string; to: string[]; raw: string }
export type Post = { path: string; headers: Record<string, string>; body: string }

/** A mail server on this machine that takes everything, or refuses as it is told. */
export async function mailbox(): Promise<{
  url: string
  letters: Letter[]
  refuse(how: boolean): void
  close(): Promise<void>
}> {
  const letters: Letter[] = []
  let refusing = false
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    logger: false,
    onData(stream, session, done) {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (refusing) return done(Object.assign(new Error('try later'), { responseCode: 451 }))
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom ? mailFrom.address : ''
        letters.push({ from, to: rcptTo.map(one => one.address), raw: Buffer.concat(parts).toString('utf8') })
        done()
      })
    },
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const { port } = server.server.address() as AddressInfo
  return {
    url: `smtp://127.0.0.1:${port}`,
    letters,
    refuse: how => {
      refusing = how
    },
    close: () => new Promise<void>(done => server.close(done)),
  }
}

/** What reads webhooks: keeps them, and answers as it is told. */
export async function hookEar(): Promise<{
  host: string
  url: string
  posts: Post[]
  answer(status: number): void
  close(): Promise<void>
}> {
  const posts: Post[] = []
  let status = 204
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
      )
      posts.push({ path: request.url ?? '', headers, body: Buffer.concat(parts).toString('utf8') })
      response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/' } : {})
      response.end()
    })
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    host: `127.0.0.1:${port}`,
    url: `http://127.0.0.1:${port}/tongjian`,
    posts,
    answer: code => {
      status = code
    },
    close: () => new Promise<void>(done => server.close(() => done())),
  }
}

/** The subject and the text of a letter as a reader sees them. */
export function readLetter({ raw }: Letter): { subject: string; text: string; id: string } {
  const [head = '', ...rest] = raw.split('\r\n\r\n')
  const unfolded = head.replace(/\r\n[ \t]+/g, ' ')
  const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'im').exec(unfolded)?.[1] ?? ''
  const body = rest.join('\r\n\r\n')
  const coded = field('content-transfer-encoding')
  const text =
    coded === 'base64'
      ? Buffer.from(body, 'base64').toString('utf8')
      : coded === 'quoted-printable'
        ? quoted(body)
        : body
  return { subject: words(field('subject')), text, id: field('message-id') }
}

function quoted(text: string): string {
  const bytes = text
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

/** RFC 2047. */
function words(text: string): string {
  return text
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, how: string, inside: string) =>
      how.toLowerCase() === 'b'
        ? Buffer.from(inside, 'base64').toString('utf8')
        : quoted(inside.replace(/_/g, ' ')),
    )
}
