import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  sign,
  verify,
} from 'node:crypto'
import { refuse } from './errors.ts'
import { decodeBase64 } from './note-text.ts'
import { SM2_POINT_BYTES, SM2_SCALAR_BYTES, sm2Sign, sm2Verify } from './sm2.ts'

/** How a note is signed: by C2SP's own first choice, or by the national standard. */
export type NoteAlgorithm = 'ed25519' | 'sm2'

/** Who signs: a key name and a private key, Ed25519 or SM2. */
export type NoteSigner = { readonly name: string; readonly privateKey: KeyObject }

/** Who is believed: a key name, the first four bytes of the key's hash, and a public key. */
export type NoteVerifier = { readonly name: string; readonly keyHash: Buffer; readonly publicKey: KeyObject }

/** Bytes of a key hash, which tells keys of one name apart (C2SP signed-note, "key ID"). */
export const KEY_HASH_BYTES = 4

/**
 * What stands before the public key in key id and verifier string. Ed25519 has a byte of its own in C2SP signed-note;
 * SM2 has none, so it takes 0xff and a name that nobody else will use, as that page recommends. Its key is
 * 0x04 ‖ x ‖ y, its signature r ‖ s over the text, with SM3 and the identity 1234567812345678 (GB/T 32918).
 */
const TYPES: Record<NoteAlgorithm, { prefix: Buffer; bytes: number }> = {
  ed25519: { prefix: Buffer.of(0x01), bytes: 32 },
  sm2: {
    prefix: Buffer.concat([Buffer.of(0xff), Buffer.from('tongjian/sm2-sm3/v1')]),
    bytes: SM2_POINT_BYTES,
  },
}
const NAME_END = 0x0a

// All that DER says of an SM2 key beside the key itself (RFC 5915, RFC 5480; curve 1.2.156.10197.1.301).
const SPKI_SM2 = Buffer.from('3059301306072a8648ce3d020106082a811ccf5501822d034200', 'hex')
const PKCS8_SM2 = Buffer.from(
  '308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420',
  'hex',
)

/** A new random key under `name`. Throws `ledger.key_name`. */
export function generateNoteKey(name: string, algorithm: NoteAlgorithm = 'ed25519'): NoteSigner {
  requireKeyName(name)
  const { privateKey } =
    algorithm === 'sm2' ? generateKeyPairSync('ec', { namedCurve: 'SM2' }) : generateKeyPairSync('ed25519')
  return { name, privateKey }
}

/** Sign a text. Throws `ledger.key_malformed` for a key of neither kind. */
export function signText({ privateKey }: NoteSigner, text: Buffer): Buffer {
  if (privateKey.asymmetricKeyType === 'ed25519') return sign(null, text, privateKey)
  return sm2Sign(sm2Scalar(privateKey), text)
}

/** Whether the key of this verifier signed the text. */
export function verifyText({ publicKey }: NoteVerifier, text: Buffer, signature: Buffer): boolean {
  if (publicKey.asymmetricKeyType === 'ed25519') return verify(null, text, publicKey, signature)
  return sm2Verify(rawPublicKey(publicKey).raw, text, signature)
}

