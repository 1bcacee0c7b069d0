import { isDeepStrictEqual } from 'node:util'
import { type Actor, type House, type JobQueue, keyMonth, open, type Tx } from '../base/index.ts'
import { recordConsents } from '../contacts/index.ts'
import { logLeaves } from '../notary/index.ts'
import { APPENDED, MEDIA_NOTED } from './jobs.ts'
import { mayAppend } from './keep/shred.ts'
import { consentsIn, type Incoming, type Prepared, splitBody } from './prepare.ts'
import { bodyContext } from './record.ts'
import {
  insertDerived,
  insertGrams,
  insertLinks,
  insertMedia,
  insertMessages,
  insertParties,
  type StoredBody,
  selectByMsgid,
} from './store.ts'

export type Appended = {
  archived: Prepared[]
  /** The same message again, word for word. */
  duplicates: Incoming[]
  /** The same msgid with other content: kept out, for quarantine (design §6). */
  conflicts: Incoming[]
  /** The job that tells later rooms, or null when nothing was new. */
  job: string | null
}

/**
 * Add a prepared batch: messages, links, forwarded texts, grams, media references, ledger leaves and one job, all in
 * the caller's transaction. What is already there is recognised by msgid and compared by content.
 */
export async function append(
  tx: Tx,
  actor: Actor,
  jobs: Pick<JobQueue, 'enqueue'>,
  batch: Prepared[],
): Promise<Appended> {
  const { house } = actor
  const duplicates: Incoming[] = []
  const conflicts: Incoming[] = []
  const settle = (item: Prepared, same: boolean): void =>
    // What may not be kept may not be kept in quarantine either.
    void (same || item.body === null ? duplicates : conflicts).push(item.incoming)

  // First the choices, so that whatever follows names one that stands.
  await recordConsents(
    tx,
    house,
    batch.flatMap(item => consentsIn([item.incoming], item.capturedAt)),
  )
  const fresh = firstOfEach(await withoutKnown(tx, house, batch, settle), settle)
  if (fresh.length > 0) await mayAppend(tx, house.corp, fresh)
  const inserted = await insertMessages(tx, house.corp, fresh)
  const archived = fresh.filter(item => inserted.has(identity(item)))
  // Another process archived these between our look and our insert: look again, they are visible now.
  const late = fresh.filter(item => !inserted.has(identity(item)))
  if (late.length > 0) await withoutKnown(tx, house, late, settle)

  if (archived.length === 0) return { archived, duplicates, conflicts, job: null }
  await insertLinks(tx, house.corp, archived)
  await insertParties(tx, house.corp, archived)
  await insertDerived(tx, house.corp, archived)
  await insertGrams(tx, house.corp, archived)
  await insertMedia(tx, house.corp, archived)
  await logLeaves(tx, house, 'archive', leavesOf(archived))
  const keys = archived.map(
    item => [item.conv, item.sentAt, item.incoming.normal.msgid] as [string, number, string],
  )
  const job = await jobs.enqueue(tx, APPENDED, { corp: house.corp, keys })
  // What was imported is old: the sweep looks for its files where there is a source to ask.
  const withMedia = keys.filter((_, i) => {
    const item = archived[i]
    return item !== undefined && item.media.length > 0 && item.incoming.source !== 'import'
  })
  if (withMedia.length > 0) await jobs.enqueue(tx, MEDIA_NOTED, { corp: house.corp, keys: withMedia })
  return { archived, duplicates, conflicts, job }
}

function identity(item: Prepared): string {
  return `${item.conv}|${item.sentAt}|${item.incoming.normal.msgid}`
}

/** Within a batch the first of each msgid counts. */
function firstOfEach(batch: Prepared[], settle: (item: Prepared, same: boolean) => void): Prepared[] {
  const seen = new Map<string, Prepared>()
  for (const item of batch) {
    const { msgid } = item.incoming.normal
    const earlier = seen.get(msgid)
    if (earlier) settle(item, sameContent(earlier.incoming.raw, item.incoming.raw))
    else seen.set(msgid, item)
  }
  return [...seen.values()]
}

async function withoutKnown(
  tx: Tx,
  house: House,
  batch: Prepared[],
  settle: (item: Prepared, same: boolean) => void,
): Promise<Prepared[]> {
  const stored = await selectByMsgid(
    tx,
    house.corp,
    batch.map(item => item.incoming.normal.msgid),
  )
  if (stored.length === 0) return batch
  const known = new Map(stored.map(row => [row.msgid, row]))
  await house.keys.load(
    tx,
    stored.map(row => ({ conv: row.conv, month: keyMonth(row.sentAt) })),
  )
  return batch.filter(item => {
    const row = known.get(item.incoming.normal.msgid)
    if (!row) return true
    settle(item, row.body === null || sameContent(openRaw(house, row), item.incoming.raw))
    return false
  })
}

function openRaw(house: House, row: StoredBody): Buffer {
  const { key } = house.keys.cached(row.conv, keyMonth(row.sentAt))
  if (row.body === null) throw new Error('a purged body has no content to compare')
  return splitBody(open(key, row.body, bodyContext(house.corp, row.conv, row.sentAt, row.msgid))).raw
}

/** The same bytes, or the same JSON written in another order or spacing (import and capture may differ in that). */
function sameContent(a: Buffer, b: Buffer): boolean {
  return a.equals(b) || isDeepStrictEqual(JSON.parse(a.toString('utf8')), JSON.parse(b.toString('utf8')))
}

function leavesOf(archived: Prepared[]): Parameters<typeof logLeaves>[3] {
  return archived.flatMap(item => {
    const { msgid } = item.incoming.normal
    const at = { conv: item.conv, sentAt: item.sentAt }
    return [
      { kind: 'message', recordHash: item.recordHash, ...at, ref: msgid },
      ...item.derived.map(text => ({
        kind: 'derived',
        recordHash: text.recordHash,
        ...at,
        ref: `${msgid}|record|${text.part}`,
      })),
    ]
  })
}
