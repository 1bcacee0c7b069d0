import { type Db, fail, type House, newId, now, type Tx } from '../base/index.ts'
import { insertConsents, selectConsent } from './store.ts'

const CONSENT_STATES = ['agree', 'disagree', 'default_agree', 'withdrawn'] as const
export type ConsentState = (typeof CONSENT_STATES)[number]

/** A customer's choice about archiving. `userid` names the employee it concerns, `chatId` the room; null is everybody. */
export type ConsentEvent = {
  externalUserid: string
  userid: string | null
  chatId: string | null
  state: ConsentState
  /** Where we learnt it, and that place's own name for it: the same event told twice is one. */
  source: string
  sourceRef: string
  effectiveAt: number
}

/** Write down a choice. Returns false when it was known. Nothing is ever changed: a new choice is a new event. */
export async function recordConsent(tx: Tx, house: House, event: ConsentEvent): Promise<boolean> {
  return (await recordConsents(tx, house, [event])) === 1
}

/** Many at once; returns how many were new. */
export function recordConsents(tx: Tx, house: House, events: ConsentEvent[]): Promise<number> {
  const recordedAt = now()
  return insertConsents(
    tx,
    house.corp,
    events.map(event => ({ ...event, id: newId(), recordedAt })),
  )
}

export type ConsentQuestion = {
  externalUserid: string
  userid?: string | null
  chatId?: string | null
  /** In force when? null: now. */
  at: number | null
  /** As known when? Absent: as known now. An inspection asks what we knew on the day. */
  knownAt?: number
}
export type Consent = { state: ConsentState | 'unknown'; at: number | null; event: string | null }

/** The choice in force, and since when. `unknown` when the customer was never asked or never answered. */
export async function consentOf(db: Db, house: House, question: ConsentQuestion): Promise<Consent> {
  const { externalUserid, userid = null, chatId = null, at, knownAt = null } = question
  const found = await selectConsent(db, house.corp, { externalUserid, userid, chatId, at, knownAt })
  if (!found) return { state: 'unknown', at: null, event: null }
  const state = CONSENT_STATES.find(known => known === found.state)
  if (!state) throw fail('schema.newer', { consent: found.state })
  return { state, at: found.at, event: found.id }
}
