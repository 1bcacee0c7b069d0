import { createECDH, hash, randomBytes } from 'node:crypto'
import {
  inverse,
  isOnCurve,
  type Multiples,
  mod,
  multiplesOf,
  SM2_ORDER as N,
  type Point,
  sumX,
} from './sm2-curve.ts'

/**
 * SM2 signatures with SM3 (GB/T 32918.2-2016) over the curve of GB/T 32918.5-2017. Node signs with SM2 keys under an
 * empty identity only and offers no way to set another, so the two equations of the standard are written out here. What
 * multiplies by a secret is OpenSSL's, by its curve `SM2`; only public numbers meet `sm2-curve.ts`.
 */
const CURVE = 'SM2'
/** a, b and the base point: what Z_A hashes of the curve (GB/T 32918.2 §5.5). */
const CURVE_WORDS = Buffer.from(
  'fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e9332c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0',
  'hex',
)
/** The identity where nobody agreed on another (GM/T 0009-2012 §10). */
const SM2_DEFAULT_ID = '1234567812345678'

export const SM2_SCALAR_BYTES = 32
/** 0x04 ‖ x ‖ y. */
export const SM2_POINT_BYTES = 65
/** r ‖ s, 32 bytes each, big-endian. */
const SM2_SIGNATURE_BYTES = 64

/** Sign under a private key of 32 bytes. `nonce` is for known answers only; left out, OpenSSL's generator gives it. */
export function sm2Sign(
  privateKey: Uint8Array,
  message: Uint8Array,
  options: { id?: string; nonce?: Uint8Array } = {},
): Buffer {
  const e = digestOf(publicPoint(privateKey), message, options.id)
  const d = toInt(privateKey)
  for (;;) {
    const { k, x } = oneTime(options.nonce)
    const r = mod(e + x, N)
    if (r === 0n || r + k === N) continue
    // A random factor, so that how long the inversion takes tells nothing of the key.
    const mask = toInt(randomBytes(SM2_SCALAR_BYTES)) | 1n
    const s = mod(inverse(mod((1n + d) * mask, N), N) * mask * (k - r * d), N)
    if (s !== 0n) return Buffer.concat([toBytes(r), toBytes(s)])
  }
}

/** Whether `signature` over `message` was made with the key of this point. Any malformed input is simply false. */
export function sm2Verify(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  id?: string,
): boolean {
  const point = pointOf(publicKey)
  if (!point || signature.length !== SM2_SIGNATURE_BYTES) return false
  const r = toInt(signature.subarray(0, SM2_SCALAR_BYTES))
  const s = toInt(signature.subarray(SM2_SCALAR_BYTES))
  const t = mod(r + s, N)
  if (r === 0n || r >= N || s === 0n || s >= N || t === 0n) return false
  const base = pointOf(publicPoint(signature.subarray(SM2_SCALAR_BYTES)))
  const x = base && sumX(multiples(publicKey, point), t, base)
  if (x === undefined) return false
  return mod(digestOf(publicKey, message, id) + x, N) === r
}

/** The public point of a private key. */
export function publicPoint(privateKey: Uint8Array): Buffer {
  const ecdh = createECDH(CURVE)
  ecdh.setPrivateKey(privateKey)
  return ecdh.getPublicKey()
}

/** e = SM3(Z_A ‖ M), where Z_A binds identity, curve and public key (GB/T 32918.2 §5.5, §6.1). */
function digestOf(publicKey: Uint8Array, message: Uint8Array, id: string = SM2_DEFAULT_ID): bigint {
  const identity = Buffer.from(id)
  const bits = Buffer.alloc(2)
  bits.writeUInt16BE(identity.length * 8)
  const z = hash('sm3', Buffer.concat([bits, identity, CURVE_WORDS, publicKey.subarray(1)]), 'buffer')
  return toInt(hash('sm3', Buffer.concat([z, message]), 'buffer'))
}

/** A fresh k and the x of kG. */
function oneTime(nonce: Uint8Array | undefined): { k: bigint; x: bigint } {
  const ecdh = createECDH(CURVE)
  if (nonce) ecdh.setPrivateKey(nonce)
  else ecdh.generateKeys()
  return { k: toInt(ecdh.getPrivateKey()), x: toInt(ecdh.getPublicKey().subarray(1, 1 + SM2_SCALAR_BYTES)) }
}

/** The point, if the bytes are one of the curve's. */
function pointOf(bytes: Uint8Array): Point | undefined {
  if (bytes.length !== SM2_POINT_BYTES || bytes[0] !== 4) return undefined
  const point = {
    x: toInt(bytes.subarray(1, 1 + SM2_SCALAR_BYTES)),
    y: toInt(bytes.subarray(1 + SM2_SCALAR_BYTES)),
  }
  return isOnCurve(point) ? point : undefined
}

/** A log has one key, and a check of the archive meets its signature thousands of times. */
const known = new Map<string, Multiples>()
const KNOWN_KEYS = 8

function multiples(publicKey: Uint8Array, point: Point): Multiples {
  const name = Buffer.from(publicKey).toString('hex')
  let found = known.get(name)
  if (!found) {
    if (known.size >= KNOWN_KEYS) known.clear()
    found = multiplesOf(point)
    known.set(name, found)
  }
  return found
}

function toInt(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`)
}

function toBytes(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * SM2_SCALAR_BYTES, '0'), 'hex')
}
