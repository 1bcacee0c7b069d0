import { queryOptions } from '@tanstack/react-query'
import type { CaseDetail, CaseList, CaseState } from '../../src/cases/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

export const casesQuery = (state: CaseState | undefined) =>
  queryOptions({
    queryKey: ['cases', 'list', state] as const,
    queryFn: ({ signal }) => get<CaseList>('/api/cases', { state }, signal),
  })

/** Each is a look that the trail keeps. */
export const caseQuery = (id: string) =>
  queryOptions({
    queryKey: ['cases', 'one', id] as const,
    queryFn: ({ signal }) => get<CaseDetail>(`/api/cases/${encodeURIComponent(id)}`, {}, signal),
  })

export const casesChanged = (): Promise<void> => queries.invalidateQueries({ queryKey: ['cases', 'list'] })
