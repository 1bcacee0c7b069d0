import { queryOptions } from '@tanstack/react-query'
import type { DeliveryOverview, DeliveryView } from '../../src/cases/delivery/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

const EVERY = 5_000

export const deliveryQuery = queryOptions({
  queryKey: ['delivery', 'overview'],
  refetchInterval: EVERY,
  queryFn: ({ signal }) => get<DeliveryOverview>('/api/delivery', {}, signal),
})

export const deliveryLog = (state: string | undefined) =>
  queryOptions({
    queryKey: ['delivery', 'log', state ?? 'all'] as const,
    refetchInterval: EVERY,
    queryFn: ({ signal }) => get<{ items: DeliveryView[] }>('/api/delivery/log', { state }, signal),
  })

export type OwnAddress = { email: string | null; userid: boolean; mail: boolean }
export const ownAddressQuery = queryOptions({
  queryKey: ['delivery', 'address'],
  queryFn: ({ signal }) => get<OwnAddress>('/api/delivery/address', {}, signal),
})

export function deliveryChanged(): void {
  void queries.invalidateQueries({ queryKey: ['delivery'] })
}
