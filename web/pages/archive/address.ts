import type { SearchAsk } from '../../api/queries.ts'
import { endOfDay, startOfDay } from '../../ui/time-words.ts'

export const DIRECTIONS = ['staff', 'customer', 'internal', 'system'] as const

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
  conv?: string
  at?: number
  msg?: string
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const dayIn = (value: unknown): string | undefined =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : undefined
const momentIn = (value: unknown): number | undefined => {
  const found = Number(value)
  return value !== undefined && value !== '' && Number.isSafeInteger(found) ? found : undefined
}

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
    conv: textOf(raw.conv),
    at: momentIn(raw.at),
    msg: textOf(raw.msg),
  }
}

/** What is sent to the server; null when nothing was asked for yet. */
export function askOf(address: SearchAddress): SearchAsk | null {
  const { q, exact, staff, customer, from, to, kind, direction } = address
  if (!(q || staff || customer || from || to || kind || direction)) return null
  return {
    ...(q ? { q } : {}),
    ...(exact ? { exact } : {}),
    ...(staff ? { staff } : {}),
    ...(customer ? { customer } : {}),
    ...(from ? { from: startOfDay(from) } : {}),
    ...(to ? { to: endOfDay(to) } : {}),
    ...(kind ? { kind } : {}),
    ...(direction ? { direction } : {}),
  }
}

export function conversationAddress(raw: Record<string, unknown>): { around?: number; msgid?: string } {
  return { around: momentIn(raw.around), msgid: textOf(raw.msgid) }
}
