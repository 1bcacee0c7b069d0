import { queryOptions } from '@tanstack/react-query'
import type {
  MyRecord,
  MyTask,
  PenaltyView,
  PointsAccount,
  PointsView,
  TaskList,
} from '../../src/policies/contract.ts'
import { get } from './client.ts'
import { queries } from './queries.ts'

/** Each look is in the trail, so a page asks once and keeps what it got until something moves. */
export const pointsQuery = queryOptions({
  queryKey: ['policies', 'points'],
  queryFn: ({ signal }) => get<PointsView>('/api/points', {}, signal),
})
export const accountQuery = (staff: string) =>
  queryOptions({
    queryKey: ['policies', 'account', staff] as const,
    queryFn: ({ signal }) => get<PointsAccount>(`/api/points/staff/${encodeURIComponent(staff)}`, {}, signal),
  })
export const trainingQuery = (state: string) =>
  queryOptions({
    queryKey: ['policies', 'training', state] as const,
    queryFn: ({ signal }) => get<TaskList>('/api/training', { state }, signal),
  })
export const penaltiesQuery = queryOptions({
  queryKey: ['policies', 'penalties'],
  queryFn: ({ signal }) => get<{ items: PenaltyView[] }>('/api/penalties', {}, signal),
})
export const mineQuery = queryOptions({
  queryKey: ['policies', 'mine'],
  queryFn: ({ signal }) => get<MyRecord>('/api/mine', {}, signal),
})
export const myTaskQuery = (id: string) =>
  queryOptions({
    queryKey: ['policies', 'task', id] as const,
    queryFn: ({ signal }) => get<MyTask>(`/api/mine/training/${id}`, {}, signal),
  })

/** After a change of ours: everything that may have moved with it. */
export const policiesChanged = (): Promise<void> => queries.invalidateQueries({ queryKey: ['policies'] })
