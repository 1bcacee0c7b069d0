import { setTimeout as wait } from 'node:timers/promises'
import {
  type Actor,
  causeOf,
  type Db,
  fail,
  inTransaction,
  type JobQueue,
  newId,
  now,
  repeat,
} from '../base/index.ts'
import { record } from '../trail/index.ts'
import { type ArchiveRecord, type ArchiveSource, limitWait } from '../wecom/index.ts'
import {
  addToRepull,
  beginRepull,
  endRepull,
  markBefore,
  markCursor,
  newestRepull,
  type Repull,
  repullById,
  repullsSince,
  selectUnknown,
} from './care-store.ts'
import { ingest } from './ingest.ts'
import { WINDOW_MS } from './lag.ts'
import { recordsToBatch } from './run.ts'
import { selectCursor } from './store.ts'

const PAGE = 1000
/** At most 200 calls a minute, beside the 180 of capture itself: far below WeCom's 600 (wecom-api.md §3.1). */
const PAUSE_MS = 300
/** A mark a little older than the window leaves no seam. */
const OVERLAP_MS = 3_600_000
const TRIES = 5

export type RepullDeps = {
  db: Db
  actor: Actor
  jobs: JobQueue
  source: ArchiveSource
  pauseMs?: number
}

/**
 * Pull again all that WeCom still keeps and hold every msgid against archive and quarantine. What is in neither was
 * missed: it is archived now, and recorded as found late. The cursor does not move. Null before the first pull.
 */
export async function repull(deps: RepullDeps, signal?: AbortSignal): Promise<Repull | null> {
  const { db, actor, source } = deps
  const { corp } = actor.house
  const cursor = await selectCursor(db, corp, source.name)
  if (!cursor?.pulledAt) return null
  const startedAt = now()
  const fromSeq = await markBefore(db, corp, source.name, startedAt - WINDOW_MS - OVERLAP_MS)
  const run = { id: newId(), startedAt, askedBy: actor.name, fromSeq, toSeq: cursor.seq }
  await beginRepull(db, corp, source.name, run)
  try {
    await walk(deps, run, signal)
  } catch (error) {
    await inTransaction(db, tx => endRepull(tx, corp, run.id, { at: now(), trouble: causeOf(error) }))
    throw error
  }
  return inTransaction(db, async tx => {
    await endRepull(tx, corp, run.id, { at: now(), trouble: signal?.aborted ? 'stopped' : null })
    const done = await repullById(tx, corp, run.id)
    if (!done) throw fail('thing.missing', { repull: run.id })
    await record(tx, actor, {
      verb: 'capture.repulled',
      thing: { kind: 'capture', id: source.name },
      detail: { read: done.records, late: done.late, quarantined: done.quarantined },
    })
    return done
  })
}

async function walk(
  deps: RepullDeps,
  run: { id: string; fromSeq: number; toSeq: number },
  signal?: AbortSignal,
): Promise<void> {
  let seq = run.fromSeq
  while (seq < run.toSeq && !signal?.aborted) {
    const page = await patiently(() => deps.source.pull(seq, PAGE), signal)
    if (page.length === 0) return
    // What lies beyond the cursor is capture's own, on its way.
    const known = page.filter(found => found.seq <= run.toSeq)
    await compare(deps, run.id, known)
    seq = Math.max(...page.map(found => found.seq))
    await wait(deps.pauseMs ?? PAUSE_MS, undefined, { signal }).catch(() => undefined)
  }
}

async function compare(deps: RepullDeps, id: string, page: ArchiveRecord[]): Promise<void> {
  const { db, actor, jobs, source } = deps
  const { corp } = actor.house
  if (page.length === 0) return
  const unknown = await selectUnknown(db, corp, page)
  const missed = page.filter(found => unknown.has(found.seq))
  if (missed.length === 0) {
    await inTransaction(db, tx =>
      addToRepull(tx, corp, id, { records: page.length, late: [], quarantined: 0 }),
    )
    return
  }
  actor.house.log.error({ missed: missed.length }, 'messages that capture had missed were found by a re-pull')
  const batch = recordsToBatch(missed, await source.decrypt(missed))
  const refused = batch.filter(item => 'reason' in item).length
  await ingest(db, actor, jobs, batch, source.name, async (tx, appended) => {
    const late = appended.archived.map(item => item.incoming.normal.msgid)
    await addToRepull(tx, corp, id, { records: page.length, late, quarantined: refused })
  })
}

/** A passing trouble must not end a walk of an hour. */
async function patiently<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ask()
    } catch (error) {
      if (tries >= TRIES || signal?.aborted) throw error
      const seconds = limitWait(error) ?? 2 ** tries
      await wait(seconds * 1000, undefined, { signal }).catch(() => undefined)
    }
  }
}

/** Internal rhythm: four times a day, and at once after midnight for the certificate of the day. */
const EVERY_MS = 6 * 3_600_000
/** After one that broke off, or whose process died. */
const AGAIN_MS = 3_600_000
const LOOK_MS = 60_000
const MARK_MS = 10 * 60_000

/** Keep marks, and re-pull the open window every six hours until stopped. */
export function startRepulls(deps: RepullDeps): { stop(): Promise<void> } {
  const { db, actor, source } = deps
  const { house } = actor
  let marked = 0
  return repeat(
    LOOK_MS,
    LOOK_MS,
    async signal => {
      if (now() - marked >= MARK_MS) {
        await markCursor(db, house.corp, source.name, now())
        marked = now()
      }
      const newest = await newestRepull(db, house.corp, source.name)
      const whole = newest !== null && newest.endedAt !== null && newest.trouble === null
      if (!newest || now() - newest.startedAt >= (whole ? EVERY_MS : AGAIN_MS)) await repull(deps, signal)
    },
    error =>
      house.log.warn({ error: causeOf(error) }, 'the re-pull did not come to its end; it is tried again'),
  )
}

/** Re-pull unless a complete one has begun since then. */
export async function repullSince(deps: RepullDeps, since: number, signal?: AbortSignal): Promise<void> {
  const { db, actor, source } = deps
  const done = await repullsSince(db, actor.house.corp, source.name, since)
  if (done.length === 0) await repull(deps, signal)
}
