import { monotonic, now } from '../base/index.ts'

/** WeCom's limits (wecom-api.md §1.4): each API of an institution, and all that comes from one address. */
const API_PER_MINUTE = 10_000
const API_PER_HOUR = 150_000
const ADDRESS_PER_MINUTE = 20_000
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** WeCom's day begins at midnight in China. */
const CHINA_OFFSET = 8 * HOUR
/** What may go at once; the rest of the limit flows in evenly, so that no minute ever holds more than the limit. */
const BURST = 0.1
/** A refusal so soon after a wait means that the window waited for was too short. */
const SOON_AFTER = 10 * MINUTE

/**
 * A token bucket whose burst and inflow together are the limit. Callers reserve: each is told how long to wait for its
 * own turn, so nobody is starved and nothing has to be counted twice.
 */
class Bucket {
  readonly #burst: number
  readonly #perMs: number
  readonly #time: () => number
  #tokens: number
  #at: number

  constructor(limit: number, windowMs: number, time: () => number) {
    this.#burst = Math.max(1, Math.floor(limit * BURST))
    this.#perMs = Math.max(1, limit - this.#burst) / windowMs
    this.#time = time
    this.#tokens = this.#burst
    this.#at = time()
  }

  /** Milliseconds until the turn of this caller. */
  take(): number {
    const at = this.#time()
    this.#tokens = Math.min(this.#burst, this.#tokens + Math.max(0, at - this.#at) * this.#perMs)
    this.#at = at
    this.#tokens -= 1
    return this.#tokens >= 0 ? 0 : Math.ceil(-this.#tokens / this.#perMs)
  }
}

/** So many calls of one API at once: fewer after WeCom found them too many, slowly more again. */
class Gate {
  #limit: number
  readonly #most: number
  #running = 0
  #well = 0
  readonly #queue: (() => void)[] = []

  constructor(most: number) {
    this.#most = most
    this.#limit = most
  }

  async enter(): Promise<void> {
    if (this.#running >= this.#limit) await new Promise<void>(go => this.#queue.push(go))
    else this.#running += 1
  }

  leave(tooMany: boolean): void {
    if (tooMany) {
      this.#limit = Math.max(1, Math.floor(Math.min(this.#limit, this.#running) / 2))
      this.#well = 0
    } else if (++this.#well >= GOOD_CALLS && this.#limit < this.#most) {
      this.#limit += 1
      this.#well = 0
    }
    this.#running -= 1
    while (this.#running < this.#limit && this.#queue.length > 0) {
      this.#running += 1
      this.#queue.shift()?.()
    }
  }
}

const AT_ONCE = 64
const GOOD_CALLS = 50

export type Limited = {
  path: string
  perMinute?: number | undefined
  window?: 'day' | 'month' | undefined
  serial?: boolean | undefined
}

export type Limiter = {
  /** Wait for the turn, do it, and learn from the answer whether it was too many at once. */
  run<T>(what: Limited, work: () => Promise<T>, tooMany: (answer: T) => boolean): Promise<T>
  /** WeCom said "too often": the seconds to wait before asking again (§1.2). */
  refused(what: Limited): number
}

/** Our own limits stay below WeCom's, so that a call waits here instead of being refused there. */
export function createLimiter(wait: (ms: number) => Promise<void>, time: () => number = monotonic): Limiter {
  const address = new Bucket(ADDRESS_PER_MINUTE, MINUTE, time)
  const apis = new Map<string, { minute: Bucket; hour: Bucket; gate: Gate }>()
  const refusals = new Map<string, { at: number; waitMs: number }>()
  const of = ({ path, perMinute = API_PER_MINUTE, serial }: Limited) => {
    const known = apis.get(path)
    if (known) return known
    const made = {
      minute: new Bucket(perMinute, MINUTE, time),
      hour: new Bucket(API_PER_HOUR, HOUR, time),
      gate: new Gate(serial ? 1 : AT_ONCE),
    }
    apis.set(path, made)
    return made
  }
  return {
    async run(what, work, tooMany) {
      const { minute, hour, gate } = of(what)
      const pause = Math.max(address.take(), minute.take(), hour.take())
      if (pause > 0) await wait(pause)
      await gate.enter()
      let many = false
      try {
        const answer = await work()
        many = tooMany(answer)
        return answer
      } finally {
        gate.leave(many)
      }
    },
    refused(what) {
      const last = refusals.get(what.path)
      const since = last ? now() - last.at - last.waitMs : -1
      const waitMs = windowOf(last && since >= 0 && since < SOON_AFTER ? last.waitMs : 0, what.window)
      refusals.set(what.path, { at: now(), waitMs })
      return Math.ceil(waitMs / 1000)
    },
  }
}

/** Nothing says which window was hit: the shortest first, and the next longer when that was not it. */
function windowOf(waited: number, declared: 'day' | 'month' | undefined): number {
  if (declared === 'month' && waited >= MINUTE) return 30 * DAY
  if (declared === 'day' || waited >= HOUR) return DAY - ((now() + CHINA_OFFSET) % DAY)
  return waited >= MINUTE ? HOUR : MINUTE
}
