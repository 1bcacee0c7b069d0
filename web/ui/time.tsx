import { useSyncExternalStore } from 'react'
import { dueWords, exactTime, listTime, timeWords } from './time-words.ts'

/** One ticking clock for each period, shared by all who look at it. */
function clock(period: number) {
  let now = Date.now()
  let timer: ReturnType<typeof setInterval> | undefined
  const lookers = new Set<() => void>()
  const tick = () => {
    now = Date.now()
    for (const look of lookers) look()
  }
  return {
    now: () => now,
    watch: (look: () => void) => {
      if (lookers.size === 0) {
        now = Date.now()
        timer = setInterval(tick, period)
      }
      lookers.add(look)
      return () => {
        lookers.delete(look)
        if (lookers.size === 0) clearInterval(timer)
      }
    },
  }
}

const CALM = clock(10_000)
const QUICK = clock(1_000)
/** From here on a countdown shows seconds. */
const SECONDS_FROM = 10 * 60_000

export function useNow(quick = false): number {
  const source = quick ? QUICK : CALM
  return useSyncExternalStore(source.watch, source.now)
}

/** Words that follow a clock. Whoever shows them is drawn anew when the words change, not whenever the clock ticks. */
function useWords(source: typeof CALM, words: (now: number) => string): string {
  return useSyncExternalStore(source.watch, () => words(source.now()))
}

export function Time({ at, short = false }: { at: number; short?: boolean }) {
  const words = useWords(CALM, now => (short ? listTime(at, now) : timeWords(at, now)))
  return (
    <time dateTime={new Date(at).toISOString()} title={exactTime(at)}>
      {words}
    </time>
  )
}

export function Deadline({ at, prefix }: { at: number; prefix?: string }) {
  const near = useSyncExternalStore(CALM.watch, () => Math.abs(at - CALM.now()) < SECONDS_FROM)
  const said = useWords(near ? QUICK : CALM, now => {
    const { text, tone } = dueWords(at, now)
    return `${tone}\n${text}`
  })
  const [tone, text] = said.split('\n')
  return (
    <span className={`due ${tone}`} title={exactTime(at)}>
      {prefix ? `${prefix} ` : ''}
      {text}
    </span>
  )
}
