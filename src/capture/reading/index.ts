import { createRequire } from 'node:module'
import {
  bytesOf,
  type Reading,
  settleReading,
  takeUnread,
  type Unread,
  unclaim,
  wakeSkipped,
} from '../../archive/index.ts'
import { type Actor, type Blobs, causeOf, type Db, Fault, type JobQueue, repeat } from '../../base/index.ts'
import { kindOf } from './kind.ts'
import { openMemory, type ReadMemory } from './memory.ts'
import { type FileReader, openFileReader } from './reader.ts'
import { transcribe } from './transcribe.ts'

export type ReadingDeps = {
  db: Db
  actor: Actor
  blobs: Blobs
  jobs: JobQueue
  /** The operator's recogniser of speech and its arguments; without one, voice is marked and left to the sampler. */
  asrCommand?: string[] | undefined
}

/** Looks into an index of what waits: cheap enough for an alert within seconds of the picture. */
const LOOK_MS = 1000
/** WeCom carries files up to 100 MB (path/91774); what is larger than this is rarely paper. */
const MOST_BYTES = 50 << 20
/** A file that took three processes down with it is given up. */
const MOST_TRIES = 3

/** Does the optional package with the models load on this machine? It takes a second and 100 MB: for `doctor`. */
export async function ocrLoads(): Promise<boolean> {
  return import('@gutenye/ocr-node').then(
    () => true,
    () => false,
  )
}

/** Is it installed at all? A server asks no more: only the child may load it. */
function ocrInstalled(): boolean {
  try {
    return createRequire(import.meta.url).resolve('@gutenye/ocr-node') !== ''
  } catch {
    return false
  }
}

/** Read files as they come, one at a time, until stopped. */
export async function startReading(deps: ReadingDeps): Promise<{ stop(): Promise<void> }> {
  const { db, actor } = deps
  const able = [...(ocrInstalled() ? ['no_ocr'] : []), ...(deps.asrCommand ? ['no_transcriber'] : [])]
  if (able.length > 0) await wakeSkipped(db, actor.house.corp, able)
  const reader = openFileReader()
  const memory = openMemory()
  const loop = repeat(
    LOOK_MS,
    0,
    async signal => void (await readWaiting(deps, { reader, memory }, signal)),
    error => actor.house.log.error({ error: causeOf(error) }, 'files could not be read'),
  )
  return {
    async stop() {
      const stopped = loop.stop()
      reader.close()
      await stopped
    },
  }
}

/** Read all that waits now; returns how many files were settled. */
export async function readWaiting(
  deps: ReadingDeps,
  by: { reader: FileReader; memory: ReadMemory },
  signal?: AbortSignal,
): Promise<number> {
  const { db, actor, jobs } = deps
  for (let settled = 0; ; settled += 1) {
    if (signal?.aborted) return settled
    const [unread] = await takeUnread(db, actor.house, 1)
    if (!unread) return settled
    const reading = by.memory.get(unread) ?? (await readOne(deps, by.reader, unread))
    // The reader was closed under it: the next start reads it.
    if (signal?.aborted) {
      await unclaim(db, actor.house.corp, unread)
      return settled
    }
    by.memory.put(unread, reading)
    await settleReading(db, actor, jobs, unread, reading)
  }
}

const refused = (state: 'unreadable' | 'skipped', reason: string): Reading => ({ state, reason, texts: [] })
/** Nothing is wrong with these files: we have no reader for them. */
const PASSED_OVER = new Set(['no_ocr', 'unsupported', 'animated'])

async function readOne(deps: ReadingDeps, reader: FileReader, unread: Unread): Promise<Reading> {
  if (unread.attempts > MOST_TRIES) return refused('unreadable', 'crashed')
  if (unread.size > MOST_BYTES) return refused('unreadable', 'too_large')
  if (unread.size === 0) return refused('skipped', 'empty')
  let bytes: Buffer
  try {
    bytes = await bytesOf(deps.db, deps.actor.house, deps.blobs, unread)
  } catch (error) {
    // The bytes are gone or bent: verify tells of it; there is nothing to read.
    if (error instanceof Fault && /^(blob|key)\./.test(error.code)) return refused('unreadable', error.code)
    throw error
  }
  const kind = kindOf(bytes, unread.name ?? '')
  if (kind === 'voice' || unread.kind === 'voice') return readVoice(deps, bytes)
  if (kind === 'video') return refused('skipped', 'video')
  const { texts, reason } = await reader.read(bytes, unread.name ?? '')
  if (texts.length > 0) return { state: 'read', reason, texts }
  if (reason === null) return { state: 'empty', reason: null, texts: [] }
  return refused(PASSED_OVER.has(reason) ? 'skipped' : 'unreadable', reason)
}

async function readVoice(deps: ReadingDeps, bytes: Buffer): Promise<Reading> {
  if (!deps.asrCommand) return refused('skipped', 'no_transcriber')
  try {
    const text = await transcribe(deps.asrCommand, bytes)
    if (text === '') return { state: 'empty', reason: null, texts: [] }
    return { state: 'read', reason: null, texts: [{ source: 'asr', place: '', text }] }
  } catch (error) {
    deps.actor.house.log.warn({ error: causeOf(error) }, 'a recording could not be transcribed')
    return refused('unreadable', 'transcriber_failed')
  }
}
