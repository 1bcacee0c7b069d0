import { createHash } from 'node:crypto'
import {
  type Actor,
  type Blobs,
  type Db,
  fail,
  type House,
  hash63,
  inTransaction,
  type JobQueue,
  keyMonth,
  now,
} from '../base/index.ts'
import { logLeaves } from '../notary/index.ts'
import { mediaOf } from '../wecom/index.ts'
import { DERIVED } from './jobs.ts'
import { mayRead } from './keep/shred.ts'
import { mark } from './marks.ts'
import { piecesOf } from './media.ts'
import { lockFile, selectStored } from './media-store.ts'
import { gramsOf, sealDerived } from './prepare.ts'
import { readMessages } from './read.ts'
import {
  claimUnread,
  insertTexts,
  type ReadingRow,
  type ReadingState,
  replaceGrams,
  settleRow,
} from './reading-store.ts'

/** A stored file nobody has read yet. `size` is 0 when its bytes are gone from the folder. */
export type Unread = ReadingRow & { name: string | null; size: number }

/** What was read: `place` tells several texts of one file apart (page, sheet, code), empty when there is one. */
export type Found = { source: 'ocr' | 'qr' | 'asr' | 'document'; place: string; text: string }
export type Reading = { state: ReadingState; reason: string | null; texts: Found[] }

/** Longer than any file may take; a process that died is followed after this. */
const CLAIM_MS = 300_000

/** Take up to `limit` files for this process, newest first. */
export async function takeUnread(db: Db, house: House, limit: number): Promise<Unread[]> {
  const rows = await claimUnread(db, house.corp, limit, now(), now() + CLAIM_MS)
  if (rows.length === 0) return []
  const messages = await readMessages(db, house, rows)
  return Promise.all(
    rows.map(async row => {
      const normal = messages.find(m => m.key.msgid === row.msgid && m.key.convId === row.convId)?.normal
      const name = normal ? mediaOf(normal).find(media => media.part === row.part)?.name : undefined
      const stored = await selectStored(db, house.corp, row.sha256)
      return { ...row, name: name ?? null, size: stored?.size ?? 0 }
    }),
  )
}

/** The whole of a stored file, held against its hash. The system reads it; a person's look goes through readMedia. */
export async function bytesOf(db: Db, house: House, blobs: Blobs, unread: Unread): Promise<Buffer> {
  const stored = await selectStored(db, house.corp, unread.sha256)
  if (!stored) throw fail('blob.missing', { part: unread.part })
  const bytes = Buffer.concat(await Array.fromAsync(piecesOf(db, house, blobs, unread.sha256, stored)))
  if (!createHash('sha256').update(bytes).digest().equals(unread.sha256)) throw fail('key.wrong', {})
  return bytes
}

/**
 * Write down what a file says, once: its texts sealed with the message's key and known to the ledger, the grams by
 * which search finds them, and the job for detection; or why it could not be read, as a mark for the sampler.
 */
export async function settleReading(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  unread: Unread,
  reading: Reading,
): Promise<void> {
  const { house } = actor
  const { convId, sentAt, msgid } = unread
  await inTransaction(db, async tx => {
    // Two files of one message, read by two processes: the second finds the grams of the first.
    await lockFile(tx, hash63('tongjian reading v1', convId, String(sentAt), msgid))
    const at = now()
    if (!(await settleRow(tx, house.corp, unread, { ...reading, at }))) return
    if (reading.state === 'unreadable' || reading.state === 'skipped')
      await mark(tx, actor, [{ key: unread, kind: 'unread', value: reading.reason ?? reading.state }])
    if (reading.texts.length === 0 || !(await mayRead(tx, house.corp, unread))) return
    await keepTexts(tx, house, unread, reading.texts, at)
    await jobs.enqueue(tx, DERIVED, { corp: house.corp, keys: [[convId, sentAt, msgid]] })
  })
}

async function keepTexts(
  tx: Parameters<typeof insertTexts>[0],
  house: House,
  unread: Unread,
  texts: Found[],
  at: number,
): Promise<void> {
  const { convId: conv, sentAt, msgid } = unread
  const [key] = await house.keys.forScopes(tx, [{ conv, month: keyMonth(sentAt) }])
  if (!key) throw fail('key.missing', { conv })
  const sealed = texts.map(({ source, place, text }) => {
    const part = place === '' ? unread.part : `${unread.part}#${place}`
    const made = sealDerived({ corp: house.corp, conv, sentAt, msgid, source, part }, text, key, at)
    return { ...made, source, keyId: key.id }
  })
  await insertTexts(tx, house.corp, unread, sealed, at)
  await logLeaves(
    tx,
    house,
    'archive',
    sealed.map(({ recordHash, source, part }) => ({
      kind: 'derived',
      recordHash,
      conv,
      sentAt,
      ref: `${msgid}|${source}|${part}`,
    })),
  )
  // A choice that comes and goes must not cost the message its place in the index.
  const [message] = await readMessages(tx, house, [unread], { restricted: true })
  const hasher = await gramsOf(tx, house)
  const all = (message?.texts ?? []).map(text => text.text).join('\n')
  await replaceGrams(tx, house.corp, unread, hasher.of(all))
}
