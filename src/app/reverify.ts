import { setTimeout as wait } from 'node:timers/promises'
import { messageOf } from '../base/index.ts'
import type { Premises } from './house.ts'
import { verifyWhole } from './whole.ts'

/** Soon after the start, then this often. A whole pass costs about 100 µs of CPU a message, at the lowest priority. */
const FIRST_MS = 5_000
const EVERY_MS = 15 * 60_000
/** While nothing is sealed yet there is nothing to say for a quarter of an hour. */
const EMPTY_MS = 20_000
/** Beyond this a pass would hold a core for minutes; the shell's `verify` at night does it instead. */
const MOST_LEAVES = 300_000

/** Verify the archive again and again, so that the 系统 page can say up to where it is known to be whole. */
export function startReverify(premises: Premises): { stop(): Promise<void> } {
  const abort = new AbortController()
  const { house } = premises
  const pass = async (): Promise<number> => {
    try {
      const report = await verifyWhole(premises, { everyByte: false })
      const first = report.problems[0]
      if (first) house.log.error({ index: first.index, what: first.what }, 'the archive does not verify')
      return report.size
    } catch (error) {
      house.log.error({ error: messageOf(error) }, 'the archive could not be verified')
      return 0
    }
  }
  const loop = async (): Promise<void> => {
    await wait(FIRST_MS, undefined, { signal: abort.signal }).catch(() => undefined)
    while (!abort.signal.aborted) {
      const size = await pass()
      if (size > MOST_LEAVES) return
      await wait(size === 0 ? EMPTY_MS : EVERY_MS, undefined, { signal: abort.signal }).catch(() => undefined)
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
