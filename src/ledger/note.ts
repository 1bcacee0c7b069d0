import { refuse } from './errors.ts'
import {
  isKeyName,
  KEY_HASH_BYTES,
  type NoteSigner,
  type NoteVerifier,
  noteVerifierOf,
  signText,
  verifyText,
} from './note-key.ts'
import { decodeBase64, requireNoteText } from './note-text.ts'

// A note comes from outside; C2SP signed-note asks for a limit on signatures of at least 16.
const MAX_SIGNATURES = 100
const MAX_NOTE_BYTES = 1_000_000

const LINE_START = '— '

type Signature = { readonly name: string; readonly keyHash: Buffer; readonly bytes: Buffer }

/** A note that was believed: its text, and the verifiers whose signatures were found good. */
export type OpenedNote = { readonly text: string; readonly verifiers: readonly NoteVerifier[] }

/**
 * `text` with a signature line of each signer below it (C2SP signed-note; Ed25519 after RFC 8032, or SM2).
 * Throws `ledger.note_malformed` unless the text ends in a newline and has no control characters, `ledger.key_name`
 * or `ledger.key_malformed`.
 */
export function signNote(text: string, ...signers: readonly [NoteSigner, ...NoteSigner[]]): string {
  requireNoteText(text, 'ledger.note_malformed')
  const lines = signers.map(signer => {
    const { name, keyHash } = noteVerifierOf(signer)
    const bytes = signText(signer, Buffer.from(text))
    return `${LINE_START}${name} ${Buffer.concat([keyHash, bytes]).toString('base64')}\n`
  })
  return `${text}\n${lines.join('')}`
}

/**
 * The text of a signed note, once at least one of `verifiers` has signed it. Signatures by other keys are ignored,
 * as C2SP signed-note demands; a bad signature by one of `verifiers` refuses the whole note.
 *
 * Throws `ledger.note_malformed`, `ledger.note_signature_malformed`, `ledger.note_signature_invalid`,
 * `ledger.note_name_mismatch` or `ledger.note_key_unknown`.
 */
export function openNote(note: string | Uint8Array, verifiers: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = splitNote(decodeNote(note))
  const signed = Buffer.from(text)
  const believed = new Set<NoteVerifier>()
  for (const signature of signatures) {
    const verifier = verifiers.find(v => v.name === signature.name && v.keyHash.equals(signature.keyHash))
    if (verifier === undefined) continue
    if (!verifyText(verifier, signed, signature.bytes)) {
      throw refuse('ledger.note_signature_invalid', { name: signature.name })
    }
    believed.add(verifier)
  }
  if (believed.size === 0) throw whyNotBelieved(signatures, verifiers)
  return { text, verifiers: [...believed] }
}

/** Splits at the last blank line: the text may hold blank lines, the signatures may not (C2SP signed-note). */
function splitNote(note: string): { text: string; signatures: Signature[] } {
  requireNoteText(note, 'ledger.note_malformed')
  const blank = note.lastIndexOf('\n\n')
  if (blank === -1) throw refuse('ledger.note_malformed', { reason: 'no blank line' })
  const lines = note.slice(blank + 2, -1).split('\n')
  if (lines.length > MAX_SIGNATURES) throw refuse('ledger.note_malformed', { signatures: lines.length })
  return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignature) }
}

function parseSignature(line: string): Signature {
  const malformed = refuse('ledger.note_signature_malformed', { line })
  if (!line.startsWith(LINE_START)) throw malformed
  const [name, base64, ...rest] = line.slice(LINE_START.length).split(' ')
  if (name === undefined || base64 === undefined || rest.length > 0 || !isKeyName(name)) throw malformed
  const bytes = decodeBase64(base64)
  if (bytes === undefined || bytes.length <= KEY_HASH_BYTES) throw malformed
  return { name, keyHash: bytes.subarray(0, KEY_HASH_BYTES), bytes: bytes.subarray(KEY_HASH_BYTES) }
}

function decodeNote(note: string | Uint8Array): string {
  if (note.length > MAX_NOTE_BYTES) throw refuse('ledger.note_malformed', { length: note.length })
  if (typeof note === 'string') return note
  try {
    // ignoreBOM keeps a byte-order mark in the text, so that what is verified is every byte that was given.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(note)
  } catch {
    throw refuse('ledger.note_malformed', { reason: 'not UTF-8' })
  }
}

/** Only a hint for the operator: a renamed key and a foreign key are refused alike. */
function whyNotBelieved(signatures: readonly Signature[], verifiers: readonly NoteVerifier[]) {
  const renamed = signatures.find(s => verifiers.some(v => v.keyHash.equals(s.keyHash)))
  if (renamed !== undefined) return refuse('ledger.note_name_mismatch', { name: renamed.name })
  return refuse('ledger.note_key_unknown', { signatures: signatures.length })
}
