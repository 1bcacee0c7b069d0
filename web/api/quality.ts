import { queryOptions } from '@tanstack/react-query'
import type { LookRow, QualityView } from '../../src/cases/contract.ts'
import { get } from './client.ts'

export const QUALITY_KEY = ['quality'] as const

export const qualityQuery = queryOptions({
  queryKey: [...QUALITY_KEY, 'view'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<QualityView> => get('/api/quality', {}, signal),
})

export const looksQuery = queryOptions({
  queryKey: [...QUALITY_KEY, 'looks'] as const,
  queryFn: ({ signal }: { signal: AbortSignal }): Promise<{ items: LookRow[] }> =>
    get('/api/quality/looks', {}, signal),
})
