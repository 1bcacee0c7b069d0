import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** The padding of §2.2 goes to a multiple of 32, not of AES's 16. */
const BLOCK = 32
const RANDOM_BYTES = 16
const LENGTH_BYTES = 4

export type Opened = { message: string; receiveId: string }

/** EncodingAESKey (43 characters) as the 32 bytes it stands for. */
function keyOf(aesKey: string): Buffer {
  const key = Buffer.from(`${aesKey}=`, 'base64')
  if (aesKey.length !== 43 || key.length !== 32) throw new Error('EncodingAESKey must have 43 characters')
  return key
}

/** `msg_signature` of wecom-api.md §2.2. */
export function signCallback(token: string, timestamp: string, nonce: string, encrypted: string): string {
  return createHash('sha1').update([token, timestamp, nonce, encrypted].sort().join('')).digest('hex')
}

/** `Encrypt` of wecom-api.md §2.2. `random` is 16 bytes, drawn afresh when left out. */
export function encryptCallback(
  aesKey: string,
  message: string,
  receiveId: string,
  random: Buffer = randomBytes(RANDOM_BYTES),
): string {
  const key = keyOf(aesKey)
  const text = Buffer.from(message, 'utf8')
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(text.length)
  const plain = Buffer.concat([random, length, text, Buffer.from(receiveId, 'utf8')])
  const pad = BLOCK - (plain.length % BLOCK)
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  return Buffer.concat([
    cipher.update(plain),
    cipher.update(Buffer.alloc(pad, pad)),
    cipher.final(),
  ]).toString('base64')
}

/** The other way, to read a passive reply and to hold the two against each other. */
export function decryptCallback(aesKey: string, encrypted: string): Opened {
  const key = keyOf(aesKey)
  const decipher = createDecipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(encrypted, 'base64'), decipher.final()])
  const pad = padded.at(-1) ?? 0
  if (pad < 1 || pad > BLOCK) throw new Error('callback padding is wrong')
  const plain = padded.subarray(RANDOM_BYTES, padded.length - pad)
  const length = plain.readUInt32BE(0)
  const end = LENGTH_BYTES + length
  if (end > plain.length) throw new Error('callback length is wrong')
  return {
    message: plain.subarray(LENGTH_BYTES, end).toString('utf8'),
    receiveId: plain.subarray(end).toString('utf8'),
  }
}
