import { createCipheriv, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { newWrappedKey, readyKey, sealUnder, type WrappedKey } from '../sim/crypto.ts'
import { createRng, type Rng } from '../sim/rng.ts'
import { now } from '../src/base/index.ts'
import { callbackSignature, openCallback, sealCallback } from '../src/wecom/callback.ts'
import { readEnvelope, readEvent } from '../src/wecom/callback-event.ts'
import { type ArchiveRecord, decryptSimulated } from '../src/wecom/decrypt.ts'
import { insideOf, mediaOf, quoteIn } from '../src/wecom/inside.ts'
import { normalise } from '../src/wecom/message.ts'
import { page } from '../src/wecom/source.ts'
import { factsOf, textsOf } from '../src/wecom/texts.ts'
import { EVENTS, MESSAGES } from './fuzz-corpus.ts'
import { mutateBytes, mutateJson, mutateXml } from './fuzz-mutate.ts'

/** How an item ended: `parsed`, or the reason a reader gave. Whatever else it does is a crash. */
export type Ending = { target: string; before: boolean; ending: string; inside: string[] }

const KEYS = {
  token: 'QDG6eK',
  aesKey: 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C',
  receiver: 'wx5823bf96d3bd56c7',
}
const XMLS = EVENTS.map(([, xml]) => xml)

/** Everything an item may end with; anything else is not accounted for. */
export const ENDINGS = new Set([
  'parsed',
  ...['bad_signature', 'stale', 'bad_base64', 'bad_padding', 'wrong_receiver', 'bad_xml'],
  ...['broken_json', 'not_an_object', 'no_msgid', 'no_sender'],
  ...['no_private_key', 'wrong_private_key', 'damaged_record', 'not_a_page'],
])

type Target = {
  target: string
  weight: number
  before: boolean
  run(rng: Rng): Omit<Ending, 'target' | 'before'>
}

/** `before`: spoiled before it is encrypted and signed, so that the reader behind signature and cipher meets it. */
export function openTargets(): (seed: string) => Ending {
  const archive = openArchive()
  const targets: Target[] = [
    { target: 'callback event', weight: 38, before: true, run: rng => ended(pushed(rng, spoiledEvent(rng))) },
    { target: 'callback frame', weight: 6, before: true, run: rng => ended(pushed(rng, spoiledFrame(rng))) },
    { target: 'callback body', weight: 6, before: false, run: rng => ended(spoiledBody(rng)) },
    { target: 'sealed message', weight: 10, before: true, run: rng => sealedPage(rng, archive) },
    { target: 'chatdata page', weight: 10, before: false, run: rng => spoiledPage(rng, archive) },
    {
      target: 'message JSON',
      weight: 30,
      before: true,
      run: rng => ended(readMessage(mutateJson(rng, rng.pick(MESSAGES), MESSAGES))),
    },
  ]
  return seed => {
    const rng = createRng(seed)
    const { target, before, run } = rng.weighted(targets)
    return { target, before, ...run(rng) }
  }
}

function ended(ending: string): Omit<Ending, 'target' | 'before'> {
  return { ending, inside: [] }
}

function spoiledEvent(rng: Rng): string {
  const xml = mutateXml(rng, rng.pick(XMLS), XMLS)
  const bytes = rng.chance(0.15) ? mutateBytes(rng, Buffer.from(xml)) : Buffer.from(xml)
  return sealCallback(KEYS, bytes, rng.bytes(16))
}

/** Random part, length, receiver and padding are wrong in every way, under the right key and signature. */
function spoiledFrame(rng: Rng): string {
  const words = Buffer.from(rng.pick(XMLS))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(rng.chance(0.5) ? words.length : rng.int(0, rng.pick([64, 1000, 0xffff_ffff])))
  const receiver = rng.chance(0.5) ? KEYS.receiver : rng.id(rng.int(0, 20))
  const parts = [rng.bytes(16), length, words, Buffer.from(receiver)]
  const whole = rng.chance(0.5) ? Buffer.concat(parts) : mutateBytes(rng, Buffer.concat(parts))
  const pad = rng.pick([32, 32, 16, 1, 33])
  const count = pad - (whole.length % pad)
  const padding = Buffer.alloc(count, rng.chance(0.7) ? count : rng.int(0, 255))
  const plain = Buffer.concat([whole, padding])
  const key = Buffer.from(`${KEYS.aesKey}=`, 'base64')
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const blocks = plain.subarray(0, plain.length - (plain.length % 16))
  return Buffer.concat([cipher.update(blocks), cipher.final()]).toString('base64')
}

function envelope(encrypt: string): string {
  return `<xml><ToUserName><![CDATA[${KEYS.receiver}]]></ToUserName><AgentID><![CDATA[1]]></AgentID><Encrypt><![CDATA[${encrypt}]]></Encrypt></xml>`
}

/** As WeCom would send it, the way the entrance takes it. */
function pushed(rng: Rng, encrypt: string): string {
  const asked = { timestamp: String(Math.floor(now() / 1000)), nonce: rng.digits(10) }
  return received(Buffer.from(envelope(encrypt)), {
    ...asked,
    signature: callbackSignature(KEYS.token, asked, encrypt),
  })
}

function spoiledBody(rng: Rng): string {
  const encrypt = sealCallback(KEYS, rng.pick(XMLS), rng.bytes(16))
  const asked = { timestamp: String(Math.floor(now() / 1000)), nonce: rng.digits(10) }
  const query = { ...asked, signature: callbackSignature(KEYS.token, asked, encrypt) }
  const body = envelope(encrypt)
  if (rng.chance(0.4)) return received(Buffer.from(mutateXml(rng, body, XMLS)), query)
  if (rng.chance(0.5)) return received(mutateBytes(rng, Buffer.from(body)), query)
  if (rng.chance(0.3)) return received(Buffer.from(envelope(`${encrypt} `)), signedAnew(query, `${encrypt} `))
  const field = rng.pick(['signature', 'timestamp', 'nonce'] as const)
  const spoiled = { ...query, [field]: rng.pick(['', '0', '-1', '1e99', 'é'.repeat(20), rng.id(40)]) }
  return received(Buffer.from(body), rng.chance(0.5) ? spoiled : signedAnew(spoiled, encrypt))
}

function signedAnew(query: { timestamp: string; nonce: string; signature: string }, encrypt: string) {
  return { ...query, signature: callbackSignature(KEYS.token, query, encrypt) }
}

function received(body: Buffer, query: { timestamp: string; nonce: string; signature: string }): string {
  const encrypt = readEnvelope(body)
  if (encrypt === null) return 'bad_xml'
  const opened = openCallback(KEYS, query, encrypt)
  if (!opened.ok) return opened.reason
  const event = readEvent(opened.text)
  if (!event) return 'bad_xml'
  storable(event.type, 'type', 129)
  storable(event.from, 'from', 200)
  if (!Number.isSafeInteger(event.at)) throw new Error('the time of the event cannot be stored')
  if (Object.values(event.fields).some(value => typeof value !== 'string'))
    throw new Error('a field is no text')
  return 'parsed'
}

type Archive = { keys: Map<number, KeyObject>; wrapped: WrappedKey; foreign: WrappedKey }

/** RSA of 1,024 bits: the length of the key is not what is spoiled, and costs a tenth. */
function openArchive(): Archive {
  const pair = () => generateKeyPairSync('rsa', { modulusLength: 1024 })
  const [own, other] = [pair(), pair()]
  const wrap = (key: KeyObject, version: number) =>
    newWrappedKey(
      readyKey({ version, pem: key.export({ type: 'spki', format: 'pem' }).toString() }),
      createRng('key'),
    )
  return {
    keys: new Map([[1, own.privateKey]]),
    wrapped: wrap(own.publicKey, 1),
    foreign: wrap(other.publicKey, 1),
  }
}

function sealedPage(rng: Rng, archive: Archive): Omit<Ending, 'target' | 'before'> {
  const json = mutateJson(rng, rng.pick(MESSAGES), MESSAGES)
  const record = sealUnder(archive.wrapped, 1, 'm', json, rng)
  return readPage(JSON.stringify({ errcode: 0, errmsg: 'ok', chatdata: [record] }), archive)
}

function spoiledPage(rng: Rng, archive: Archive): Omit<Ending, 'target' | 'before'> {
  const key = rng.chance(0.8) ? archive.wrapped : archive.foreign
  const records = [rng.pick(MESSAGES), rng.pick(MESSAGES)].map((json, i) =>
    sealUnder(key, i, `m${i}`, json, rng),
  )
  const text = JSON.stringify({ errcode: 0, errmsg: 'ok', chatdata: records })
  return readPage(mutateJson(rng, text, MESSAGES), archive)
}

function readPage(text: string, archive: Archive): Omit<Ending, 'target' | 'before'> {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch {
    return ended('broken_json')
  }
  const read = page.safeParse(body)
  if (!read.success) return ended('not_a_page')
  return { ending: 'parsed', inside: read.data.chatdata.map(record => readRecord(record, archive)) }
}

function readRecord(record: ArchiveRecord, archive: Archive): string {
  const opened = decryptSimulated(record, archive.keys)
  return opened.ok ? readMessage(opened.raw.toString('utf8')) : opened.reason
}

function readMessage(json: string): string {
  const normal = normalise(json)
  if (typeof normal === 'string') return normal
  for (const id of [
    normal.msgid,
    normal.from,
    ...normal.conversation,
    ...normal.links.map(link => link.target),
  ])
    storable(id, 'an id', 210)
  storable(normal.kind, 'the kind', 64)
  storable(JSON.stringify(normal.meta).replaceAll('\\u0000', '\0'), 'meta', 1_000_000)
  if (!(Number.isSafeInteger(normal.sentAt) && normal.sentAt >= 0))
    throw new Error('the time cannot be stored')
  const texts = textsOf(normal)
  if (new Set(texts.map(({ part }) => part)).size < texts.length) throw new Error('two parts have one name')
  for (const { part, text } of texts) {
    storable(part, 'a part', 500)
    if (typeof text !== 'string') throw new Error('a text is none')
  }
  for (const { part } of mediaOf(normal)) storable(part, 'a part', 500)
  insideOf(normal)
  for (const { text } of texts) quoteIn(text)
  for (const { value } of factsOf(normal)) if (typeof value !== 'string') throw new Error('a fact is no text')
  return 'parsed'
}

/** PostgreSQL takes neither NUL nor half a pair; an index entry has its limit, and so has a line on the screen. */
function storable(text: string, what: string, longest: number): void {
  if (text.includes('\0') || !text.isWellFormed() || text.length > longest)
    throw new Error(`${what} cannot be stored`)
}
