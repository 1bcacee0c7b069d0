import type { Draft, Stored } from './message.ts'
import type { Rng } from './rng.ts'
import type { Story } from './story.ts'
import type { SimTime } from './time.ts'

export type Live = {
  /** 0 stops. */
  pace(perMinute: number): void
  perMinute(): number
  /** The next message of the threads that are under way, now. */
  step(): Stored | undefined
}

const UNDER_WAY = 7

/** A few threads told at once, one message after the other, at the chosen pace. */
export function createLive(rng: Rng, story: Story, time: SimTime, emit: (draft: Draft) => Stored): Live {
  const under: { key: string; drafts: Draft[] }[] = []
  let perMinute = 0
  let callOff = (): void => undefined
  const step = (): Stored | undefined => {
    for (let turn = 0; under.length < UNDER_WAY && turn < 50; turn++) {
      const next = story.next(time.now())
      if (next.drafts.length > 0 && !under.some(one => one.key === next.key && next.key !== ''))
        under.push(next)
    }
    const thread = rng.pick(under)
    const draft = thread.drafts.shift()
    if (thread.drafts.length === 0) under.splice(under.indexOf(thread), 1)
    return draft && emit(draft)
  }
  const schedule = (): void => {
    callOff()
    if (perMinute <= 0) return
    const wait = (60_000 / perMinute) * (0.4 + rng.next() * 1.2)
    callOff = time.after(wait, () => {
      step()
      schedule()
    })
  }
  return {
    pace: value => {
      perMinute = Math.min(Math.max(value, 0), 6000)
      schedule()
    },
    perMinute: () => perMinute,
    step,
  }
}
