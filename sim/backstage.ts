import { type Callbacks, type CallbackTarget, createCallbacks } from './callbacks.ts'
import { createEvents, type EventHub, type SimEvent } from './events.ts'
import { createFaults, type Faults } from './faults.ts'
import { createJournal, type Journal } from './journal.ts'
import { createNotify } from './notify.ts'
import type { Rng } from './rng.ts'
import { createTime, type SimTime } from './time.ts'

export type BackstageOptions = {
  /** What drives the clock; the machine's by default. */
  now?: (() => number) | undefined
  /** Where this world's clock begins (epoch ms) and how fast it runs. */
  start?: number | undefined
  speed?: number | undefined
  /** Where events are called back to. */
  callback?: CallbackTarget | undefined
  /** GetChatData refuses a page larger than this with 301058; no bound by default. */
  maxPageBytes?: number | undefined
  /** How long a file can be fetched; 3 days by default (wecom-api.md §3.4). */
  mediaDays?: number | undefined
  /** Shares (0 to 1) of files whose md5 the archive leaves out or gets wrong; 0 by default. */
  md5?: { empty?: number; wrong?: number } | undefined
}

/** What stands behind the people and their talk: clock, faults, events, callbacks and a record of it all. */
export type Backstage = {
  time: SimTime
  faults: Faults
  events: EventHub
  journal: Journal
  callbacks: Callbacks
  /** Settings that may change while the world runs. */
  limits: { maxPageBytes: number; mediaMs: number }
  /** What WeCom would call back about; a change made through the API tells nothing (§2.1). */
  tell(event: SimEvent): void
  /** Returns what stops the listening. */
  onEvent(listener: (event: SimEvent) => void): () => void
  /** For every message the archive takes in. */
  archived(): void
  /** The md5 the archive says a file has: not always its own. */
  md5Told(md5: string): string
}

const MEDIA_DAYS = 3
const DAY_MS = 86_400_000

export function createBackstage(corpid: string, rng: Rng, options: BackstageOptions): Backstage {
  const time = createTime({ base: options.now, start: options.start, speed: options.speed })
  const faults = createFaults(time.now)
  const events = createEvents()
  const journal = createJournal()
  const callbacks = createCallbacks(
    { corpid, now: time.now, rng: rng.fork('callbacks'), faults, journal, target: options.callback },
    tell => void events.on(tell),
  )
  const sums = rng.fork('md5')
  const { empty = 0, wrong = 0 } = options.md5 ?? {}
  return {
    time,
    faults,
    events,
    journal,
    callbacks,
    limits: {
      maxPageBytes: options.maxPageBytes ?? Number.POSITIVE_INFINITY,
      mediaMs: (options.mediaDays ?? MEDIA_DAYS) * DAY_MS,
    },
    tell: events.tell,
    onEvent: events.on,
    archived: createNotify(time, events.tell),
    md5Told: md5 => {
      const kind = faults.takeOf(['md5_empty', 'md5_wrong'])?.kind
      if (kind) return kind === 'md5_empty' ? '' : otherSum(md5)
      const fate = empty + wrong > 0 ? sums.next() : 1
      if (fate >= empty + wrong) return md5
      faults.note(fate < empty ? 'md5_empty' : 'md5_wrong')
      return fate < empty ? '' : otherSum(md5)
    },
  }
}

/** A sum that is well formed and never the right one. */
function otherSum(md5: string): string {
  return [...md5].map(digit => ((Number.parseInt(digit, 16) + 1) % 16).toString(16)).join('')
}
