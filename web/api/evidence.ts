import { queryOptions } from '@tanstack/react-query'
import type { z } from 'zod'
import type {
  EvidenceList,
  EvidenceScope,
  EvidenceState,
  EvidenceView,
  evidenceEstimate,
} from '../../src/evidence/contract.ts'
import { get, post } from './client.ts'

/** While something is being made the page follows it; otherwise others' decisions are seen soon enough. */
const QUICK = 1_000
const CALM = 10_000
const BUSY: readonly EvidenceState[] = ['approved', 'building']

export const EVIDENCE_KEY = ['evidence'] as const

export const packagesQuery = (state: EvidenceState | undefined) =>
  queryOptions({
    queryKey: [...EVIDENCE_KEY, 'list', state] as const,
    refetchInterval: query =>
      query.state.data?.items.some(item => BUSY.includes(item.state)) ? QUICK : CALM,
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<EvidenceList> =>
      get('/api/evidence', { state }, signal),
  })

export const packageQuery = (id: string) =>
  queryOptions({
    queryKey: [...EVIDENCE_KEY, 'one', id] as const,
    refetchInterval: query => (query.state.data && BUSY.includes(query.state.data.state) ? QUICK : CALM),
    queryFn: ({ signal }: { signal: AbortSignal }): Promise<EvidenceView> =>
      get(`/api/evidence/${encodeURIComponent(id)}`, {}, signal),
  })

export type Estimate = z.infer<typeof evidenceEstimate>

export const estimateQuery = (scope: EvidenceScope) =>
  queryOptions({
    queryKey: [...EVIDENCE_KEY, 'estimate', scope] as const,
    enabled: scope.stretches.length > 0,
    retry: false,
    queryFn: () => post<Estimate>('/api/evidence/estimate', scope),
  })
