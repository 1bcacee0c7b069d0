import { type Db, Fault, type House, inTransaction, type JobQueue, type Tx } from '../base/index.ts'
import type { WecomEvent } from '../wecom/index.ts'
import { lockEvent, settleEvent } from './callback-store.ts'
import { ARCHIVE_NOTICE, openStored } from './callbacks.ts'
import { EVENT } from './jobs.ts'

/** Who acts on which events. Whatever has no handler is noted. */
export type EventHandlers = {
  /** Changes of customers, customer groups, employees, departments and tags. Runs in the event's transaction. */
  contact?: ((tx: Tx, event: WecomEvent) => Promise<void>) | undefined
  /** A button of a card was pressed; false when it is none of ours. Runs in the event's transaction. */
  card?: ((tx: Tx, event: WecomEvent) => Promise<boolean>) | undefined
}

const CARD = 'template_card_event'
const CONTACTS = /^change_(external_contact|external_chat|external_tag|contact)(\.|$)/
/**
 * With the queue's doubling waits this is about ten minutes. Events are hints (wecom-api.md §2.1): the scheduled
 * reconciliation brings what one of them could not.
 */
const MOST_ATTEMPTS = 12
/** A campaign brings many customers at once, and the welcome code in each event lives 20 s (wecom-api.md §2.3). */
const BATCH = 20

/** Act on every event that was received, once each. */
export async function workEvents(
  db: Db,
  house: House,
  jobs: JobQueue,
  handlers: EventHandlers,
): Promise<void> {
  await jobs.work(EVENT, payload => processEvent(db, house, payload.event, handlers), BATCH)
}

/** Act on one event and settle it in the same transaction. A failure is on record and thrown, until it is given up. */
export async function processEvent(db: Db, house: House, id: string, handlers: EventHandlers): Promise<void> {
  try {
    await inTransaction(db, async tx => {
      const stored = await lockEvent(tx, house.corp, id)
      if (!stored || stored.state === 'done' || stored.state === 'noted') return
      const event = await openStored(tx, house, id, stored.sealed)
      await settleEvent(tx, house.corp, id, await dispatch(tx, event, handlers), null)
    })
  } catch (error) {
    const attempts = await settleEvent(db, house.corp, id, 'failed', reasonOf(error))
    if (attempts < MOST_ATTEMPTS) throw error
    house.log.error({ event: id, reason: reasonOf(error), attempts }, 'an event of WeCom is given up')
  }
}

async function dispatch(tx: Tx, event: WecomEvent, handlers: EventHandlers): Promise<'done' | 'noted'> {
  // The pull was woken when this was stored.
  if (event.type === ARCHIVE_NOTICE) return 'done'
  if (event.type === CARD) return handlers.card && (await handlers.card(tx, event)) ? 'done' : 'noted'
  if (!handlers.contact || !CONTACTS.test(event.type)) return 'noted'
  await handlers.contact(tx, event)
  return 'done'
}

/** A code or a class, never the message: it may quote what somebody wrote. */
function reasonOf(error: unknown): string {
  if (error instanceof Fault) return error.code
  return error instanceof Error ? error.name : 'unknown'
}
