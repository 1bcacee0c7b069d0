export const COMPLAINT_TABS = ['list', 'signals', 'months'] as const
type Tab = (typeof COMPLAINT_TABS)[number]
export const COMPLAINT_FILTERS = ['open', 'overdue', 'closed', 'withdrawn', 'all'] as const
type Filter = (typeof COMPLAINT_FILTERS)[number]

/** `msg`: the message a new complaint is about, as `conv.sentAt.msgid`; `alert`: the alert. */
export type ComplaintsAddress = {
  tab?: Tab
  state?: Filter
  id?: string
  new?: '1'
  msg?: string
  alert?: string
}

const UUID = /^[0-9a-f-]{36}$/

export function complaintsAddress(raw: Record<string, unknown>): ComplaintsAddress {
  const text = (value: unknown, shape: RegExp) =>
    typeof value === 'string' && shape.test(value) ? value : undefined
  const found: ComplaintsAddress = {
    tab: COMPLAINT_TABS.find(tab => tab === raw.tab),
    state: COMPLAINT_FILTERS.find(state => state === raw.state),
    id: text(raw.id, UUID),
    new: raw.new === '1' ? '1' : undefined,
    msg: text(raw.msg, /^\d{1,19}\.\d{1,15}\..{1,200}$/),
    alert: text(raw.alert, UUID),
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

export function messageIn(msg: string | undefined): { convId: string; sentAt: number; msgid: string } | null {
  const parts = /^(\d+)\.(\d+)\.(.+)$/.exec(msg ?? '')
  return parts ? { convId: parts[1] ?? '', sentAt: Number(parts[2]), msgid: parts[3] ?? '' } : null
}
