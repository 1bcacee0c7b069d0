import { Readable } from 'node:stream'
import type { z } from 'zod'
import type { Actor, Blobs, Db } from '../base/index.ts'
import { only, rangeOf } from './byte-range.ts'
import type { mediaQuery } from './contract.ts'
import { type MediaFile, readMedia } from './media.ts'
import { dispositionOf, type MediaType, sniff } from './media-type.ts'
import { wavOf } from './voice.ts'

/** Whatever the bytes are, they run nothing and load nothing in our name. */
const HARMLESS = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
const WAV: MediaType = { mime: 'audio/wav', ending: 'wav', inline: true }

type Asked = z.infer<typeof mediaQuery> & { convId: string }
type Reply = { headers(values: Record<string, string | number>): unknown; code(status: number): unknown }

/** A file of a message or a stretch of it, as players ask when somebody jumps to the middle. */
export async function serveMedia(
  deps: { db: Db; media: Blobs },
  actor: Actor,
  asked: Asked,
  range: string | undefined,
  reply: Reply,
): Promise<Readable> {
  const partly = range !== undefined && !/^bytes=0-/.test(range)
  const file = await readMedia(deps.db, actor, deps.media, asked, { saved: asked.save === 'true', partly })
  const played = asked.as === 'wav' ? await asWav(file) : null
  const type = played ? WAV : sniff(file.head)
  const size = played?.length ?? file.size
  const wanted = rangeOf(range, size)
  reply.headers({
    'content-type': type.mime,
    'content-disposition': dispositionOf(asked.save ? { ...type, inline: false } : type, file.name),
    'accept-ranges': 'bytes',
    'content-security-policy': HARMLESS,
  })
  if (wanted === 'outside') {
    reply.code(416)
    reply.headers({ 'content-range': `bytes */${size}`, 'content-length': 0 })
    return Readable.from([], { objectMode: false })
  }
  const bytes = played ? once(played) : file.bytes()
  if (wanted === null) {
    reply.headers({ 'content-length': size })
    return Readable.from(bytes, { objectMode: false })
  }
  reply.code(206)
  reply.headers({
    'content-range': `bytes ${wanted.from}-${wanted.to}/${size}`,
    'content-length': wanted.to - wanted.from + 1,
  })
  return Readable.from(only(bytes, wanted), { objectMode: false })
}

async function asWav(file: MediaFile): Promise<Buffer> {
  return wavOf(Buffer.concat(await Array.fromAsync(file.bytes())))
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes
}
