import { createCipheriv, createDecipheriv, createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { now } from '../base/index.ts'

/** What the event server was given on the page where it is set, and whose messages it takes. */
export type CallbackKeys = {
  token: string
  /** EncodingAESKey: 43 characters. */
  aesKey: string
  /** receiveid at the end of every plaintext: the corpid for self-built and system applications. */
  receiver: string
}

/** Why a callback is not taken. Callers outside are never told which. */
export type CallbackRefusal =
  | 'bad_signature'
  | 'stale'
  | 'bad_base64'
  | 'bad_padding'
  | 'wrong_receiver'
  | 'bad_xml'

/** The query of every callback, as it came. */
export type CallbackQuery = { signature: string; timestamp: string; nonce: string }
export type Opened = { ok: true; text: string } | { ok: false; reason: CallbackRefusal }

/** WeCom pads to 32 although AES has blocks of 16 (path/90968). */
const PAD = 32
const RANDOM_BYTES = 16
const LENGTH_BYTES = 4
/** WeCom retries within seconds; older than this (either way, for clocks differ) is somebody repeating it. */
const WINDOW_SECONDS = 300

/** SHA-1 over the four parts, sorted by code unit and joined (wecom-api.md §2.2, path/90968). */
export function callbackSignature(
  token: string,
  query: Omit<CallbackQuery, 'signature'>,
  encrypt: string,
): string {
  const parts = [token, query.timestamp, query.nonce, encrypt].sort()
  return createHash('sha1').update(parts.join('')).digest('hex')
}

/** Check signature, age, padding and receiver, in this order, and give the words inside. */
export function openCallback(keys: CallbackKeys, query: CallbackQuery, encrypt: string): Opened {
  if (!signed(keys.token, query, encrypt)) return { ok: false, reason: 'bad_signature' }
  if (!fresh(query.timestamp)) return { ok: false, reason: 'stale' }
  const sealed = Buffer.from(encrypt, 'base64')
  // Node skips what is no base64; only what comes back the same was base64 throughout.
  if (sealed.length === 0 || sealed.toString('base64') !== encrypt) return { ok: false, reason: 'bad_base64' }
  const plain = sealed.length % PAD === 0 ? unpadded(decrypted(keys.aesKey, sealed)) : null
  return plain === null ? { ok: false, reason: 'bad_padding' } : unframed(plain, keys.receiver)
}

function signed(token: string, query: CallbackQuery, encrypt: string): boolean {
  const expected = Buffer.from(callbackSignature(token, query, encrypt))
  const given = Buffer.from(query.signature)
  return given.length === expected.length && timingSafeEqual(given, expected)
}

function fresh(timestamp: string): boolean {
  return /^\d{1,11}$/.test(timestamp) && Math.abs(now() / 1000 - Number(timestamp)) <= WINDOW_SECONDS
}

function keyOf(aesKey: string): { key: Buffer; iv: Buffer } {
  const key = Buffer.from(`${aesKey}=`, 'base64')
  return { key, iv: key.subarray(0, 16) }
}

function decrypted(aesKey: string, sealed: Buffer): Buffer {
  const { key, iv } = keyOf(aesKey)
  const decipher = createDecipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([decipher.update(sealed), decipher.final()])
}

/** Every byte of the padding must say its length; the signature has passed, so nobody can ask this as an oracle. */
function unpadded(padded: Buffer): Buffer | null {
  const length = padded.at(-1) ?? 0
  if (length < 1 || length > PAD) return null
  const end = padded.length - length
  return padded.subarray(end).every(byte => byte === length) ? padded.subarray(0, end) : null
}

/** 16 random bytes ‖ length ‖ words ‖ receiver. */
function unframed(plain: Buffer, receiver: string): Opened {
  const from = RANDOM_BYTES + LENGTH_BYTES
  if (plain.length < from) return { ok: false, reason: 'bad_padding' }
  const end = from + plain.readUInt32BE(RANDOM_BYTES)
  if (end > plain.length) return { ok: false, reason: 'bad_padding' }
  if (!plain.subarray(end).equals(Buffer.from(receiver))) return { ok: false, reason: 'wrong_receiver' }
  const text = utf8(plain.subarray(from, end))
  return text === null ? { ok: false, reason: 'bad_xml' } : { ok: true, text }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
function utf8(bytes: Uint8Array): string | null {
  try {
    return UTF8.decode(bytes)
  } catch {
    return null
  }
}

/** Encrypt as WeCom does, for a passive reply; `random` is 16 bytes. */
export function sealCallback(
  keys: Pick<CallbackKeys, 'aesKey' | 'receiver'>,
  words: string | Uint8Array,
  random: Uint8Array = randomBytes(RANDOM_BYTES),
): string {
  const { key, iv } = keyOf(keys.aesKey)
  const text = Buffer.from(words)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(text.length)
  const plain = Buffer.concat([random, length, text, Buffer.from(keys.receiver)])
  const pad = PAD - (plain.length % PAD)
  const cipher = createCipheriv('aes-256-cbc', key, iv).setAutoPadding(false)
  return Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(pad, pad)),
    cipher.final(),
  ]).toString('base64')
}
