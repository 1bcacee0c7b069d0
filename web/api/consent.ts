import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type { RefusedList, UnlockView, unlockedMessages } from '../../src/archive/contract.ts'
import type { CustomerHistory, optOutList, PaperView } from '../../src/contacts/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

const KEY = 'consent'
type OptOuts = z.infer<typeof optOutList>
export type Unlocked = z.infer<typeof unlockedMessages>

export const refusedQuery = queryOptions({
  queryKey: [KEY, 'refused'],
  refetchInterval: 30_000,
  queryFn: ({ signal }) => get<RefusedList>('/api/consent/refused', {}, signal),
})
export const papersQuery = queryOptions({
  queryKey: [KEY, 'papers'],
  queryFn: ({ signal }) => get<{ items: PaperView[] }>('/api/consent/papers', {}, signal),
})
export const optOutsQuery = queryOptions({
  queryKey: [KEY, 'opt-outs'],
  queryFn: ({ signal }) => get<OptOuts>('/api/consent/opt-outs', {}, signal),
})
export const unlocksQuery = queryOptions({
  queryKey: [KEY, 'unlocks'],
  queryFn: ({ signal }) => get<{ items: UnlockView[] }>('/api/restricted/unlocks', {}, signal),
})
export const historyQuery = (id: string) =>
  queryOptions({
    queryKey: [KEY, 'history', id] as const,
    queryFn: ({ signal }) =>
      get<CustomerHistory>(`/api/consent/customers/${encodeURIComponent(id)}/history`, {}, signal),
  })
/** Each look is in the trail, so it is asked for once and not again by itself. */
export const unlockedQuery = (id: string) =>
  queryOptions({
    queryKey: [KEY, 'unlocked', id] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<Unlocked>(`/api/restricted/unlocks/${id}/messages`, {}, signal),
  })

/** After a change of ours. */
export const consentChanged = (): void => {
  void queries.invalidateQueries({ queryKey: [KEY] })
  void queries.invalidateQueries({ queryKey: ['notices'] })
  void queries.invalidateQueries({ queryKey: ['notice'] })
}
