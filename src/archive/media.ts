import { createHash } from 'node:crypto'
import {
  type Actor,
  type Blobs,
  type Db,
  fail,
  failpoint,
  type House,
  hash63,
  inTransaction,
  keyMonth,
  now,
  open,
  seal,
} from '../base/index.ts'
import { recordHash } from '../ledger/index.ts'
import { logLeaves } from '../notary/index.ts'
import { record } from '../trail/index.ts'
import { type Media, mediaOf } from '../wecom/index.ts'
import type { MessageKey } from './contract.ts'
import {
  type ClaimedRow,
  claimWaiting,
  insertStored,
  lockFile,
  type MediaRef,
  postpone,
  release,
  type StoredMedia,
  saveProgress,
  selectMedia,
  selectStored,
  settle,
} from './media-store.ts'
import { type Opened, readMessages } from './read.ts'
import { noteUnread } from './reading-store.ts'
import { micros } from './record.ts'
import { authoriseConversation } from './transcript.ts'

/** Final states of a file. `expired` and `failed` are losses, told as such. */
export type MediaVerdict =
  | 'fetched'
  | 'fetched_md5_missing'
  | 'fetched_md5_wrong'
  | 'size_wrong'
  | 'expired'
  | 'failed'

/** A file this process fetches now: what the message promises of it and where a broken fetch goes on. */
export type Wanted = ClaimedRow & { promised: Media }

/** Longer than one slice may take with its retries; a process that died is followed after this. */
const CLAIM_MS = 90_000
const RECORD_VERSION = 1

/** Take up to `limit` waiting files, of these messages or of any. A file whose message is gone settles as failed. */
export async function takeWaiting(
  db: Db,
  house: House,
  keys: MessageKey[] | null,
  limit: number,
): Promise<Wanted[]> {
  const claimed = await claimWaiting(db, house.corp, keys, limit, now(), now() + CLAIM_MS)
  const opened = await readMessages(db, house, claimed)
  const wanted: Wanted[] = []
  for (const row of claimed) {
    const message = opened.find(
      o => o.key.msgid === row.msgid && o.key.convId === row.convId && o.key.sentAt === row.sentAt,
    )
    const promised = message?.normal
      ? mediaOf(message.normal).find(media => media.part === row.part)
      : undefined
    if (promised) wanted.push({ ...row, promised })
    else await settleLoss(db, house, row, 'failed', lossOf(message))
  }
  return wanted
}

/** After a refusal nothing more is taken in, not even the file of a message that was. */
function lossOf(message: Pick<Opened, 'absent'> | undefined): string {
  return message?.absent ? `customer ${message.absent}` : 'the message no longer says which file'
}

/** Put one slice away, sealed with the conversation's key, and remember where the next begins. */
export async function keepSlice(
  db: Db,
  house: House,
  blobs: Blobs,
  ref: MediaRef,
  slice: { number: number; data: Buffer; next: string },
): Promise<boolean> {
  const scope = { conv: ref.convId, month: keyMonth(ref.sentAt) }
  const [key] = await house.keys.forScopes(db, [scope])
  if (!key) throw fail('key.missing', scope)
  await blobs.put(
    partialName(ref, slice.number),
    seal(key.key, slice.data, partialContext(house, ref, slice.number)),
  )
  const to = { index: slice.next, slices: slice.number + 1, until: now() + CLAIM_MS }
  const kept = await saveProgress(db, house.corp, ref, to)
  failpoint('media.slice')
  return kept
}

/** Forget what has come of a file and begin at its first byte again. */
export async function startAgain(
  db: Db,
  house: House,
  blobs: Blobs,
  ref: MediaRef,
  slices: number,
): Promise<void> {
  await saveProgress(db, house.corp, ref, { index: '', slices: 0, until: now() + CLAIM_MS })
  await dropPartial(blobs, ref, slices)
}

async function dropPartial(blobs: Blobs, ref: MediaRef, slices: number): Promise<void> {
  for (let n = 0; n < slices; n += 1) await blobs.remove(partialName(ref, n))
}

export type Measured = { sha256: Buffer; md5: string; size: number }

/** Hash what has come, one slice in memory at a time. Null when a slice has gone: begin again. */
export async function measure(
  db: Db,
  house: House,
  blobs: Blobs,
  ref: MediaRef,
  slices: number,
): Promise<Measured | null> {
  const [sha256, md5] = [createHash('sha256'), createHash('md5')]
  let size = 0
  for (let n = 0; n < slices; n += 1) {
    const data = await partial(db, house, blobs, ref, n)
    if (data === null) return null
    sha256.update(data)
    md5.update(data)
    size += data.length
  }
  return { sha256: sha256.digest(), md5: md5.digest('hex'), size }
}

