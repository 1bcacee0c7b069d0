import type { ReviewState } from '../../../src/cases/contract.ts'
import { SEVERITIES, type Severity } from '../../../src/monitor/contract.ts'
import type { AlertFilter } from '../../api/alert-cache.ts'

export const STATES = ['open', 'watch', 'violation', 'false_positive'] as const satisfies ReviewState[]

/** The board's address: filter, chosen alert, and on narrow screens the step (absent: the list). */
export type AlertsAddress = {
  state?: ReviewState
  severity?: Severity
  staff?: string
  rule?: string
  id?: string
  step?: 'talk' | 'act'
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

export function alertsAddress(raw: Record<string, unknown>): AlertsAddress {
  return {
    state: STATES.find(state => state === raw.state),
    severity: SEVERITIES.find(severity => severity === raw.severity),
    staff: textOf(raw.staff),
    rule: textOf(raw.rule),
    id: textOf(raw.id),
    step: raw.step === 'talk' || raw.step === 'act' ? raw.step : undefined,
  }
}

export function filterOf(address: AlertsAddress): AlertFilter {
  const { state = 'open', severity, staff, rule } = address
  return {
    state,
    ...(severity ? { severity } : {}),
    ...(staff ? { staff } : {}),
    ...(rule ? { rule } : {}),
  }
}
