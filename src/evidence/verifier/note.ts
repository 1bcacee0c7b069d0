import { ed25519 } from '@noble/curves/ed25519.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concat, fromBase64, same, toHex, utf8 } from './bytes.ts'

/** Whom the reader is asked to believe. `fingerprint`: SHA-256 of the 32 bytes of the public key, hexadecimal. */
export type Key = { name: string; hash: Uint8Array; publicKey: Uint8Array; fingerprint: string }

const ED25519 = 0x01
const SIGNATURE_LINE = '— '

/** `name+hash+base64` (C2SP signed-note), or null when it is malformed or the hash is not that of the key. */
export function readKey(text: string): Key | null {
  const [, name, hex, base64] = /^([^+\s]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)\n?$/.exec(text) ?? []
  const material = fromBase64(base64)
  if (name === undefined || material?.length !== 33 || material[0] !== ED25519) return null
  const publicKey = material.slice(1)
  const hash = sha256(concat(utf8(name), Uint8Array.of(0x0a, ED25519), publicKey)).slice(0, 4)
  if (toHex(hash) !== hex) return null
  return { name, hash, publicKey, fingerprint: toHex(sha256(publicKey)) }
}

/** The text of a signed note, or null unless `key` signed exactly this text, in the one spelling there is. */
export function openNote(note: string, key: Key): string | null {
  const blank = note.lastIndexOf('\n\n')
  if (blank === -1 || !note.endsWith('\n')) return null
  const text = note.slice(0, blank + 1)
  const lines = note.slice(blank + 2, -1).split('\n')
  // A package holds notes of one key: one line, so that nothing can be added to it unseen.
  if (lines.length !== 1) return null
  const [line = ''] = lines
  if (!line.startsWith(SIGNATURE_LINE)) return null
  const [name, base64, ...rest] = line.slice(SIGNATURE_LINE.length).split(' ')
  const bytes = fromBase64(base64)
  if (rest.length > 0 || name !== key.name || bytes?.length !== 4 + 64) return null
  if (!same(bytes.slice(0, 4), key.hash)) return null
  try {
    return ed25519.verify(bytes.slice(4), utf8(text), key.publicKey, { zip215: false }) ? text : null
  } catch {
    return null
  }
}

export type Checkpoint = { origin: string; size: number; root: Uint8Array }

/** The three lines of a checkpoint (C2SP tlog-checkpoint), or null. Further lines are allowed and mean nothing here. */
export function readCheckpoint(text: string): Checkpoint | null {
  const [origin, decimal = '', base64] = text.split('\n')
  const root = fromBase64(base64)
  const size = Number(decimal)
  if (!origin || !/^(?:0|[1-9]\d*)$/.test(decimal) || !Number.isSafeInteger(size) || root?.length !== 32)
    return null
  return { origin, size, root }
}
