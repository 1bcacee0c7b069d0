import { type Fault, fail } from '../../base/index.ts'
import type { ArchiveRecord, Decrypted, Unwrapped } from '../decrypt.ts'
import type { Rc } from './abi.ts'
import type { SealedItem } from './protocol.ts'
import { isCrash, type SdkProcess } from './supervisor.ts'

/** Small enough that a crash costs few single calls, large enough that posting costs nothing. */
const CHUNK = 125
/** DecryptData takes microseconds; the rest is a machine that swaps. */
export const DECRYPT_DEADLINE_MS = 20_000
/** So many records in a row that crash the child are no accident of theirs: the library is broken. */
const CULPRITS_IN_ROW = 4

/** RSA said nothing, the key was wrong, or encrypt_key is no key: all mean the wrong private key (§3.1). */
const WRONG_KEY = new Set([10004, 10006, 10007, 10008])

/**
 * DecryptData for records whose random keys are unwrapped; results in their order. A record that makes the library
 * abort or hang is found by trying one at a time, twice, and gets `sdk_crashed`; the others are decrypted.
 * Throws `sdk.crashed` when nothing decrypts any more.
 */
export async function decryptRecords(
  sdk: SdkProcess,
  records: ArchiveRecord[],
  keys: Unwrapped[],
  deadlineMs: number,
): Promise<Decrypted[]> {
  const results: Decrypted[] = keys.map(key =>
    key.ok ? { ok: false, reason: 'damaged_record' } : { ok: false, reason: key.reason },
  )
  const sealed = keys.flatMap((key, at) =>
    key.ok ? [{ at, item: { key: key.key, message: records[at]?.encrypt_chat_msg ?? '' } }] : [],
  )
  for (let i = 0; i < sealed.length; i += CHUNK) {
    const chunk = sealed.slice(i, i + CHUNK)
    const answers = await decryptChunk(
      sdk,
      chunk.map(({ item }) => item),
      deadlineMs,
    )
    chunk.forEach(({ at }, j) => {
      results[at] = answers[j] ?? { ok: false, reason: 'damaged_record' }
    })
  }
  return results
}

async function decryptChunk(sdk: SdkProcess, items: SealedItem[], deadlineMs: number): Promise<Decrypted[]> {
  const together = await attempt(sdk, items, deadlineMs)
  if (Array.isArray(together)) return together.map(readRc)
  const results: Decrypted[] = []
  let inRow = 0
  for (const item of items) {
    const alone = await attempt(sdk, [item], deadlineMs)
    // Memory damaged by another record may have been the reason: a fresh process decides.
    const sure = Array.isArray(alone) ? alone : await attempt(sdk, [item], deadlineMs)
    inRow = Array.isArray(sure) ? 0 : inRow + 1
    if (inRow >= CULPRITS_IN_ROW) throw sure
    results.push(Array.isArray(sure) && sure[0] ? readRc(sure[0]) : { ok: false, reason: 'sdk_crashed' })
  }
  return results
}

async function attempt(sdk: SdkProcess, items: SealedItem[], deadlineMs: number): Promise<Rc[] | Fault> {
  try {
    const answers = await sdk.call({ op: 'decrypt', items }, deadlineMs)
    if (answers.length !== items.length) throw fail('wecom.unreadable', { api: 'DecryptData' })
    return answers
  } catch (error) {
    // Closed is no crash: whoever closes wants no more tries.
    if (isCrash(error) && error.details.how !== 'closed') return error
    throw error
  }
}

function readRc({ rc, data }: Rc): Decrypted {
  if (rc === 0 && data.length > 0) return { ok: true, raw: data }
  return { ok: false, reason: WRONG_KEY.has(rc) ? 'wrong_private_key' : 'damaged_record' }
}
