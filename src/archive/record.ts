import { recordHash } from '../ledger/index.ts'
import type { Link } from '../wecom/index.ts'

/** Version of the envelope below; a leaf says which it was made with by being made with it. */
export const RECORD_VERSION = 1

/** Every column of `message` but key_id and body, plus its links: what the ledger holds of a message. */
export type MessageEnvelope = {
  corp: number
  conv: string
  /** Microseconds since the epoch, as text: PostgreSQL keeps µs, and a change of one must show. */
  sentAt: string
  msgid: string
  source: string
  seq: string | null
  kind: string
  action: string
  direction: string
  from: string
  meta: object
  consentEvent: string | null
  retention: string
  capturedAt: string
  links: Link[]
}

/** Links in the one order in which they are hashed and handed out. */
export function linksInOrder(links: Link[]): Link[] {
  if (links.length < 2) return links
  return [...links].sort((a, b) => (a.kind + a.target < b.kind + b.target ? -1 : 1))
}

/** What stands in the ledger for a message (design §6). */
export function messageRecord(envelope: MessageEnvelope, commitment: Uint8Array): Buffer {
  const links = linksInOrder(envelope.links)
  // In the order of the canonical text: it is then written without sorting, at two thirds of the cost.
  const { action, capturedAt, consentEvent, conv, corp, direction, from, kind } = envelope
  const { meta, msgid, retention, sentAt, seq, source } = envelope
  return recordHash(
    RECORD_VERSION,
    'message',
    {
      action,
      capturedAt,
      consentEvent,
      conv,
      corp,
      direction,
      from,
      kind,
      links,
      meta,
      msgid,
      retention,
      sentAt,
      seq,
      source,
    },
    commitment,
  )
}

export type DerivedEnvelope = {
  corp: number
  conv: string
  sentAt: string
  msgid: string
  source: string
  part: string
  derivedAt: string
}

/** What stands in the ledger for a text derived from a message: OCR, transcripts, forwarded records. */
export function derivedRecord(envelope: DerivedEnvelope, commitment: Uint8Array): Buffer {
  return recordHash(RECORD_VERSION, 'derived', envelope, commitment)
}

/** Epoch milliseconds as the microseconds text that the envelope and the ledger use. */
export function micros(ms: number): string {
  return `${ms}000`.replace(/^0+(?=\d)/, '')
}

/** Associated data that binds a body to its row: it does not open in another row's place. */
export function bodyContext(corp: number, conv: string, sentAt: number, msgid: string): string {
  return `message|${corp}|${conv}|${sentAt}|${msgid}`
}
export function derivedContext(
  corp: number,
  conv: string,
  sentAt: number,
  msgid: string,
  source: string,
  part: string,
): string {
  return `derived|${corp}|${conv}|${sentAt}|${msgid}|${source}|${part}`
}
