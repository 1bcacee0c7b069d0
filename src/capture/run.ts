import { setTimeout as wait } from 'node:timers/promises'
import type { Incoming } from '../archive/index.ts'
import {
  type Actor,
  causeOf,
  type Db,
  dayOf,
  type Fault,
  failpoint,
  type JobQueue,
  monotonic,
  newId,
  now,
} from '../base/index.ts'
import type { ArchiveRecord, ArchiveSource, Decrypted } from '../wecom/index.ts'
import { countKeys, noteReturn } from './care-store.ts'
import { ingest, leaseLost, type Refused, read } from './ingest.ts'
import { advance, type Lease, recordTrouble, releaseLease, takeLease, touch } from './store.ts'
import type { Wake } from './wake.ts'

/** Design §2: polling every ≤ 400 ms while traffic flows; three polls a second stay far below 600 calls a minute. */
const POLL_MS = 330
/** While messages come, half of that: at most 400 calls a minute of the 600, the rest is for re-pulls. */
const BUSY_MS = 150
/** GetChatData's largest page (path/91774). */
const PAGE = 1000
/** While another process holds the lease, look this often; a death is taken over in LEASE_SECONDS + this. */
const STANDBY_MS = 1000
const BACKOFF_MS = [500, 1000, 2000, 5000, 15_000]
/** 45009 is a per-minute count here: asking sooner only prolongs it (wecom-api.md §1.2). */
const LIMIT_MS = 60_000

export type CaptureDeps = {
  db: Db
  actor: Actor
  jobs: JobQueue
  source: ArchiveSource
  limitMs?: number
  page?: number
  pollMs?: number
  /** Ends the pause between polls early when WeCom says that something waits; a pause after trouble is kept. */
  wake?: Pick<Wake, 'sleep'> | undefined
}
export type Capture = { stop(): Promise<void> }

/** Follow the source for ever: pull, decrypt, archive, move the cursor; one process at a time. */
export function startCapture(deps: CaptureDeps): Capture {
  const abort = new AbortController()
  const holder = newId()
  const done = follow(deps, holder, abort.signal)
  return {
    async stop() {
      abort.abort()
      await done
      await releaseLease(deps.db, deps.actor.house.corp, deps.source.name, holder)
    },
  }
}

async function follow(deps: CaptureDeps, holder: string, signal: AbortSignal): Promise<void> {
  let failures = 0
  const pages = reader(deps, deps.page ?? PAGE)
  while (!signal.aborted) {
    try {
      const began = monotonic()
      const more = await step(deps, pages, holder)
      failures = 0
      if (more === 'standby') await pause(STANDBY_MS, signal)
      else if (more !== 'more') {
        // From one question to the next: what archiving took has been waited for already.
        const every = deps.pollMs ?? (more === 'busy' ? BUSY_MS : POLL_MS)
        await (deps.wake?.sleep ?? pause)(Math.max(0, every - (monotonic() - began)), signal)
      }
    } catch (error) {
      failures += 1
      await complain(deps, error)
      await pause(delayAfter(deps, error, failures), signal)
    }
  }
}

function delayAfter(deps: CaptureDeps, error: unknown, failures: number): number {
  if ((error as Partial<Fault>).details?.errcode === 45009) return deps.limitMs ?? LIMIT_MS
  return BACKOFF_MS[Math.min(failures, BACKOFF_MS.length) - 1] ?? POLL_MS
}

/** The trouble is shown on the 系统 page; a database that is away cannot take the note, and that is logged. */
async function complain(deps: CaptureDeps, error: unknown): Promise<void> {
  const { house } = deps.actor
  house.log.warn({ error: causeOf(error) }, 'capture stumbled; nothing is lost, it tries again')
  try {
    await recordTrouble(deps.db, house.corp, deps.source.name, causeOf(error))
  } catch (second) {
    house.log.error({ error: causeOf(second) }, 'capture could not record its trouble')
  }
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined)
}

type Page = { records: ArchiveRecord[]; decrypted: Decrypted[]; last: number }
type Reader = { next(seq: number): Promise<Page>; ahead(page: Page): void }

/**
 * Pages in order, the next one pulled and decrypted while this one is archived: the threads that decrypt and the
 * database then work at the same time. What was read ahead in vain (the cursor stands elsewhere) is read again.
 */
function reader(deps: CaptureDeps, limit: number): Reader {
  let waiting: { seq: number; page: Promise<Page> } | undefined
  const fetch = async (seq: number): Promise<Page> => {
    const records = await deps.source.pull(seq, limit)
    return {
      records,
      decrypted: await deps.source.decrypt(records),
      last: Math.max(seq, ...records.map(record => record.seq)),
    }
  }
  return {
    next(seq) {
      const ready = waiting?.seq === seq ? waiting.page : fetch(seq)
      waiting = undefined
      return ready
    },
    ahead(page) {
      if (page.records.length < limit) return
      const next = fetch(page.last)
      // Whoever asks for it is told; if nobody does, it was only a guess.
      next.catch(() => undefined)
      waiting = { seq: page.last, page: next }
    },
  }
}

/** One page. `more`: the page was full, ask again at once. */
async function step(
  deps: CaptureDeps,
  pages: Reader,
  holder: string,
): Promise<'more' | 'busy' | 'idle' | 'standby'> {
  const { db, actor, source } = deps
  const { corp } = actor.house
  const lease = await takeLease(db, corp, source.name, holder)
  if (!lease) return 'standby'
  const page = await pages.next(lease.seq)
  failpoint('capture.pulled')
  await noteReturn(db, corp, source.name)
  if (page.records.length === 0) {
    await touch(db, corp, source.name, lease.generation)
    return 'idle'
  }
  pages.ahead(page)
  await archivePage(deps, lease, page)
  failpoint('capture.committed')
  return page.records.length >= (deps.page ?? PAGE) ? 'more' : 'busy'
}

async function archivePage(deps: CaptureDeps, lease: Lease, page: Page): Promise<void> {
  const { db, actor, jobs, source } = deps
  const batch = recordsToBatch(page.records, page.decrypted)
  const versions = new Map<number, number>()
  for (const { publickey_ver: version } of page.records)
    versions.set(version, (versions.get(version) ?? 0) + 1)
  await ingest(db, actor, jobs, batch, source.name, async (tx, appended) => {
    const newest = appended.archived.reduce((max, item) => Math.max(max, item.sentAt), 0)
    const moved = await advance(tx, actor.house.corp, source.name, lease, {
      seq: page.last,
      newestSentAt: newest === 0 ? null : newest,
      capturedAt: appended.archived[0]?.capturedAt ?? null,
    })
    if (!moved) throw leaseLost(source.name)
    await countKeys(tx, actor.house.corp, source.name, dayOf(now(), actor.house.zone), versions)
  })
}

/** Pulled records to messages on their way; what could not be decrypted is kept as it came, for the right key. */
export function recordsToBatch(records: ArchiveRecord[], decrypted: Decrypted[]): (Incoming | Refused)[] {
  return records.map((record, i) => {
    const result = decrypted[i]
    if (result?.ok) return read(result.raw, record.seq, record.msgid, 'wecom')
    const raw = Buffer.from(JSON.stringify(record))
    return { raw, seq: record.seq, msgid: record.msgid, reason: result?.reason ?? 'damaged_record' }
  })
}
