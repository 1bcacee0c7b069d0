import { Client } from 'pg'
import { type House, messageOf } from '../base/index.ts'
import { BOARD_CHANNEL } from './store.ts'

export type BoardEvent = { kind: 'alert' | 'decision'; id: string }
export type Live = { subscribe(listener: (event: BoardEvent) => void): () => void; stop(): Promise<void> }

const RECONNECT_MS = 1000

/**
 * One listening connection a process; boards subscribe to it. When it breaks it reconnects; a board that missed
 * something asks for the list again on its own reconnect, so a lost notification is a delay and not a loss.
 */
export async function openLive(url: string, house: House, role?: string): Promise<Live> {
  const listeners = new Set<(event: BoardEvent) => void>()
  let client: Client | undefined
  let stopped = false
  let timer: NodeJS.Timeout | undefined
  const connect = async (): Promise<void> => {
    const fresh = new Client({
      connectionString: url,
      application_name: 'tongjian-live',
      options: role ? `-c role=${role}` : undefined,
    })
    fresh.on('error', () => retry())
    fresh.on('end', () => retry())
    fresh.on('notification', message => deliver(message.payload, house.corp, listeners))
    await fresh.connect()
    await fresh.query(`LISTEN ${BOARD_CHANNEL}`)
    client = fresh
  }
  const retry = (): void => {
    if (stopped || timer) return
    client = undefined
    timer = setTimeout(() => {
      timer = undefined
      connect().catch(error => {
        house.log.warn({ error: messageOf(error) }, 'live boards are waiting for the database')
        retry()
      })
    }, RECONNECT_MS)
  }
  await connect()
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async stop() {
      stopped = true
      clearTimeout(timer)
      await client?.end()
    },
  }
}

function deliver(
  payload: string | undefined,
  corp: number,
  listeners: Set<(event: BoardEvent) => void>,
): void {
  const message = JSON.parse(payload ?? '{}') as { kind?: string; corp?: number; id?: string }
  if (message.corp !== corp || typeof message.id !== 'string') return
  if (message.kind !== 'alert' && message.kind !== 'decision') return
  for (const listener of listeners) listener({ kind: message.kind, id: message.id })
}