/**
 * Store a whole file under its hash, once however many messages point at it, and say so in the ledger. The bytes are
 * durable before the row speaks of them; the slices go after.
 */
export async function settleFetched(
  db: Db,
  house: House,
  blobs: Blobs,
  ref: MediaRef,
  slices: number,
  measured: Measured,
  verdict: MediaVerdict,
): Promise<void> {
  const { sha256, size } = measured
  const key = await mediaKey(db, house, sha256)
  await inTransaction(db, async tx => {
    // Two messages may bring the same file at once, in pieces of other sizes: one of them stores it.
    await lockFile(tx, mediaScope(sha256).conv)
    if (!(await selectStored(tx, house.corp, sha256))) {
      for (let n = 0; n < slices; n += 1) {
        const data = await partial(db, house, blobs, ref, n)
        if (data === null) throw fail('blob.missing', { slice: n })
        await blobs.put(pieceName(sha256, n), seal(key.key, data, pieceContext(house, sha256, n, slices)))
      }
      failpoint('media.stored')
      await insertStored(tx, house.corp, sha256, { size, pieces: slices, keyId: key.id }, now())
    }
    await conclude(tx, house, ref, { state: verdict, sha256, size, reason: null, at: now() })
  })
  await dropPartial(blobs, ref, slices)
}

/** A file that will never come: its loss stands in the ledger with the reason. */
export async function settleLoss(
  db: Db,
  house: House,
  ref: MediaRef,
  verdict: 'expired' | 'failed',
  reason: string,
): Promise<void> {
  await inTransaction(db, tx =>
    conclude(tx, house, ref, { state: verdict, sha256: null, size: null, reason, at: now() }),
  )
}

async function conclude(
  tx: Parameters<typeof settle>[0],
  house: House,
  ref: MediaRef,
  last: Parameters<typeof settle>[3],
): Promise<void> {
  if (!(await settle(tx, house.corp, ref, last))) return
  if (last.sha256) await noteUnread(tx, house.corp, ref, last.sha256)
  const leaf = {
    kind: 'media',
    recordHash: mediaRecord({
      corp: house.corp,
      conv: ref.convId,
      sentAt: micros(ref.sentAt),
      msgid: ref.msgid,
      part: ref.part,
      sha256: last.sha256?.toString('hex') ?? null,
      size: last.size,
      state: last.state,
      reason: last.reason,
      settledAt: micros(last.at),
    }),
    conv: ref.convId,
    sentAt: ref.sentAt,
    ref: `${ref.msgid}|${ref.part}`,
  }
  await logLeaves(tx, house, 'archive', [leaf])
}

export type MediaEnvelope = {
  corp: number
  conv: string
  sentAt: string
  msgid: string
  part: string
  sha256: string | null
  size: number | null
  state: string
  reason: string | null
  settledAt: string
}

/** What stands in the ledger for a file of a message: its hash, or why there is none. */
export function mediaRecord(envelope: MediaEnvelope): Buffer {
  return recordHash(RECORD_VERSION, 'media', envelope, null)
}

/** The file is put off, or given back untouched when the work ends. */
export async function postponeMedia(
  db: Db,
  house: House,
  ref: MediaRef,
  to: { at: number; reason: string },
): Promise<void> {
  await postpone(db, house.corp, ref, to)
}
export async function releaseMedia(db: Db, house: House, ref: MediaRef): Promise<void> {
  await release(db, house.corp, ref)
}

/** A data key for each file: the same bytes in two conversations stand once, under a key of their own. */
async function mediaKey(db: Db, house: House, sha256: Buffer) {
  const scope = mediaScope(sha256)
  const [key] = await house.keys.forScopes(db, [scope])
  if (!key) throw fail('key.missing', scope)
  return key
}

/** Before every month of messages, so that no conversation's key can be taken for a file's. */
const MEDIA_MONTH = '0001-01-01'

export function mediaScope(sha256: Buffer): { conv: string; month: string } {
  return { conv: hash63('tongjian media v1', sha256.toString('hex')), month: MEDIA_MONTH }
}

async function partial(db: Db, house: House, blobs: Blobs, ref: MediaRef, n: number): Promise<Buffer | null> {
  const sealed = await blobs.get(partialName(ref, n))
  if (sealed === null) return null
  const scope = { conv: ref.convId, month: keyMonth(ref.sentAt) }
  await house.keys.load(db, [scope])
  return open(house.keys.cached(scope.conv, scope.month).key, sealed, partialContext(house, ref, n))
}

