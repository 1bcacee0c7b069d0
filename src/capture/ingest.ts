import { type Appended, append, type Incoming, prepare, sortDestroyed } from '../archive/index.ts'
import {
  type Actor,
  type Db,
  fail,
  failpoint,
  type JobQueue,
  newId,
  now,
  seal,
  type Tx,
} from '../base/index.ts'
import { proveNotices, type SaidMessage } from '../contacts/index.ts'
import { type Normal, normalise, textsOf, type Undecryptable, type Unreadable } from '../wecom/index.ts'
import { insertQuarantine, type QuarantineRow } from './store.ts'

/**
 * Why a record waits in quarantine. `conflict`: the same msgid is archived with other content. `destroyed_month`: the
 * conversation-month was destroyed on purpose and its key with it, and this message was never seen.
 */
export type Reason = Undecryptable | Unreadable | 'conflict' | 'destroyed_month'

/** A record that cannot be archived as a message: its bytes are kept, sealed, with the reason. */
export type Refused = { raw: Buffer; seq: number | null; msgid: string | null; reason: Reason }

export type Ingested = Appended & {
  quarantined: number
  /** Of those in quarantine: what belongs to a destroyed month. */
  late: Incoming[]
}

/** Decrypted bytes to a message on its way, or to the reason why not. */
export function read(
  raw: Buffer,
  seq: number | null,
  msgid: string | null,
  source: string,
): Incoming | Refused {
  const normal = normalise(raw.toString('utf8'))
  return typeof normal === 'string' ? { raw, seq, msgid, reason: normal } : { raw, normal, seq, source }
}

export function isRefused(item: Incoming | Refused): item is Refused {
  return 'reason' in item
}

/**
 * Archive a batch: messages with the choices they make, quarantine and whatever else the caller adds (the cursor) in one
 * transaction.
 */
export async function ingest(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  batch: (Incoming | Refused)[],
  source: string,
  within: (tx: Tx, appended: Appended) => Promise<void> = async () => undefined,
): Promise<Ingested> {
  const readable = batch.filter((item): item is Incoming => !isRefused(item))
  const { open, again, late } = await sortDestroyed(db, actor.house, readable)
  const prepared = await prepare(db, actor.house, open)
  return db.transaction().execute(async tx => {
    const appended = await append(tx, actor, jobs, prepared)
    failpoint('capture.appended')
    await proveNotices(
      tx,
      actor,
      appended.archived.flatMap(item => said(item.incoming.normal)),
    )
    appended.duplicates.push(...again)
    const refused = [
      ...batch.filter(isRefused),
      ...appended.conflicts.map(item => setAside(item, 'conflict')),
      ...late.map(item => setAside(item, 'destroyed_month')),
    ]
    const quarantined = await quarantine(tx, actor, source, refused)
    await within(tx, appended)
    failpoint('capture.before_commit')
    return { ...appended, quarantined, late }
  })
}

const setAside = ({ raw, seq, normal }: Incoming, reason: Reason): Refused => ({
  ...{ raw, seq, msgid: normal.msgid, reason },
})

/** A text in plain values, for the notice to be recognised in it. */
function said(normal: Normal): SaidMessage[] {
  if (normal.kind !== 'text' || normal.direction !== 'staff') return []
  const { msgid, from, sentAt, meta } = normal
  const to = Array.isArray(meta.to) ? meta.to.filter(id => typeof id === 'string') : []
  const room = typeof meta.room === 'string' ? meta.room : null
  const [first] = textsOf(normal)
  return first ? [{ msgid, from, to, room, sentAt, text: first.text }] : []
}

async function quarantine(tx: Tx, actor: Actor, source: string, refused: Refused[]): Promise<number> {
  if (refused.length === 0) return 0
  const { keys } = actor.house
  const own = await keys.own(tx)
  const rows: QuarantineRow[] = []
  for (const item of refused) {
    const id = newId()
    rows.push({
      id,
      source,
      seq: item.seq,
      msgid: item.msgid,
      reason: item.reason,
      fingerprint: await keys.fingerprint(tx, item.raw),
      sealed: seal(own.key, item.raw, `quarantine|${actor.house.corp}|${id}`),
      at: new Date(now()),
    })
  }
  return insertQuarantine(tx, actor.house.corp, rows)
}

/** Another process holds the lease now: stop at once, what it does counts. */
export function leaseLost(source: string): Error {
  return fail('capture.lease_lost', { source, hint: 'another process captures now' })
}
