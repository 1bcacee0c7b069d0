import { setTimeout as wait } from 'node:timers/promises'
import { causeOf, systemActor } from '../base/index.ts'
import {
  DEFAULT_NOTICE,
  followNotices,
  refreshWanted,
  registerNotice,
  sendDueNotices,
} from '../contacts/index.ts'
import type { Premises } from './house.ts'
import { wecomOf } from './wecom.ts'

/** A welcome code lives 20 s and the notice must be out within 5 s of the event: look far more often than that. */
const LOOK_MS = 500
/** What owners did with their tasks, and what was not proved in time. */
const FOLLOW_MS = 5 * 60_000
const AFTER_FAILURE_MS = 5000

/** Say the notices that are due, and fetch what events did not carry, until stopped. */
export async function startOutreach(premises: Premises): Promise<{ stop(): Promise<void> }> {
  const { db, house, config } = premises
  const abort = new AbortController()
  const text = config.wecom?.notice ?? DEFAULT_NOTICE
  // Before capture begins: from its first message on, the notice is recognised.
  await registerNotice(db, house, text)
  const running = Promise.all(loopsOf(premises, text, abort.signal))
  return {
    async stop() {
      abort.abort()
      await running
    },
  }
}

/** Two, so that a slow look-up never keeps a welcome message waiting. */
function loopsOf({ db, house, config }: Premises, text: string, signal: AbortSignal): Promise<void>[] {
  if (!config.wecom) return []
  const { directory, outreach } = wecomOf(config.wecom)
  const actor = systemActor(house, 'notice')
  let followed = Number.NEGATIVE_INFINITY
  const loop = async (work: () => Promise<unknown>, trouble: string): Promise<void> => {
    while (!signal.aborted) {
      let pause = LOOK_MS
      await work().catch(error => {
        house.log.warn({ error: causeOf(error) }, trouble)
        pause = AFTER_FAILURE_MS
      })
      await wait(pause, undefined, { signal }).catch(() => undefined)
    }
  }
  return [
    loop(() => sendDueNotices(db, actor, outreach, text), 'notices could not be sent'),
    loop(async () => {
      await refreshWanted(db, house, outreach, directory)
      if (performance.now() - followed < FOLLOW_MS) return
      await followNotices(db, actor, outreach)
      followed = performance.now()
    }, 'customers named by events could not be fetched from WeCom'),
  ]
}
