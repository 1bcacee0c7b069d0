import { refuse, requireCount, requireLength } from './errors.ts'
import { HASH_BYTES } from './hash.ts'
import { decodeBase64, requireNoteText } from './note-text.ts'

/** A tree head: which log, how many leaves, what root. `extra` are opaque lines that no verifier can check. */
export type Checkpoint = {
  readonly origin: string
  readonly size: number
  readonly root: Uint8Array
  readonly extra?: readonly string[]
}

const DECIMAL = /^(?:0|[1-9]\d*)$/

/**
 * The note text of a checkpoint, ready for signNote (C2SP tlog-checkpoint): origin, size and root, a line each, then
 * the extra lines. Throws `ledger.range`, `ledger.hash_length` or `ledger.checkpoint_malformed`.
 */
export function formatCheckpoint(checkpoint: Checkpoint): string {
  const { origin, size, root, extra = [] } = checkpoint
  requireCount('size', size)
  requireLength('root', root, HASH_BYTES)
  const lines = [origin, String(size), Buffer.from(root).toString('base64'), ...extra]
  if (lines.some(line => line === '' || line.includes('\n'))) {
    throw refuse('ledger.checkpoint_malformed', { reason: 'empty or broken line' })
  }
  const text = `${lines.join('\n')}\n`
  requireNoteText(text, 'ledger.checkpoint_malformed')
  return text
}

/**
 * Reads the text of a note as a checkpoint (C2SP tlog-checkpoint). Take the text from openNote: unsigned, it proves
 * nothing. Throws `ledger.checkpoint_malformed` unless it is exactly what formatCheckpoint would have written.
 */
export function parseCheckpoint(text: string): Required<Checkpoint> {
  requireNoteText(text, 'ledger.checkpoint_malformed')
  const lines = text.slice(0, -1).split('\n')
  const [origin, decimal, base64, ...extra] = lines
  if (origin === undefined || decimal === undefined || base64 === undefined || lines.includes('')) {
    throw refuse('ledger.checkpoint_malformed', { lines: lines.length })
  }
  const size = Number(decimal)
  if (!DECIMAL.test(decimal) || !Number.isSafeInteger(size)) {
    throw refuse('ledger.checkpoint_malformed', { size: decimal })
  }
  const root = decodeBase64(base64)
  if (root?.length !== HASH_BYTES) throw refuse('ledger.checkpoint_malformed', { root: base64 })
  return { origin, size, root, extra }
}
