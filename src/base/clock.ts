type Clock = () => number

let clock: Clock = Date.now

/** Milliseconds since the epoch. Every "now" of the product is read here, so a test can hold it still. */
export function now(): number {
  return clock()
}

export function nowDate(): Date {
  return new Date(clock())
}

/** Milliseconds for measuring how long something took: never goes back when the machine's time is corrected. */
export function monotonic(): number {
  return performance.now()
}

/** Wait in real time, whatever the clock says. `signal` ends the wait early without an error. */
export function after(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise(done => {
    if (signal?.aborted) {
      done()
      return
    }
    const timer = setTimeout(finish, ms)
    function finish() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', finish)
      done()
    }
    signal?.addEventListener('abort', finish, { once: true })
  })
}

/** For tests: hold the clock at an instant, or let a function tell the time. Returns what puts the real one back. */
export function setClock(at: number | Date | Clock): () => void {
  const before = clock
  clock = typeof at === 'function' ? at : () => Number(at)
  return () => {
    clock = before
  }
}

/** For tests: run `work` with the clock set, and put the real one back whatever happens. */
export async function withClock<T>(at: number | Date | Clock, work: () => T | Promise<T>): Promise<T> {
  const restore = setClock(at)
  try {
    return await work()
  } finally {
    restore()
  }
}
