import { setTimeout as wait } from 'node:timers/promises'
import {
  keepSlice,
  MEDIA_NOTED,
  type Measured,
  type MediaVerdict,
  type MessageKey,
  measure,
  postponeMedia,
  releaseMedia,
  settleFetched,
  settleLoss,
  startAgain,
  takeWaiting,
  type Wanted,
} from '../archive/index.ts'
import { type Blobs, causeOf, type Db, Fault, type House, type JobQueue, now } from '../base/index.ts'
import type { ArchiveSource } from '../wecom/index.ts'

/** Files fetched at once. Each costs one slice of memory; messages are pulled beside them and never wait. */
const ABREAST = 3
const SWEEP_MS = 60_000
/** Waits before the next try: the last one again and again, until the file cannot live any more. */
const BACKOFF_MS = [30_000, 120_000, 600_000, 1_800_000, 3_600_000]
/** Nobody says how long an sdkfileid lives; one project saw three days, the records live five (wecom-api.md §3.4). */
const GIVE_UP_MS = 6 * 86_400_000
/** Expired, or no file of that id (§3.1, §3.4): it will never come. */
const GONE = new Set([301048, 10005, 10010])

export type MediaDeps = {
  db: Db
  house: House
  blobs: Blobs
  source: Pick<ArchiveSource, 'media'>
}
export type MediaWork = { stop(): Promise<void> }

/** Fetch files as their messages are archived, and once a minute whatever still waits. */
export async function startMedia(deps: MediaDeps, jobs: JobQueue): Promise<MediaWork> {
  const abort = new AbortController()
  const fetching = new Set<Promise<unknown>>()
  const fetch = async (keys: MessageKey[] | null): Promise<void> => {
    const run = fetchWaiting(deps, keys, abort.signal)
    fetching.add(run)
    await run.finally(() => fetching.delete(run))
  }
  await jobs.work(MEDIA_NOTED, async payload => {
    // A job handed out while we stop is left as it is: the sweep of the next start finds the files.
    if (abort.signal.aborted) return
    await fetch(payload.keys.map(([convId, sentAt, msgid]) => ({ convId, sentAt, msgid })))
  })
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      await fetch(null).catch(error =>
        deps.house.log.error({ error: causeOf(error) }, 'waiting media could not be looked for'),
      )
      await wait(SWEEP_MS, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  }
  const running = loop()
  return {
    async stop() {
      abort.abort()
      await running
      await Promise.allSettled(fetching)
    },
  }
}

/** Fetch what waits, of these messages or of any, a few abreast. Returns how many files were settled. */
export async function fetchWaiting(
  deps: MediaDeps,
  keys: MessageKey[] | null,
  signal?: AbortSignal,
): Promise<number> {
  let settled = 0
  const worker = async (): Promise<void> => {
    while (!signal?.aborted) {
      // One at a time, so that a claim is never older than the fetch it stands for.
      const [wanted] = await takeWaiting(deps.db, deps.house, keys, 1)
      if (!wanted) return
      // Counted after the wait: the others count meanwhile.
      if (await fetchOne(deps, wanted, signal)) settled += 1
    }
  }
  const done = await Promise.allSettled(Array.from({ length: ABREAST }, worker))
  const failed = done.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
  return settled
}

async function fetchOne(deps: MediaDeps, wanted: Wanted, signal?: AbortSignal): Promise<boolean> {
  const { db, house } = deps
  try {
    return await fetchFile(deps, wanted, signal)
  } catch (error) {
    const code = rcOf(error)
    const reason = error instanceof Fault ? `${error.code}${code === null ? '' : ` ${code}`}` : 'unexpected'
    if (code !== null && GONE.has(code)) await settleLoss(db, house, wanted, 'expired', reason)
    else if (wanted.capturedAt > 0 && now() - wanted.capturedAt > GIVE_UP_MS)
      await settleLoss(db, house, wanted, 'failed', reason)
    else {
      const pause = BACKOFF_MS[Math.min(wanted.attempts, BACKOFF_MS.length - 1)] ?? SWEEP_MS
      await postponeMedia(db, house, wanted, { at: now() + pause, reason })
      house.log.warn({ error: causeOf(error), tries: wanted.attempts + 1 }, 'a file could not be fetched yet')
      return false
    }
    return true
  }
}

/** What WeCom or its library said: errcode over HTTP; from the library rc, beside an errcode of 0. */
function rcOf(error: unknown): number | null {
  const details = (error as Partial<Fault>).details
  for (const code of [details?.errcode, details?.rc]) if (typeof code === 'number' && code !== 0) return code
  return null
}

/** Fetch, hold against what the message promised, once more where it differs; then store it with the verdict. */
async function fetchFile(deps: MediaDeps, wanted: Wanted, signal?: AbortSignal): Promise<boolean> {
  const { db, house, blobs } = deps
  let from = { index: wanted.resumeIndex, slices: wanted.resumeSlices }
  for (let round = 1; ; round += 1) {
    const slices = await fetchSlices(deps, wanted, from, signal)
    if (slices === null) return false
    const measured = await measure(db, house, blobs, wanted, slices)
    const verdict = measured === null ? null : verdictOf(wanted, measured)
    const good = verdict === 'fetched' || verdict === 'fetched_md5_missing'
    if (measured !== null && verdict !== null && (good || round > 1)) {
      await settleFetched(db, house, blobs, wanted, slices, measured, verdict)
      return true
    }
    if (round > 2) throw new Error('slices vanish while they are fetched')
    await startAgain(db, house, blobs, wanted, slices)
    from = { index: '', slices: 0 }
  }
}

/** What the message says of the file against what came. A promise it does not make cannot be broken. */
function verdictOf(wanted: Wanted, measured: Measured): MediaVerdict {
  const { md5, size } = wanted.promised
  if (size !== null && size !== measured.size) return 'size_wrong'
  if (md5 === null) return 'fetched_md5_missing'
  return md5 === measured.md5 ? 'fetched' : 'fetched_md5_wrong'
}

/** WeCom does not know the index any more: begin again. 10000 and 40058 are its words for a wrong parameter. */
const WRONG_INDEX = new Set([10000, 40058])
/** In place of an index once the last slice is there: what is left is to store the file. */
const COMPLETE = 'complete'

/** Slices in order from where an earlier process stopped. Returns how many there are, or null when we are to stop. */
async function fetchSlices(
  deps: MediaDeps,
  wanted: Wanted,
  from: { index: string; slices: number },
  signal?: AbortSignal,
): Promise<number | null> {
  const { db, house, blobs, source } = deps
  let { index, slices } = from
  while (index !== COMPLETE) {
    if (signal?.aborted) {
      await releaseMedia(db, house, wanted)
      return null
    }
    try {
      const slice = await source.media(wanted.promised.sdkfileid, index)
      const next = slice.next ?? COMPLETE
      const kept = await keepSlice(db, house, blobs, wanted, { number: slices, data: slice.data, next })
      // Another process has settled it meanwhile.
      if (!kept) return null
      index = next
      slices += 1
    } catch (error) {
      if (slices === 0 || !WRONG_INDEX.has(rcOf(error) ?? 0)) throw error
      await startAgain(db, house, blobs, wanted, slices)
      index = ''
      slices = 0
    }
  }
  return slices
}
