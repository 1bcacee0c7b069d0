import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto'
import { fail } from './errors.ts'
import { pooledRandom } from './random.ts'

/**
 * The algorithms of a house, chosen at its first start. `international`: AES-256-GCM, SHA-256, Ed25519. `gm` 国密:
 * SM4-CTR with HMAC-SM3, SM3, SM2 (GB/T 32907, 32905, 32918).
 */
export type Suite = 'international' | 'gm'

/** First byte of sealed bytes. International: version ‖ 96-bit random IV ‖ ciphertext ‖ tag (NIST SP 800-38D). */
const INTERNATIONAL = 1
const GCM_IV = 12
const GCM_TAG = 16
/** 国密: version ‖ 128-bit random counter block ‖ ciphertext ‖ HMAC-SM3 over all before it and the context. */
const GM = 2
const CTR_IV = 16
const SM3_TAG = 32
const LENGTH_BYTES = 4

/**
 * The two keys a 国密 key stands for. OpenSSL has no authenticated mode of SM4 that Node reaches, so it is encrypted
 * first and then authenticated, each under a key of its own. Kept beside the key, so that to the rooms a key is a key.
 */
const gmKeys = new WeakMap<KeyObject, { cipher: KeyObject; mac: KeyObject }>()

/** The hash of a suite, as OpenSSL names it. */
export function hashOf(suite: Suite): 'sha256' | 'sm3' {
  return suite === 'gm' ? 'sm3' : 'sha256'
}

/** A key to seal with, from 256 secret bits. Under 国密 both its halves come from them by HKDF (RFC 5869) over SM3. */
export function sealingKey(suite: Suite, secret: Uint8Array): KeyObject {
  const key = createSecretKey(secret)
  if (suite === 'gm') {
    const part = (info: string, bytes: number): KeyObject =>
      createSecretKey(Buffer.from(hkdfSync('sm3', secret, '', info, bytes)))
    gmKeys.set(key, { cipher: part('tongjian sm4-ctr v1', 16), mac: part('tongjian hmac-sm3 v1', 32) })
  }
  return key
}

/** Encrypt and bind to `context`: the same bytes do not open under another row's identity. */
export function seal(key: KeyObject, plain: Uint8Array | string, context: string): Buffer {
  const gm = gmKeys.get(key)
  if (gm) return sealGm(gm, plain, context)
  const iv = pooledRandom(GCM_IV)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  cipher.setAAD(Buffer.from(context))
  const head = Buffer.concat([Buffer.of(INTERNATIONAL), iv])
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Decrypt, or throw `key.wrong` when key, context or bytes do not belong together. */
export function open(key: KeyObject, sealed: Uint8Array, context: string): Buffer {
  const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength)
  const gm = gmKeys.get(key)
  if (gm) return openGm(gm, bytes, context)
  if (bytes.length < 1 + GCM_IV + GCM_TAG || bytes[0] !== INTERNATIONAL) throw fail('key.wrong')
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + GCM_IV))
    decipher.setAAD(Buffer.from(context))
    decipher.setAuthTag(bytes.subarray(bytes.length - GCM_TAG))
    return Buffer.concat([
      decipher.update(bytes.subarray(1 + GCM_IV, bytes.length - GCM_TAG)),
      decipher.final(),
    ])
  } catch (error) {
    throw fail('key.wrong', {}, error)
  }
}

type GmKeys = { cipher: KeyObject; mac: KeyObject }

function sealGm(keys: GmKeys, plain: Uint8Array | string, context: string): Buffer {
  const iv = pooledRandom(CTR_IV)
  const cipher = createCipheriv('sm4-ctr', keys.cipher, iv)
  const body = Buffer.concat([Buffer.of(GM), iv, cipher.update(plain), cipher.final()])
  return Buffer.concat([body, tagOf(keys, body, context)])
}

function openGm(keys: GmKeys, bytes: Buffer, context: string): Buffer {
  if (bytes.length < 1 + CTR_IV + SM3_TAG || bytes[0] !== GM) throw fail('key.wrong')
  const body = bytes.subarray(0, bytes.length - SM3_TAG)
  if (!timingSafeEqual(tagOf(keys, body, context), bytes.subarray(body.length))) throw fail('key.wrong')
  const decipher = createDecipheriv('sm4-ctr', keys.cipher, body.subarray(1, 1 + CTR_IV))
  return Buffer.concat([decipher.update(body.subarray(1 + CTR_IV)), decipher.final()])
}

/** The length before the context keeps context and body from being cut apart elsewhere. */
function tagOf({ mac }: GmKeys, body: Buffer, context: string): Buffer {
  const bound = Buffer.from(context)
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(bound.length)
  return createHmac('sm3', mac).update(length).update(bound).update(body).digest()
}
