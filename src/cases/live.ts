import { type House, listen } from '../base/index.ts'
import { BOARD_CHANNEL } from './store.ts'

export type BoardEvent = { kind: 'alert' | 'decision'; id: string }
export type Live = { subscribe(listener: (event: BoardEvent) => void): () => void; stop(): Promise<void> }

/**
 * One listening connection a process; boards subscribe to it. A board that missed something asks for the list again
 * on its own reconnect, so a lost notification is a delay and not a loss.
 */
export async function openLive(url: string, house: House, role?: string): Promise<Live> {
  const listeners = new Set<(event: BoardEvent) => void>()
  const connection = await listen({
    url,
    role,
    channel: BOARD_CHANNEL,
    application: 'tongjian-live',
    log: house.log,
    away: 'live boards are waiting for the database',
    told: payload => deliver(payload, house.corp, listeners),
  })
  return {
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => connection.stop(),
  }
}

function deliver(payload: string, corp: number, listeners: Set<(event: BoardEvent) => void>): void {
  const message = JSON.parse(payload || '{}') as { kind?: string; corp?: number; id?: string }
  if (message.corp !== corp || typeof message.id !== 'string') return
  if (message.kind !== 'alert' && message.kind !== 'decision') return
  // One object for all of them: what is read for it is read once (live-rows.ts).
  const event: BoardEvent = { kind: message.kind, id: message.id }
  for (const listener of listeners) listener(event)
}
