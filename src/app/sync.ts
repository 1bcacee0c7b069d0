import { setTimeout as wait } from 'node:timers/promises'
import { causeOf } from '../base/index.ts'
import { syncContacts } from '../contacts/index.ts'
import { syncDirectory } from '../people/index.ts'
import type { Premises } from './house.ts'
import { wecomOf } from './wecom.ts'

/** Names change rarely; ten minutes keeps a large institution far below WeCom's limits (wecom-api.md §1.4). */
const EVERY_MS = 10 * 60_000
const AFTER_FAILURE_MS = 30_000

/** Keep employees, customers and groups in step with WeCom until stopped. */
export function startSync(premises: Premises): { stop(): Promise<void> } {
  const abort = new AbortController()
  const { db, house, config } = premises
  const loop = async (): Promise<void> => {
    if (!config.wecom) return
    const { directory } = wecomOf(config.wecom)
    while (!abort.signal.aborted) {
      let pause = EVERY_MS
      try {
        await syncDirectory(db, house, directory)
        await syncContacts(db, house, directory)
      } catch (error) {
        house.log.warn({ error: causeOf(error) }, 'names could not be fetched from WeCom; the old ones stay')
        pause = AFTER_FAILURE_MS
      }
      await wait(pause, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  }
  const running = loop()
  return {
    async stop() {
      abort.abort()
      await running
    },
  }
}
