/** Everything the ledger can refuse. The set is closed: a caller can switch on it exhaustively. */
export type LedgerErrorCode =
  /** A tree size, leaf index or level that is not a safe non-negative integer, or lies outside its tree. */
  | 'ledger.range'
  /** A hash whose length is not 32 bytes, or a run of hashes that is not a multiple of it. */
  | 'ledger.hash_length'
  /** Stored frontier or tile-log bytes that do not decode. */
  | 'ledger.state_malformed'
  /** A tile path that is not in the one spelling C2SP tlog-tiles allows. */
  | 'ledger.tile_path'
  /** A tile that the tree must have was not found. */
  | 'ledger.tile_missing'
  /** A tile that was found but has the wrong number of bytes. */
  | 'ledger.tile_length'
  /** A key name that is empty or holds a space, a plus sign or a control character. */
  | 'ledger.key_name'
  /** Key material that is not an Ed25519 or SM2 key in the expected encoding, or does not match its own key hash. */
  | 'ledger.key_malformed'
  /** A signed note, or a text to be signed, that breaks the C2SP signed-note format. */
  | 'ledger.note_malformed'
  /** A signature line that breaks the format: wrong shape, base64 that is not canonical, or too short. */
  | 'ledger.note_signature_malformed'
  /** No signature was made by any of the given keys. */
  | 'ledger.note_key_unknown'
  /** No signature was made by any of the given keys, and one bears the hash of such a key under another name. */
  | 'ledger.note_name_mismatch'
  /** A signature that claims to be by a given key and does not verify: text or signature was altered. */
  | 'ledger.note_signature_invalid'
  /** A note text that is not a C2SP tlog-checkpoint. */
  | 'ledger.checkpoint_malformed'
  /** A value that has no canonical JSON form: a fraction, undefined, a lone surrogate, a Date … */
  | 'ledger.not_canonical'
  /** A record version or kind that cannot be encoded. */
  | 'ledger.record_malformed'
  /** A commitment salt under 16 bytes: what it hides could be guessed. */
  | 'ledger.salt_short'
  /** A time authority's answer that is not believed; `reason` says why (StampRefusal in tsp.ts). */
  | 'ledger.stamp_refused'
  /** A file of trusted certificates without one, or with one that does not parse. */
  | 'ledger.stamp_anchors'

/** A refusal by the ledger. `detail` names the offending value and never holds message content. */
export class LedgerError extends Error {
  override readonly name = 'LedgerError'
  readonly code: LedgerErrorCode
  readonly detail: Readonly<Record<string, string | number>>

  constructor(code: LedgerErrorCode, detail: Readonly<Record<string, string | number>> = {}) {
    super(`${code} ${JSON.stringify(detail)}`)
    this.code = code
    this.detail = detail
  }
}

/** The error for `code`, to be thrown by the caller, so that the compiler sees the flow end there. */
export function refuse(
  code: LedgerErrorCode,
  detail?: Readonly<Record<string, string | number>>,
): LedgerError {
  return new LedgerError(code, detail)
}

/** Checks a size or an index: a safe integer, zero or more. Throws `ledger.range`. */
export function requireCount(name: string, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) throw refuse('ledger.range', { [name]: value })
}

/** Checks that `bytes` is exactly one hash. Throws `ledger.hash_length`. */
export function requireLength(name: string, bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw refuse('ledger.hash_length', { [name]: bytes.length, expected: length })
}
