import { createHash } from 'node:crypto'
import { type Db, type House, now, type Tx } from '../base/index.ts'
import { logLeaves } from '../notary/index.ts'
import type { Normal } from '../wecom/index.ts'
import { type Choice, consentState } from './choice.ts'
import { consentRecord } from './consent-leaf.ts'
import type { ConsentState } from './contract.ts'
import { settleProcessing } from './processing.ts'
import { insertConsents, selectConsent } from './store.ts'

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
  /** When we learnt it, where that is earlier than the writing down: a batch was captured before it is archived. */
  recordedAt?: number
  /** Who brought it, when it was a person of ours. */
  by?: string
}

/** Write down a choice. Returns false when it was known. Nothing is ever changed: a new choice is a new event. */
export async function recordConsent(tx: Tx, house: House, event: ConsentEvent): Promise<boolean> {
  return (await recordConsents(tx, house, [event])) === 1
}

/**
 * Many at once; returns how many were new. Each is a leaf of the archive's log, in this transaction: a message of which
 * only metadata are kept names the choice it was dropped for, and `verify` demands it.
 */
export async function recordConsents(tx: Tx, house: House, events: ConsentEvent[]): Promise<number> {
  if (events.length === 0) return 0
  const rows = events.map(event => ({
    ...event,
    id: consentId(house, event),
    recordedAt: event.recordedAt ?? now(),
  }))
  const fresh = new Set(await insertConsents(tx, house.corp, rows))
  // The same event may stand twice in a batch; it has one id and one row.
  const written = [
    ...new Map(rows.filter(row => fresh.has(row.id)).map(row => [row.id, row] as const)).values(),
  ]
  await logLeaves(
    tx,
    house,
    'archive',
    written.map(row => ({
      kind: 'consent',
      recordHash: consentRecord(house.corp, row),
      conv: '0',
      sentAt: 0,
      ref: row.id,
    })),
  )
  await settleProcessing(tx, house, written)
  return written.length
}

/**
 * The id of an event follows from what it is, so that a message can name it before it is written (UUID version 8,
 * RFC 9562 §5.8).
 */
function consentId(
  house: House,
  event: Pick<ConsentEvent, 'source' | 'sourceRef' | 'externalUserid'>,
): string {
  const { source, sourceRef, externalUserid } = event
  const parts = JSON.stringify([house.corp, source, sourceRef, externalUserid])
  const bytes = createHash('sha256').update('tongjian consent v1\0').update(parts).digest().subarray(0, 16)
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** agree and disagree messages are the customer's own word (path/91774). Null: this message is no choice. */
export function consentIn(normal: Normal): ConsentEvent | null {
  if (normal.kind !== 'agree' && normal.kind !== 'disagree') return null
  const room = typeof normal.meta.room === 'string' ? normal.meta.room : null
  const to = Array.isArray(normal.meta.to) ? normal.meta.to : []
  const staff = typeof to[0] === 'string' ? to[0] : null
  return {
    externalUserid: normal.from,
    userid: room === null ? staff : null,
    chatId: room,
    state: normal.kind,
    source: 'message',
    sourceRef: normal.msgid,
    effectiveAt: normal.sentAt,
  }
}

/** The same as a choice that is not written yet. */
export function pendingChoice(house: House, event: ConsentEvent, recordedAt: number): Choice {
  return { ...event, id: consentId(house, event), recordedAt }
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
  return { state: consentState(found.state), at: found.at, event: found.id }
}
