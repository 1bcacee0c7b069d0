import { constants, createDecipheriv, createHash, type KeyObject, privateDecrypt } from 'node:crypto'

/** One row of GetChatData's `chatdata` (path/91774). */
export type ArchiveRecord = {
  seq: number
  msgid: string
  publickey_ver: number
  encrypt_random_key: string
  encrypt_chat_msg: string
}

/** Why a record could not be decrypted; the record waits in quarantine for the right key. */
export type Undecryptable = 'no_private_key' | 'wrong_private_key' | 'damaged_record' | 'sdk_crashed'

export type Decrypted = { ok: true; raw: Buffer } | { ok: false; reason: Undecryptable }

/** encrypt_random_key after RSA: what DecryptData calls encrypt_key. */
export type Unwrapped =
  | { ok: true; key: Buffer }
  | { ok: false; reason: 'no_private_key' | 'wrong_private_key' }

const SIM_PREFIX = 'SIM1.'
const IV_BYTES = 12
const TAG_BYTES = 16

/**
 * The first of the two steps, the same for WeCom and the simulator: RSA PKCS#1 v1.5 over the random key.
 * On Node 24 (OpenSSL 3.5) a wrong private key gives random bytes instead of an error, so the cipher decides.
 */
export function unwrapKey(
  record: Pick<ArchiveRecord, 'publickey_ver' | 'encrypt_random_key'>,
  keys: Map<number, KeyObject>,
): Unwrapped {
  const key = keys.get(record.publickey_ver)
  if (!key) return { ok: false, reason: 'no_private_key' }
  const sealed = Buffer.from(record.encrypt_random_key, 'base64')
  try {
    return { ok: true, key: privateDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, sealed) }
  } catch {
    return { ok: false, reason: 'wrong_private_key' }
  }
}

/**
 * Both steps with the simulator's cipher, keyed by the random key. WeCom's own second step is unpublished and lives in
 * Tencent's library.
 */
export function decryptSimulated(record: ArchiveRecord, keys: Map<number, KeyObject>): Decrypted {
  if (!keys.has(record.publickey_ver)) return { ok: false, reason: 'no_private_key' }
  if (!record.encrypt_chat_msg.startsWith(SIM_PREFIX)) return { ok: false, reason: 'damaged_record' }
  const random = unwrapKey(record, keys)
  return random.ok ? openSimulated(random.key, record.encrypt_chat_msg) : random
}

function openSimulated(random: Buffer, message: string): Decrypted {
  const sealed = Buffer.from(message.slice(SIM_PREFIX.length), 'base64')
  if (sealed.length < IV_BYTES + TAG_BYTES) return { ok: false, reason: 'damaged_record' }
  try {
    const cipher = createDecipheriv(
      'aes-256-gcm',
      createHash('sha256').update(random).digest(),
      sealed.subarray(0, IV_BYTES),
    )
    cipher.setAuthTag(sealed.subarray(sealed.length - TAG_BYTES))
    const raw = Buffer.concat([
      cipher.update(sealed.subarray(IV_BYTES, sealed.length - TAG_BYTES)),
      cipher.final(),
    ])
    return { ok: true, raw }
  } catch {
    return { ok: false, reason: 'wrong_private_key' }
  }
}
