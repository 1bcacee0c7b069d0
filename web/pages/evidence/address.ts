import { EVIDENCE_STATES, type EvidenceState } from '../../../src/evidence/contract.ts'
import { endOfDay, startOfDay } from '../../ui/time-words.ts'

/** `convs`: conversations a new request is about, with commas; days as `2026-11-23`. */
export type EvidenceAddress = {
  state?: EvidenceState
  id?: string
  convs?: string
  from?: string
  to?: string
  new?: '1'
  /** the number of the case a request is for */
  case?: string
}

const DAY = /^\d{4}-\d{2}-\d{2}$/

export function evidenceAddress(raw: Record<string, unknown>): EvidenceAddress {
  const text = (value: unknown, shape: RegExp) =>
    typeof value === 'string' && shape.test(value) ? value : undefined
  const found: EvidenceAddress = {
    state: EVIDENCE_STATES.find(state => state === raw.state),
    id: text(raw.id, /^[0-9a-f-]{36}$/),
    convs: text(raw.convs, /^\d{1,19}(,\d{1,19})*$/),
    from: text(raw.from, DAY),
    to: text(raw.to, DAY),
    new: raw.new === '1' ? '1' : undefined,
    case: text(raw.case, /^[\w-]{1,32}$/),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

/** The stretches an address speaks of. */
export function stretchesOf(convs: string | undefined, from: string, to: string) {
  return (convs ?? '')
    .split(',')
    .filter(conv => conv !== '')
    .map(convId => ({ convId, from: startOfDay(from), to: endOfDay(to) }))
}