/** The private key as PKCS #8 in PEM, unencrypted: seal it before it is stored. */
export function notePrivateKeyToPem(signer: NoteSigner): string {
  return signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Reads {@link notePrivateKeyToPem}. Throws `ledger.key_name`, or `ledger.key_malformed` if neither Ed25519 nor SM2. */
export function noteSignerFromPem(name: string, pem: string): NoteSigner {
  requireKeyName(name)
  const privateKey = readKey(() => createPrivateKey(pem))
  if (privateKey.asymmetricKeyType !== 'ed25519') sm2Scalar(privateKey)
  return { name, privateKey }
}

/** The verifier that believes what `signer` signs. Throws `ledger.key_name` or `ledger.key_malformed`. */
export function noteVerifierOf(signer: NoteSigner): NoteVerifier {
  requireKeyName(signer.name)
  const publicKey = createPublicKey(signer.privateKey)
  const { algorithm, raw } = rawPublicKey(publicKey)
  return { name: signer.name, keyHash: keyHash(signer.name, algorithm, raw), publicKey }
}

/** A verifier key string: name, hex of the key hash, base64 of type and public key (C2SP signed-note). */
export function noteVerifierToString(verifier: NoteVerifier): string {
  const { algorithm, raw } = rawPublicKey(verifier.publicKey)
  const material = Buffer.concat([TYPES[algorithm].prefix, raw])
  return `${verifier.name}+${verifier.keyHash.toString('hex')}+${material.toString('base64')}`
}

/**
 * Reads {@link noteVerifierToString}. Throws `ledger.key_name`, or `ledger.key_malformed` when a part does not decode
 * or the key hash is not that of the key.
 */
export function noteVerifierFromString(text: string): NoteVerifier {
  // The base64 part may hold plus signs, the name may not, so only the first two separate.
  const [, name, hex, base64] = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/s.exec(text) ?? []
  if (name === undefined || hex === undefined || base64 === undefined) throw refuse('ledger.key_malformed')
  requireKeyName(name)
  const material = decodeBase64(base64)
  const algorithm = material && algorithmOf(material)
  if (!material || !algorithm) throw refuse('ledger.key_malformed', { name })
  const raw = material.subarray(TYPES[algorithm].prefix.length)
  const computed = keyHash(name, algorithm, raw)
  if (computed.toString('hex') !== hex) throw refuse('ledger.key_malformed', { name, keyHash: hex })
  return { name, keyHash: computed, publicKey: publicKeyFromRaw(algorithm, raw) }
}

/** Whether a key name is allowed: not empty, no Unicode space, no plus (C2SP signed-note), no control character. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s\p{Z}\p{Cc}+]+$/u.test(name)
}

/** Throws `ledger.key_name` unless {@link isKeyName}. */
function requireKeyName(name: string): void {
  if (!isKeyName(name)) throw refuse('ledger.key_name', { name })
}

function algorithmOf(material: Buffer): NoteAlgorithm | undefined {
  return (['ed25519', 'sm2'] as const).find(
    one =>
      material.length === TYPES[one].prefix.length + TYPES[one].bytes &&
      material.subarray(0, TYPES[one].prefix.length).equals(TYPES[one].prefix),
  )
}

/** C2SP signed-note, "Signatures": SHA-256(name ‖ newline ‖ type ‖ public key), first four bytes. */
function keyHash(name: string, algorithm: NoteAlgorithm, raw: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name), Buffer.of(NAME_END), TYPES[algorithm].prefix, raw])
  // SHA-256 by the format, whatever hash the tree uses: it tells keys apart and protects nothing.
  return hash('sha256', named, 'buffer').subarray(0, KEY_HASH_BYTES)
}

function rawPublicKey(publicKey: KeyObject): { algorithm: NoteAlgorithm; raw: Buffer } {
  if (publicKey.asymmetricKeyType === 'ed25519') {
    const { x } = publicKey.export({ format: 'jwk' })
    if (x !== undefined) return { algorithm: 'ed25519', raw: Buffer.from(x, 'base64url') }
  }
  const der = publicKey.export({ type: 'spki', format: 'der' })
  const raw = der.subarray(SPKI_SM2.length)
  if (!startsWith(der, SPKI_SM2) || raw.length !== SM2_POINT_BYTES) throw refuse('ledger.key_malformed')
  return { algorithm: 'sm2', raw }
}

/** The secret number of an SM2 key. Throws `ledger.key_malformed` for any other key. */
function sm2Scalar(privateKey: KeyObject): Buffer {
  const der = privateKey.export({ type: 'pkcs8', format: 'der' })
  if (!startsWith(der, PKCS8_SM2)) throw refuse('ledger.key_malformed')
  return der.subarray(PKCS8_SM2.length, PKCS8_SM2.length + SM2_SCALAR_BYTES)
}

function startsWith(bytes: Buffer, start: Buffer): boolean {
  return bytes.subarray(0, start.length).equals(start)
}

function publicKeyFromRaw(algorithm: NoteAlgorithm, raw: Buffer): KeyObject {
  if (algorithm === 'sm2') {
    const key = Buffer.concat([SPKI_SM2, raw])
    return readKey(() => createPublicKey({ key, format: 'der', type: 'spki' }))
  }
  const jwk = { kty: 'OKP', crv: 'Ed25519', x: raw.toString('base64url') }
  return readKey(() => createPublicKey({ key: jwk, format: 'jwk' }))
}

function readKey(read: () => KeyObject): KeyObject {
  try {
    return read()
  } catch {
    // OpenSSL's own message may quote the key, so it goes no further.
    throw refuse('ledger.key_malformed')
  }
}
