import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, type KeyObject } from 'node:crypto'
import { refuse } from './errors.ts'
import { decodeBase64 } from './note-text.ts'

/** Who signs: a key name and an Ed25519 private key. */
export type NoteSigner = { readonly name: string; readonly privateKey: KeyObject }

/** Who is believed: a key name, the first four bytes of the key's hash, and an Ed25519 public key. */
export type NoteVerifier = { readonly name: string; readonly keyHash: Buffer; readonly publicKey: KeyObject }

/** Bytes of a key hash, which tells keys of one name apart (C2SP signed-note, "key ID"). */
export const KEY_HASH_BYTES = 4

// C2SP signed-note, "Signature types".
const ED25519_TYPE = 0x01
const PUBLIC_KEY_BYTES = 32
const NAME_END = 0x0a

/** A new random Ed25519 key under `name`. Throws `ledger.key_name`. */
export function generateNoteKey(name: string): NoteSigner {
  requireKeyName(name)
  return { name, privateKey: generateKeyPairSync('ed25519').privateKey }
}

/** The private key as PKCS #8 in PEM, unencrypted: seal it before it is stored. */
export function notePrivateKeyToPem(signer: NoteSigner): string {
  return signer.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
}

/** Reads {@link notePrivateKeyToPem}. Throws `ledger.key_name`, or `ledger.key_malformed` if not Ed25519. */
export function noteSignerFromPem(name: string, pem: string): NoteSigner {
  requireKeyName(name)
  const privateKey = readKey(() => createPrivateKey(pem))
  if (privateKey.asymmetricKeyType !== 'ed25519') throw refuse('ledger.key_malformed', { name })
  return { name, privateKey }
}

/** The verifier that believes what `signer` signs. Throws `ledger.key_name` or `ledger.key_malformed`. */
export function noteVerifierOf(signer: NoteSigner): NoteVerifier {
  requireKeyName(signer.name)
  const publicKey = createPublicKey(signer.privateKey)
  return { name: signer.name, keyHash: keyHash(signer.name, rawPublicKey(publicKey)), publicKey }
}

/** A verifier key string: name, hex of the key hash, base64 of type and public key (C2SP signed-note). */
export function noteVerifierToString(verifier: NoteVerifier): string {
  const material = Buffer.concat([Buffer.of(ED25519_TYPE), rawPublicKey(verifier.publicKey)])
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
  if (material?.length !== 1 + PUBLIC_KEY_BYTES || material[0] !== ED25519_TYPE) {
    throw refuse('ledger.key_malformed', { name })
  }
  const raw = material.subarray(1)
  const computed = keyHash(name, raw)
  if (computed.toString('hex') !== hex) throw refuse('ledger.key_malformed', { name, keyHash: hex })
  return { name, keyHash: computed, publicKey: publicKeyFromRaw(raw) }
}

/** Whether a key name is allowed: not empty, no Unicode space, no plus (C2SP signed-note), no control character. */
export function isKeyName(name: string): boolean {
  return name.isWellFormed() && /^[^\s\p{Z}\p{Cc}+]+$/u.test(name)
}

/** Throws `ledger.key_name` unless {@link isKeyName}. */
function requireKeyName(name: string): void {
  if (!isKeyName(name)) throw refuse('ledger.key_name', { name })
}

/** C2SP signed-note, "Ed25519 signatures": SHA-256(name ‖ newline ‖ type ‖ public key), first four bytes. */
function keyHash(name: string, raw: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name), Buffer.of(NAME_END, ED25519_TYPE), raw])
  // SHA-256 by the format, whatever hash the tree uses.
  return hash('sha256', named, 'buffer').subarray(0, KEY_HASH_BYTES)
}

function rawPublicKey(publicKey: KeyObject): Buffer {
  const { crv, x } = publicKey.export({ format: 'jwk' })
  if (crv !== 'Ed25519' || x === undefined) throw refuse('ledger.key_malformed')
  return Buffer.from(x, 'base64url')
}

function publicKeyFromRaw(raw: Buffer): KeyObject {
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
