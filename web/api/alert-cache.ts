import type { AlertRow, ReviewState } from '../../src/cases/contract.ts'
import type { AlertCounts, AlertPage } from './types.ts'

/** What a list of alerts was asked for; also its cache key. */
export type AlertFilter = {
  state: ReviewState | 'mine' | 'all'
  severity?: string
  staff?: string
  rule?: string
}

/** Held by this account and not concluded for good. */
export function isMine(row: Pick<AlertRow, 'assignee' | 'state'>, me: string | undefined): boolean {
  return row.assignee !== null && row.assignee === me && ['claimed', 'watch', 'escalated'].includes(row.state)
}

export function matches(row: AlertRow, filter: AlertFilter, me?: string): boolean {
  if (filter.state === 'mine') {
    if (!isMine(row, me)) return false
  } else if (filter.state !== 'all' && row.state !== filter.state) return false
  if (filter.severity && row.severity !== filter.severity) return false
  if (filter.staff && row.staff.id !== filter.staff) return false
  return !filter.rule || row.rules.some(rule => rule.id === filter.rule)
}

/** Severity first, then newest first: the order of the server's list. */
function comesBefore(a: AlertRow, b: AlertRow): boolean {
  if (a.severity !== b.severity) return a.severity < b.severity
  return a.raisedAt >= b.raisedAt
}

/** Put a row where it belongs. A row that belongs after the last loaded one waits for its own page. */
export function insertAlert(
  pages: AlertPage[],
  row: AlertRow,
  filter: AlertFilter,
  me?: string,
): AlertPage[] {
  const known = pages.some(page => page.items.some(item => item.id === row.id))
  if (known) return patchAlert(pages, row.id, () => row)
  if (!matches(row, filter, me)) return pages
  for (const [at, page] of pages.entries()) {
    const place = page.items.findIndex(item => comesBefore(row, item))
    if (place >= 0) return pages.with(at, { ...page, items: page.items.toSpliced(place, 0, row) })
  }
  const last = pages.at(-1)
  return last && last.next === null ? pages.with(-1, { ...last, items: [...last.items, row] }) : pages
}

export function patchAlert(pages: AlertPage[], id: string, change: (row: AlertRow) => AlertRow): AlertPage[] {
  return pages.map(page =>
    page.items.some(item => item.id === id)
      ? { ...page, items: page.items.map(item => (item.id === id ? change(item) : item)) }
      : page,
  )
}

/** Counts after a row went from one state to another; `from` null means it is new. */
export function moveCount(counts: AlertCounts, row: AlertRow, from: ReviewState | null): AlertCounts {
  const to = row.state
  if (from === to) return counts
  const next = { ...counts, open: { ...counts.open }, counts: { ...counts.counts } }
  if (from !== null) next.counts[from] = Math.max(0, next.counts[from] - 1)
  next.counts[to] += 1
  if (from === 'open') next.open[row.severity] = Math.max(0, next.open[row.severity] - 1)
  if (to === 'open') next.open[row.severity] += 1
  return next
}

/** The figure of 我的 after a row changed hands. */
export function moveMine(
  counts: AlertCounts,
  before: Pick<AlertRow, 'assignee' | 'state'> | null,
  after: Pick<AlertRow, 'assignee' | 'state'>,
  me: string | undefined,
): AlertCounts {
  const by = Number(isMine(after, me)) - Number(before !== null && isMine(before, me))
  return by === 0 ? counts : { ...counts, mine: Math.max(0, counts.mine + by) }
}
