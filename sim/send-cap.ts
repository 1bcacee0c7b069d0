import { dayOf, shanghai } from './ground.ts'

/** How many group sends one customer or group may receive: as many a month as it has days, 7 a week, or 1 a day. */
type CapRule = { per: 'month' | 'week' | 'day'; times?: number }
export type SendCap = {
  setCap(rule: CapRule): void
  /** false when this one has had enough. */
  take(id: string, atMs: number): boolean
}

/** wecom-api.md §5.1 (2025/11/17); the administrator may choose another rule. */
export function createSendCap(): SendCap {
  const counts = new Map<string, number>()
  let rule: CapRule = { per: 'month' }
  return {
    setCap: next => {
      rule = next
    },
    take: (id, atMs) => {
      const { key, times } = windowOf(rule, atMs)
      const name = `${id}/${key}`
      const had = counts.get(name) ?? 0
      if (had >= times) return false
      counts.set(name, had + 1)
      return true
    },
  }
}

function windowOf(rule: CapRule, atMs: number): { key: string; times: number } {
  const date = shanghai(atMs)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  switch (rule.per) {
    case 'month':
      return {
        key: `m${year}-${month}`,
        times: rule.times ?? new Date(Date.UTC(year, month + 1, 0)).getUTCDate(),
      }
    case 'week':
      // Day 4 of the epoch was a Monday.
      return { key: `w${Math.floor((dayOf(atMs) - 4) / 7)}`, times: rule.times ?? 7 }
    case 'day':
      return { key: `d${dayOf(atMs)}`, times: rule.times ?? 1 }
  }
}
