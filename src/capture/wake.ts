import { after, type House, listen } from '../base/index.ts'
import { WAKE_CHANNEL } from './callback-store.ts'

export type Wake = {
  /** Until woken, or so long. What rang before anybody slept ends the next sleep at once. */
  sleep(ms: number, signal: AbortSignal): Promise<void>
  stop(): Promise<void>
}

/** Hears when WeCom says that there is something to pull, whichever process was told. Polling goes on without it. */
export async function openWake(url: string, house: House, role?: string): Promise<Wake> {
  let rung = false
  let alarm: AbortController | undefined
  const connection = await listen({
    url,
    role,
    channel: WAKE_CHANNEL,
    application: 'tongjian-wake',
    log: house.log,
    away: 'capture polls without being woken until the database is back',
    told(payload) {
      if (payload !== String(house.corp)) return
      rung = true
      alarm?.abort()
    },
  })
  return {
    async sleep(ms, signal) {
      if (!rung) {
        alarm = new AbortController()
        await after(ms, AbortSignal.any([signal, alarm.signal]))
        alarm = undefined
      }
      rung = false
    },
    stop: () => connection.stop(),
  }
}
