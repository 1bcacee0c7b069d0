import { createHash } from 'node:crypto'
import {
  causeOf,
  type Db,
  fail,
  type House,
  inTransaction,
  type JobQueue,
  newId,
  now,
  open,
  seal,
} from '../base/index.ts'
import {
  type CallbackKeys,
  type CallbackQuery,
  type CallbackRefusal,
  openCallback,
  readEnvelope,
  readEvent,
  type WecomEvent,
} from '../wecom/index.ts'
import { addCount, countOpen, insertEvent, ring, selectCounts } from './callback-store.ts'
import { EVENT } from './jobs.ts'

/** How a knock at the public entrance ended. `repeated`: WeCom retries up to three times, and this was here before. */
type CallbackOutcome = 'verified' | 'accepted' | 'repeated' | CallbackRefusal

export type CallbackDeps = {
  db: Db
  house: House
  jobs: JobQueue
  keys: CallbackKeys
  counts: CallbackCounts
}

/** The address is being set in WeCom: prove that we hold the keys by reading `echostr` (wecom-api.md §2.1). */
export function verifyAddress(deps: CallbackDeps, query: CallbackQuery, echostr: string): string {
  const opened = openCallback(deps.keys, query, echostr)
  if (!opened.ok) throw refused(deps, opened.reason)
  deps.counts.add('verified')
  return opened.text
}

/**
 * Take one event: prove it, store it as it came, and leave the work to a job, all before the answer. WeCom waits five
 * seconds and then sends it again; what this has answered is in the database.
 */
export async function receiveCallback(deps: CallbackDeps, query: CallbackQuery, body: Buffer): Promise<void> {
  const encrypt = readEnvelope(body)
  if (encrypt === null) throw refused(deps, 'bad_xml')
  const opened = openCallback(deps.keys, query, encrypt)
  if (!opened.ok) throw refused(deps, opened.reason)
  const event = readEvent(opened.text)
  if (!event) throw refused(deps, 'bad_xml')
  deps.counts.add((await store(deps, event, opened.text, query)) ? 'accepted' : 'repeated')
}

function refused(deps: CallbackDeps, reason: CallbackRefusal): Error {
  deps.counts.add(reason)
  return fail('callback.refused')
}

async function store(
  deps: CallbackDeps,
  event: WecomEvent,
  text: string,
  query: CallbackQuery,
): Promise<boolean> {
  const { db, house, jobs } = deps
  const id = newId()
  const own = await house.keys.own(db)
  const row = {
    id,
    type: event.type,
    eventAt: new Date(event.at),
    receivedAt: new Date(now()),
    // Everything the event says, the order of its elements left aside: two events of one second that differ are two.
    fingerprint: await house.keys.fingerprint(db, Buffer.from(identity(event))),
    delivery: createHash('sha256').update(`${query.signature}|${query.nonce}`).digest(),
    sealed: seal(own.key, text, sealContext(house, id)),
  }
  return inTransaction(db, async tx => {
    if (!(await insertEvent(tx, house.corp, row))) return false
    await jobs.enqueue(tx, EVENT, { corp: house.corp, event: id })
    // It says only that there is something to pull (path/95039), so nothing need wait for the job.
    if (event.type === ARCHIVE_NOTICE) await ring(tx, house.corp)
    return true
  })
}

export const ARCHIVE_NOTICE = 'msgaudit_notify'

function identity(event: WecomEvent): string {
  const fields = Object.entries(event.fields).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify([event.from, event.at, event.type, fields])
}

function sealContext(house: House, id: string): string {
  return `callback|${house.corp}|${id}`
}

/** The event inside a stored row. What could not be read was refused at the door, so it reads. */
export async function openStored(db: Db, house: House, id: string, sealed: Buffer): Promise<WecomEvent> {
  const own = await house.keys.own(db)
  const event = readEvent(open(own.key, sealed, sealContext(house, id)).toString('utf8'))
  if (!event) throw fail('wecom.unreadable', { event: id })
  return event
}

export type CallbackCounts = { add(outcome: CallbackOutcome): void; settled(): Promise<void> }

/**
 * Counts of outcomes, kept in the database for `doctor`. One statement at a time, with what gathered meanwhile: a flood
 * of forged calls costs one connection, not all of them.
 */
export function openCallbackCounts(db: Db, house: House): CallbackCounts {
  const waiting = new Map<CallbackOutcome, number>()
  let writing: Promise<void> | undefined
  const write = async (): Promise<void> => {
    for (let next = waiting.entries().next().value; next; next = waiting.entries().next().value) {
      const [outcome, n] = next
      waiting.delete(outcome)
      await addCount(db, house.corp, outcome, n, new Date(now()))
    }
  }
  return {
    add(outcome) {
      waiting.set(outcome, (waiting.get(outcome) ?? 0) + 1)
      writing ??= write()
        .catch(error => house.log.warn({ error: causeOf(error) }, 'callbacks could not be counted'))
        .finally(() => {
          writing = undefined
        })
    },
    settled: async () => writing,
  }
}

/** What came in at the entrance and what became of it, for `doctor` and the 系统 page. Times in ms. */
export type CallbackState = {
  /** When anything last came that proved to be from WeCom. */
  lastAt: number | null
  outcomes: { outcome: string; n: number; lastAt: number }[]
  /** Events not acted on yet, and those whose handling failed. */
  waiting: number
  failed: number
}

export async function callbackState(db: Db, house: House): Promise<CallbackState> {
  const outcomes = await selectCounts(db, house.corp)
  const proven = outcomes.filter(({ outcome }) => ['verified', 'accepted', 'repeated'].includes(outcome))
  return {
    lastAt: proven.length === 0 ? null : Math.max(...proven.map(({ lastAt }) => lastAt)),
    outcomes,
    ...(await countOpen(db, house.corp)),
  }
}