/** The msgid is hashed: it comes from outside and names a file here. */
function partialName(ref: MediaRef, n: number): string {
  const name = createHash('sha256')
    .update(`${ref.convId}|${ref.sentAt}|${ref.msgid}|${ref.part}`)
    .digest('hex')
  return `partial/${name}/${n}`
}
function partialContext(house: House, ref: MediaRef, n: number): string {
  return `media-slice|${house.corp}|${ref.convId}|${ref.sentAt}|${ref.msgid}|${ref.part}|${n}`
}
/** Where a piece of a stored file lies in the folder. */
export function pieceName(sha256: Buffer, n: number): string {
  const hex = sha256.toString('hex')
  return `${hex.slice(0, 2)}/${hex}/${n}`
}
function pieceContext(house: House, sha256: Buffer, n: number, of: number): string {
  return `media|${house.corp}|${sha256.toString('hex')}|${n}/${of}`
}

/** The bytes of a stored file, piece by piece. `blob.missing` or `key.wrong` when they are not what was stored. */
export async function* piecesOf(
  db: Db,
  house: House,
  blobs: Blobs,
  sha256: Buffer,
  stored: StoredMedia,
): AsyncGenerator<Buffer> {
  const scope = mediaScope(sha256)
  await house.keys.load(db, [scope])
  const { key } = house.keys.cached(scope.conv, scope.month)
  for (let n = 0; n < stored.pieces; n += 1) {
    const sealed = await blobs.get(pieceName(sha256, n))
    if (sealed === null) throw fail('blob.missing', { piece: n })
    yield open(key, sealed, pieceContext(house, sha256, n, stored.pieces))
  }
}

export type MediaFile = {
  size: number
  state: string
  name: string | null
  head: Buffer
  bytes(): AsyncGenerator<Buffer>
}

/** A look at one file by one person is written down once in this time, however many stretches of it a player asks for. */
const ONE_LOOK_MS = 10 * 60_000
const looks = new WeakMap<House, Map<string, number>>()

/** Was this written down a while ago already? Only this process remembers: after a start it is written down again. */
function wasSeen(house: House, name: string): boolean {
  const known = looks.get(house)
  return now() - (known?.get(name) ?? Number.NEGATIVE_INFINITY) <= ONE_LOOK_MS
}

function seen(house: House, name: string): void {
  const known = looks.get(house) ?? new Map<string, number>()
  looks.set(house, known)
  const at = now()
  for (const [one, when] of known) if (at - when > ONE_LOOK_MS) known.delete(one)
  known.set(name, at)
}

/**
 * A file of a message, for a person who may read its conversation. The whole of it is opened and held against its hash
 * before the first byte goes out; of a `partly` wanted one that was looked at just now each piece still proves itself by
 * its seal. The look is in the trail; `saved`: it leaves the house, and every time is written down.
 */
export async function readMedia(
  db: Db,
  actor: Actor,
  blobs: Blobs,
  ref: MediaRef,
  how: { saved: boolean; partly: boolean } = { saved: false, partly: false },
): Promise<MediaFile> {
  const { house } = actor
  await authoriseConversation(db, actor, ref.convId)
  const [message] = await readMessages(db, house, [ref])
  if (message?.absent) throw fail('restricted.locked', { absent: message.absent })
  const row = await selectMedia(db, house.corp, ref)
  const stored = row?.sha256 ? await selectStored(db, house.corp, row.sha256) : null
  if (!row?.sha256 || !stored) throw fail('thing.missing', { media: row?.state ?? 'unknown' })
  const { sha256, state } = row
  const pieces = () => piecesOf(db, house, blobs, sha256, stored)
  const look = [actor.kind, actor.name, ref.convId, ref.msgid, ref.part].join('|')
  const first = !wasSeen(house, look)
  const head = first || !how.partly ? await proven(pieces(), sha256) : await headOf(pieces())
  const name = message?.normal ? (mediaOf(message.normal).find(m => m.part === ref.part)?.name ?? null) : null
  if (first || how.saved)
    await inTransaction(db, tx =>
      record(tx, actor, {
        verb: 'media.opened',
        thing: { kind: 'conversation', id: ref.convId },
        detail: {
          msgid: ref.msgid,
          part: ref.part,
          sha256: sha256.toString('hex'),
          ...(how.saved ? { saved: true } : {}),
        },
      }),
    )
  seen(house, look)
  return { size: stored.size, state, name, head, bytes: pieces }
}

const HEAD_BYTES = 64

async function proven(pieces: AsyncGenerator<Buffer>, sha256: Buffer): Promise<Buffer> {
  const hash = createHash('sha256')
  let head: Buffer = Buffer.alloc(0)
  for await (const piece of pieces) {
    hash.update(piece)
    if (head.length === 0) head = piece.subarray(0, HEAD_BYTES)
  }
  if (!hash.digest().equals(sha256)) throw fail('key.wrong', { hint: 'the file does not match its hash' })
  return head
}

async function headOf(pieces: AsyncGenerator<Buffer>): Promise<Buffer> {
  for await (const piece of pieces) return piece.subarray(0, HEAD_BYTES)
  return Buffer.alloc(0)
}
