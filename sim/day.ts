import type { Draft } from './message.ts'
import type { Rng } from './rng.ts'
import type { Story } from './story.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** How busy each hour is in Asia/Shanghai: two humps of office hours, a few messages in the evening. */
const BUSY = [0, 0, 0, 0, 0, 0, 1, 4, 30, 90, 100, 70, 30, 50, 95, 100, 85, 60, 26, 18, 14, 8, 3, 1]

export type Timed = { at: number; draft: Draft }

/** The threads of the 24 hours before `endAt`, in order of time. */
export function planDay(rng: Rng, story: Story, messages: number, endAt: number): Timed[] {
  const busyUntil = new Map<string, number[][]>()
  const planned: Timed[] = []
  while (planned.length < messages) {
    const start = startTime(rng, endAt)
    const { key, drafts } = story.next(start)
    const length = drafts.reduce((sum, draft) => sum + draft.wait, 0)
    // A thread ends before now; one that would not is told earlier, as long as it had.
    const from = Math.min(start, endAt - length - rng.int(1000, 600_000))
    const taken = busyUntil.get(key) ?? []
    if (key !== '' && taken.some(([a = 0, b = 0]) => from < b + 120_000 && from + length + 120_000 > a))
      continue
    busyUntil.set(key, [...taken, [from, from + length]])
    let at = from
    for (const draft of drafts) {
      at += draft.wait
      planned.push({ at: Math.floor(at), draft })
    }
  }
  return planned.sort((a, b) => a.at - b.at)
}

function startTime(rng: Rng, endAt: number): number {
  for (;;) {
    const at = endAt - Math.floor(rng.next() * DAY)
    if (rng.next() * 100 < (BUSY[new Date(at + 8 * HOUR).getUTCHours()] ?? 0)) return at
  }
}
