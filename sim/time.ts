/** This world's one clock. It may be set, moved on and sped up; it never goes back by itself. */
export type SimTime = {
  /** Epoch ms. */
  now(): number
  set(atMs: number): void
  advance(ms: number): void
  speed(): number
  /** How many simulated ms pass in one of the machine's; 0 stands still. */
  setSpeed(factor: number): void
  /** Runs `job` once, `ms` of this clock from now; returns what calls it off. */
  after(ms: number, job: () => void): () => void
  close(): void
}

export type TimeOptions = {
  /** Epoch ms to begin at; the base clock's by default. */
  start?: number | undefined
  /** 1 by default. */
  speed?: number | undefined
  /** What drives it: the machine's clock by default, a test's own otherwise. */
  base?: (() => number) | undefined
}

type Job = { due: number; run: () => void }

/** A base clock that is moved by hand is looked at this often while something waits for it. */
const LOOK_MS = 1000

export function createTime(options: TimeOptions = {}): SimTime {
  const base = options.base ?? Date.now
  const jobs = new Set<Job>()
  let from = base()
  let at = options.start ?? from
  let factor = options.speed ?? 1
  let timer: NodeJS.Timeout | undefined
  const now = (): number => (factor === 1 ? at - from + base() : Math.floor(at + (base() - from) * factor))
  const anchor = (value: number): void => {
    from = base()
    at = value
  }
  const arm = (): void => {
    clearTimeout(timer)
    if (jobs.size === 0) return
    const next = Math.min(...[...jobs].map(job => job.due))
    const wait = factor > 0 ? Math.max(0, (next - now()) / factor) : LOOK_MS
    timer = setTimeout(runDue, Math.min(wait, LOOK_MS))
    timer.unref()
  }
  const runDue = (): void => {
    const instant = now()
    const due = [...jobs].filter(job => job.due <= instant).sort((a, b) => a.due - b.due)
    for (const job of due) {
      // One that ran before may have called this one off.
      if (jobs.delete(job)) job.run()
    }
    arm()
  }
  const set = (value: number): void => {
    anchor(value)
    runDue()
  }
  return {
    now,
    set,
    advance: ms => set(now() + ms),
    speed: () => factor,
    setSpeed: value => {
      anchor(now())
      factor = Math.max(0, value)
      arm()
    },
    after: (ms, run) => {
      const job = { due: now() + ms, run }
      jobs.add(job)
      arm()
      return () => void jobs.delete(job)
    },
    close: () => {
      clearTimeout(timer)
      jobs.clear()
    },
  }
}
