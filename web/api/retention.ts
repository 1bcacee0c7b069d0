import { queryOptions } from '@tanstack/react-query'
import type {
  DestructionView,
  ExplainView,
  HoldView,
  PurgeView,
  RetentionView,
} from '../../src/archive/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

export const retentionQuery = queryOptions({
  queryKey: ['retention', 'schedule'],
  queryFn: ({ signal }) => get<RetentionView>('/api/retention', {}, signal),
})

export const holdsQuery = queryOptions({
  queryKey: ['retention', 'holds'],
  queryFn: ({ signal }) => get<{ items: HoldView[] }>('/api/holds', {}, signal),
})

export const purgesQuery = queryOptions({
  queryKey: ['retention', 'purges'],
  queryFn: ({ signal }) => get<{ items: PurgeView[] }>('/api/purges', {}, signal),
})

/** Each look is in the trail, so it is asked for once and kept while the page is open. */
export const destructionQuery = (id: string) =>
  queryOptions({
    queryKey: ['destruction', id] as const,
    staleTime: 10_000,
    queryFn: ({ signal }) => get<DestructionView>(`/api/purges/${id}/certificate`, {}, signal),
  })

export const explainQuery = (msgid: string) =>
  queryOptions({
    queryKey: ['explain', msgid] as const,
    queryFn: ({ signal }) => get<ExplainView>('/api/retention/explain', { msgid }, signal),
  })

/** After a change of ours: everything that may have moved with it. */
export const retentionChanged = (): Promise<void> => queries.invalidateQueries({ queryKey: ['retention'] })
