import { REVIEW_STATES, type ReviewState } from '../../../src/cases/contract.ts'
import { SEVERITIES, type Severity } from '../../../src/monitor/contract.ts'
import type { AlertFilter } from '../../api/alert-cache.ts'

/** What a list may be of: a state, mine, or all. */
export type View = ReviewState | 'mine' | 'all'
/** The three queues a day is spent in, then the rest. */
export const QUEUES = ['open', 'mine', 'escalated'] as const satisfies View[]
export const OTHERS = ['claimed', 'watch', 'violation', 'false_positive', 'all'] as const satisfies View[]
const VIEWS: readonly View[] = [...REVIEW_STATES, 'mine', 'all']

export const DESK_TABS = ['talk', 'hits', 'record', 'person', 'similar'] as const
export type DeskTab = (typeof DESK_TABS)[number]

/** The board's address: filter, chosen alert, tab, and on narrow screens the step (absent: the list). */
export type AlertsAddress = {
  state?: View
  severity?: Severity
  staff?: string
  rule?: string
  id?: string
  tab?: DeskTab
  step?: 'talk' | 'act'
  /** What a pressed card asks to begin with; only for the alert it names. */
  conclude?: 'false_positive'
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

/** `alert` is how a card, a mail or another page names the one it is about. */
export function alertsAddress(raw: Record<string, unknown>): AlertsAddress {
  return {
    state: VIEWS.find(state => state === raw.state),
    severity: SEVERITIES.find(severity => severity === raw.severity),
    staff: textOf(raw.staff),
    rule: textOf(raw.rule),
    // Cards and mails lead here by `alert`.
    id: textOf(raw.id) ?? textOf(raw.alert),
    tab: DESK_TABS.find(tab => tab === raw.tab),
    step: raw.step === 'talk' || raw.step === 'act' ? raw.step : undefined,
    // Going on to the next alert names it by `id`: what the card asked is not asked there.
    conclude: raw.alert !== undefined && raw.conclude === 'false_positive' ? raw.conclude : undefined,
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
