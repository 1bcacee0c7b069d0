import type { SimEvent } from './events.ts'
import type { SimTime } from './time.ts'

/** At most one `msgaudit_notify` in so long, and none when nobody has said anything (wecom-api.md §2.3). */
export const NOTIFY_MS = 15_000
/** Of the system application 会话内容存档. */
const AGENT_ID = 2_000_004

/** Returns what the archive calls for every message it takes in. */
export function createNotify(time: SimTime, tell: (event: SimEvent) => void): () => void {
  let last = Number.NEGATIVE_INFINITY
  let pending = false
  const notify = (): void => {
    pending = false
    last = time.now()
    tell({ type: 'msgaudit_notify', fields: {}, at: last, agentId: AGENT_ID })
  }
  return () => {
    if (pending) return
    const wait = last + NOTIFY_MS - time.now()
    if (wait <= 0) return notify()
    pending = true
    time.after(wait, notify)
  }
}
