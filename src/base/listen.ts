import { Client } from 'pg'
import { causeOf } from './errors.ts'
import type { Log } from './log.ts'

export type Listener = { stop(): Promise<void> }

const RECONNECT_MS = 1000

/**
 * One connection that listens on a channel of PostgreSQL. When it breaks it reconnects; what was told in between is
 * lost, so a notification may only ever say "look now" to somebody who looks anyway.
 */
export async function listen(options: {
  url: string
  role?: string | undefined
  channel: string
  application: string
  log: Log
  /** What a person reads while the connection is away. */
  away: string
  told(payload: string): void
}): Promise<Listener> {
  let client: Client | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const connect = async (): Promise<void> => {
    const fresh = new Client({
      connectionString: options.url,
      application_name: options.application,
      options: options.role ? `-c role=${options.role}` : undefined,
    })
    fresh.on('error', () => retry())
    fresh.on('end', () => retry())
    fresh.on('notification', message => options.told(message.payload ?? ''))
    await fresh.connect()
    await fresh.query(`LISTEN ${options.channel}`)
    client = fresh
    if (stopped) await fresh.end()
  }
  const retry = (): void => {
    if (stopped || timer) return
    client = undefined
    timer = setTimeout(() => {
      timer = undefined
      connect().catch(error => {
        options.log.warn({ error: causeOf(error) }, options.away)
        retry()
      })
    }, RECONNECT_MS)
  }
  await connect()
  return {
    async stop() {
      stopped = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}
