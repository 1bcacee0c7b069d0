import { queryOptions } from '@tanstack/react-query'
import type { DraftView, ExampleList, RulebookView } from '../../src/monitor/rulebook/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

const KEY = 'rulebook'
/** While a backtest or an application to history runs, the page looks this often. */
const BUSY_MS = 1000
const CALM_MS = 20_000

export const rulebookQuery = queryOptions({
  queryKey: [KEY, 'list'],
  refetchInterval: CALM_MS,
  queryFn: ({ signal }) => get<RulebookView>('/api/rulebook', {}, signal),
})

export const draftQuery = (id: string) =>
  queryOptions({
    queryKey: [KEY, 'draft', id] as const,
    queryFn: ({ signal }) => get<DraftView>(`/api/rulebook/drafts/${id}`, {}, signal),
    refetchInterval: query => (isBusy(query.state.data) ? BUSY_MS : false),
  })

/** Does a thread work on it at this moment? */
function isBusy(draft: DraftView | undefined): boolean {
  const backtest = draft?.backtest
  if (!backtest) return false
  if (backtest.state === 'waiting' || backtest.state === 'running') return true
  return backtest.application !== null && backtest.application.endedAt === null
}

export const packTextQuery = (file: string) =>
  queryOptions({
    queryKey: [KEY, 'text', file] as const,
    queryFn: ({ signal }) => get<{ text: string }>('/api/rulebook/text', { file }, signal),
  })

/** Each look is in the trail, so it is asked for once. */
export const examplesQuery = (id: string, change: 'new' | 'both' | 'gone') =>
  queryOptions({
    queryKey: [KEY, 'examples', id, change] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<ExampleList>(`/api/rulebook/backtests/${id}/examples`, { change }, signal),
  })

/** After a change of ours: drafts, versions, and the rules in force. */
export async function rulebookChanged(): Promise<void> {
  await queries.invalidateQueries({ queryKey: [KEY], predicate: query => query.queryKey[1] !== 'examples' })
  await queries.invalidateQueries({ queryKey: ['rules'] })
}
