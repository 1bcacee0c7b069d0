import { HAS, type SearchFields, SOURCES } from '../../../src/archive/contract.ts'
import type { SearchAsk } from '../../api/queries.ts'
import { dayOf, endOfDay, startOfDay } from '../../ui/time-words.ts'

export const DIRECTIONS = ['staff', 'customer', 'internal', 'system'] as const
const SEVERITIES = ['P0', 'P1', 'P2', 'P3'] as const

/** Everything asked for stands in the address; days as `2026-11-23`. `conv` opens the pane at the side. */
export type SearchAddress = {
  q?: string
  exact?: 'true'
  staff?: string
  customer?: string
  from?: string
  to?: string
  kind?: string
  direction?: (typeof DIRECTIONS)[number]
  severity?: (typeof SEVERITIES)[number]
  has?: keyof typeof HAS
  in?: keyof typeof SOURCES
  conv?: string
  at?: number
  msg?: string
}

/** What narrows a search, in the order of the chips. */
export const NARROWING = [
  'staff',
  'customer',
  'from',
  'to',
  'kind',
  'direction',
  'severity',
  'has',
  'in',
  'exact',
] as const
export type Narrowing = (typeof NARROWING)[number]

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const dayIn = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined
const momentIn = (value: unknown): number | undefined => {
  const found = Number(value)
  return value !== undefined && value !== '' && Number.isSafeInteger(found) ? found : undefined
}
const keyIn = <T extends object>(table: T, value: unknown): keyof T | undefined =>
  typeof value === 'string' && Object.hasOwn(table, value) ? (value as keyof T) : undefined

export function searchAddress(raw: Record<string, unknown>): SearchAddress {
  return {
    q: textOf(raw.q),
    exact: raw.exact === 'true' ? 'true' : undefined,
    staff: textOf(raw.staff),
    customer: textOf(raw.customer),
    from: dayIn(raw.from),
    to: dayIn(raw.to),
    kind: textOf(raw.kind),
    direction: DIRECTIONS.find(direction => direction === raw.direction),
    severity: SEVERITIES.find(severity => severity === raw.severity),
    has: keyIn(HAS, raw.has),
    in: keyIn(SOURCES, raw.in),
    conv: textOf(raw.conv),
    at: momentIn(raw.at),
    msg: textOf(raw.msg),
  }
}

/** What is sent to the server; null when nothing was asked for yet. */
export function askOf(address: SearchAddress): SearchAsk | null {
  const { conv: _conv, at: _at, msg: _msg, from, to, exact, ...rest } = address
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined))
  if (Object.keys(given).length === 0 && !from && !to) return null
  return {
    ...given,
    ...(exact ? { exact } : {}),
    ...(from ? { from: startOfDay(from) } : {}),
    ...(to ? { to: endOfDay(to) } : {}),
  }
}

/** A kept search as an address: what the form has no field for goes into the words. */
export function addressOf(fields: SearchFields): SearchAddress {
  const { from, to, ...rest } = fields
  return searchAddress({
    ...rest,
    from: from === undefined ? undefined : dayOf(from),
    to: to === undefined ? undefined : dayOf(to),
  })
}

/** Where in a conversation, and as of when; `known`: only what had reached us by then. */
export type ConversationAddress = { around?: number; msgid?: string; at?: number; known?: 'then' }

export function conversationAddress(raw: Record<string, unknown>): ConversationAddress {
  return {
    around: momentIn(raw.around),
    msgid: textOf(raw.msgid),
    at: momentIn(raw.at),
    known: raw.known === 'then' ? 'then' : undefined,
  }
}
