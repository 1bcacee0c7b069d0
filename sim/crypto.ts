import {
  constants,
  createCipheriv,
  createDecipheriv,
  createHash,
  createPublicKey,
  type KeyObject,
  privateDecrypt,
  publicEncrypt,
} from 'node:crypto'
import type { Rng } from './rng.ts'

/*
 * SIMULATOR ONLY. Outside, the archive's encryption is WeCom's: a random key string wrapped by RSA-2048 PKCS#1 v1.5
 * under the public key of `publickey_ver`. Inside, WeCom's symmetric step is unpublished (Tencent's library holds it),
 * so this is a cipher of our own: "SIM1." + base64(iv 12 ‖ AES-256-GCM ciphertext ‖ tag 16), key = SHA-256(ASCII of the
 * random key string), no associated data.
 */
const PREFIX = 'SIM1.'
const IV_BYTES = 12
const TAG_BYTES = 16

export type PublicKey = { version: number; pem: string }
type ReadyKey = { version: number; key: KeyObject }

/** One row of `chatdata`. */
export type ChatRecord = {
  seq: number
  msgid: string
  publickey_ver: number
  encrypt_random_key: string
  encrypt_chat_msg: string
}

export function readyKey(publicKey: PublicKey): ReadyKey {
  return { version: publicKey.version, key: createPublicKey(publicKey.pem) }
}

export type WrappedKey = { version: number; wrapped: string; cipherKey: Buffer }

/** A random key string and its RSA wrapping: the costly half of sealing. */
export function newWrappedKey(key: ReadyKey, rng: Rng): WrappedKey {
  const random = Buffer.from(rng.bytes(32).toString('base64'), 'ascii')
  const wrapped = publicEncrypt({ key: key.key, padding: constants.RSA_PKCS1_PADDING }, random)
  const cipherKey = createHash('sha256').update(random).digest()
  return { version: key.version, wrapped: wrapped.toString('base64'), cipherKey }
}

/** The words sealed under a random key of their own, as GetChatData hands them out. */
export function encryptRecord(seq: number, msgid: string, json: string, key: ReadyKey, rng: Rng): ChatRecord {
  return sealUnder(newWrappedKey(key, rng), seq, msgid, json, rng)
}

export function sealUnder(key: WrappedKey, seq: number, msgid: string, json: string, rng: Rng): ChatRecord {
  const iv = rng.bytes(IV_BYTES)
  const cipher = createCipheriv('aes-256-gcm', key.cipherKey, iv)
  const sealed = Buffer.concat([iv, cipher.update(json, 'utf8'), cipher.final(), cipher.getAuthTag()])
  return {
    seq,
    msgid,
    publickey_ver: key.version,
    encrypt_random_key: key.wrapped,
    encrypt_chat_msg: PREFIX + sealed.toString('base64'),
  }
}

/** The reverse, for tests of the simulator itself; the platform has its own. */
export function decryptForTest(record: ChatRecord, privateKeyPem: string): string {
  const wrapped = Buffer.from(record.encrypt_random_key, 'base64')
  const random = privateDecrypt({ key: privateKeyPem, padding: constants.RSA_PKCS1_PADDING }, wrapped)
  const sealed = Buffer.from(record.encrypt_chat_msg.slice(PREFIX.length), 'base64')
  const decipher = createDecipheriv(
    'aes-256-gcm',
    createHash('sha256').update(random).digest(),
    sealed.subarray(0, IV_BYTES),
  )
  decipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
  const body = sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)
  return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
}
