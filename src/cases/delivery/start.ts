import { after, causeOf, type JobQueue } from '../../base/index.ts'
import { CASE_MOVED } from '../jobs.ts'
import type { DeliveryDeps } from './deps.ts'
import { sendDigests } from './digest.ts'
import { escalate, onMoved } from './plan.ts'
import { CARD_PRESSED, onPress } from './press.ts'
import { sendDue, sendUpdates } from './send.ts'

/** Looked at this often; whatever this process planned itself is sent at once. */
const SEND_MS = 500
const SLOW_MS = 2000
const ESCALATE_MS = 1000
const BATCH = 20

export type Delivery = {
  /** Something of ours is due now. */
  wake(): void
  stop(): Promise<void>
}

/** Tell people of alerts, until stopped: plan on every move, send what is due, escalate what nobody took. */
export async function startDelivery(deps: DeliveryDeps, jobs: JobQueue): Promise<Delivery> {
  const stopping = new AbortController()
  let alarm = new AbortController()
  const wake = (): void => {
    alarm.abort()
    alarm = new AbortController()
  }
  const loop = async (ms: number, work: () => Promise<number>): Promise<void> => {
    while (!stopping.signal.aborted) {
      const heard = alarm.signal
      const done = await work().catch(error => {
        deps.house.log.warn({ error: causeOf(error) }, 'alerts could not be delivered; tried again')
        return 0
      })
      if (done === 0) await after(ms, AbortSignal.any([stopping.signal, heard]))
    }
  }
  await jobs.work(
    CASE_MOVED,
    async moved => {
      await onMoved(deps, moved)
      wake()
    },
    BATCH,
  )
  await jobs.work(CARD_PRESSED, async ({ press }) => {
    await onPress(deps, press)
    wake()
  })
  const running = Promise.all([
    loop(SEND_MS, () => sendDue(deps, 'card')),
    loop(SEND_MS, () => sendUpdates(deps)),
    loop(SEND_MS, () => sendDue(deps, 'mail')),
    loop(SEND_MS, () => sendDue(deps, 'hook')),
    loop(SLOW_MS, () => sendDigests(deps)),
    loop(ESCALATE_MS, () => escalate(deps)),
  ])
  return {
    wake,
    async stop() {
      stopping.abort()
      await running
    },
  }
}
