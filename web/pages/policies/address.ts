export const POLICY_TABS = ['points', 'training', 'penalties'] as const
export type PolicyTab = (typeof POLICY_TABS)[number]
export const TASK_FILTERS = ['open', 'overdue', 'done', 'cancelled', 'all'] as const
type TaskFilter = (typeof TASK_FILTERS)[number]

export type PoliciesAddress = {
  tab?: PolicyTab
  staff?: string
  department?: number
  state?: TaskFilter
  id?: string
  propose?: '1'
}

export function policiesAddress(raw: Record<string, unknown>): PoliciesAddress {
  const found: PoliciesAddress = {
    tab: POLICY_TABS.find(tab => tab === raw.tab),
    staff: typeof raw.staff === 'string' && raw.staff.length <= 64 ? raw.staff : undefined,
    department: /^\d{1,9}$/.test(String(raw.department)) ? Number(raw.department) : undefined,
    state: TASK_FILTERS.find(state => state === raw.state),
    id: typeof raw.id === 'string' && /^[0-9a-f-]{36}$/.test(raw.id) ? raw.id : undefined,
    propose: raw.propose === '1' ? '1' : undefined,
  }
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined))
}

export type MineAddress = { task?: string }
export function mineAddress(raw: Record<string, unknown>): MineAddress {
  return typeof raw.task === 'string' && /^[0-9a-f-]{36}$/.test(raw.task) ? { task: raw.task } : {}
}
