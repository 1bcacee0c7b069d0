import { queryOptions } from '@tanstack/react-query'
import type {
  ComplaintBefore,
  ComplaintDetail,
  ComplaintDistribution,
  ComplaintList,
  ComplaintSignal,
} from '../../src/cases/complaints/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

export const complaintsQuery = (state: string) =>
  queryOptions({
    queryKey: ['complaints', 'list', state] as const,
    queryFn: ({ signal }) => get<ComplaintList>('/api/complaints', { state }, signal),
  })
export const complaintQuery = (id: string) =>
  queryOptions({
    queryKey: ['complaints', 'one', id] as const,
    queryFn: ({ signal }) => get<ComplaintDetail>(`/api/complaints/${id}`, {}, signal),
  })
/** It does not change: it is what stood when the complaint came. */
export const beforeQuery = (id: string) =>
  queryOptions({
    queryKey: ['complaint-before', id] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<ComplaintBefore>(`/api/complaints/${id}/before`, {}, signal),
  })
export const signalsQuery = queryOptions({
  queryKey: ['complaints', 'signals'],
  queryFn: ({ signal }) => get<{ items: ComplaintSignal[] }>('/api/complaints/signals', {}, signal),
})
export const monthsQuery = queryOptions({
  queryKey: ['complaints', 'months'],
  queryFn: ({ signal }) => get<ComplaintDistribution>('/api/complaints/distribution', {}, signal),
})

export const complaintsChanged = (): Promise<void> => queries.invalidateQueries({ queryKey: ['complaints'] })
