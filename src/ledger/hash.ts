import { createHash, hash } from 'node:crypto'

// The one place that knows which hash the ledger uses. SM3 has the same output size, so choosing it later changes
// this file and nothing else.
const ALGORITHM = 'sha256'

/** Size of every hash in the ledger, in bytes. */
export const HASH_BYTES = 32

/**
 * Writes the hash of `data` into `out` at `offset`.
 *
 * Node 24 spends 1.8 µs to hash 65 bytes into a new Buffer and 0.35 µs to hash them into a string, because each new
 * Buffer costs an ArrayBuffer. 'binary' is Latin-1, one character a byte, so going through the string loses nothing.
 */
export function digestInto(data: Uint8Array, out: Buffer, offset: number): void {
  out.write(hash(ALGORITHM, data, 'binary'), offset, 'latin1')
}

/** The hash of `data`, as a Buffer of {@link HASH_BYTES} that the caller owns. */
export function digest(data: Uint8Array): Buffer {
  return Buffer.from(hash(ALGORITHM, data, 'binary'), 'latin1')
}

/** The hash of `parts` one after another, without copying them together. */
export function digestParts(parts: readonly Uint8Array[]): Buffer {
  const state = createHash(ALGORITHM)
  for (const part of parts) state.update(part)
  return state.digest()
}
