import { createHash, randomBytes } from 'node:crypto'
import { now } from './clock.ts'

/** UUID version 7 (RFC 9562 §5.7): sorts by time, so B-trees grow at one end. */
export function newId(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(now(), 0, 6)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/**
 * A positive 63-bit number, in decimal, that anyone can compute from its parts without a look-up.
 * Used for `conv_id` (design §6): a room, a sorted pair of parties, or a person's switch log.
 */
export function hash63(domain: string, ...parts: string[]): string {
  const hash = createHash('sha256').update(domain)
  for (const part of parts) hash.update('\0').update(part)
  return (hash.digest().readBigUInt64BE() & 0x7fff_ffff_ffff_ffffn).toString()
}
