import { queryOptions } from '@tanstack/react-query'
import type {
  InspectionView,
  PlanDetail,
  PlanInput,
  PlanOptions,
  PlanRow,
  Preview,
} from '../../src/cases/contract.ts'
import { get, post } from './client.ts'

export const SAMPLES_KEY = ['samples'] as const
/** A plan waits a second or two for its checkpoint; everything else is at people's pace. */
const DRAWING = 1_500
const CALM = 20_000

export const plansQuery = queryOptions({
  queryKey: [...SAMPLES_KEY, 'list'] as const,
  refetchInterval: query => (query.state.data?.items.some(item => item.drawn === null) ? DRAWING : CALM),
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<{ items: PlanRow[] }> =>
    get('/api/samples', {}, signal),
})

export const planQuery = (id: string) =>
  queryOptions({
    queryKey: [...SAMPLES_KEY, 'one', id] as const,
    refetchInterval: query => (query.state.data && query.state.data.draw === null ? DRAWING : false),
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<PlanDetail> =>
      get(`/api/samples/${encodeURIComponent(id)}`, {}, signal),
  })

export const inspectionQuery = (id: string) =>
  queryOptions({
    queryKey: [...SAMPLES_KEY, 'inspection', id] as const,
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<InspectionView> =>
      get(`/api/inspections/${encodeURIComponent(id)}`, {}, signal),
  })

export const optionsQuery = queryOptions({
  queryKey: [...SAMPLES_KEY, 'options'] as const,
  staleTime: 60_000,
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<PlanOptions> =>
    get('/api/samples/options', {}, signal),
})

export const previewQuery = (input: PlanInput) =>
  queryOptions({
    queryKey: [...SAMPLES_KEY, 'preview', input] as const,
    retry: false,
    queryFn: (): Promise<Preview> => post('/api/samples/preview', input),
  })
