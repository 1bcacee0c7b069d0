import { type LedgerErrorCode, refuse } from './errors.ts'

const NEWLINE = 0x0a
const FIRST_PRINTABLE = 0x20

/**
 * Checks what C2SP signed-note asks of a text: it ends in a newline, has no other control character below U+0020, and
 * can be written as UTF-8. Throws the given code.
 */
export function requireNoteText(text: string, code: LedgerErrorCode): void {
  if (!text.endsWith('\n')) throw refuse(code, { reason: 'no final newline' })
  if (!text.isWellFormed()) throw refuse(code, { reason: 'lone surrogate' })
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < FIRST_PRINTABLE && unit !== NEWLINE) throw refuse(code, { reason: 'control character', at: i })
  }
}

/**
 * The bytes of standard padded base64 (RFC 4648 §4), or undefined. Node skips what it cannot read and ignores spare
 * bits, which would let one signature be spelt in many ways; only the one canonical spelling passes here.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
