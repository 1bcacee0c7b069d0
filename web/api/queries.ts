import { infiniteQueryOptions, QueryCache, QueryClient, queryOptions } from '@tanstack/react-query'
import type { IntegrityView, MessageSeals, SystemView } from '../../src/app/contract.ts'
import type {
  ExportState,
  KeptSearches,
  MessageKey,
  MessageView,
  SearchQuery,
} from '../../src/archive/contract.ts'
import type { AlertDetail, Assignees, LooksView, PersonView, SimilarView } from '../../src/cases/contract.ts'
import type { NoticeCoverage, NoticeList, NoticeQuery } from '../../src/contacts/contract.ts'
import type { Me } from '../../src/people/contract.ts'
import type { AlertFilter } from './alert-cache.ts'
import { ApiError, get } from './client.ts'
import type {
  About,
  AlertCounts,
  AlertPage,
  BehaviourList,
  CertificateList,
  CertificateView,
  FoundPeople,
  HitList,
  QuarantinePage,
  RuleList,
  SearchPage,
  TrailPage,
} from './types.ts'

/** A refusal repeats itself; only a broken line is worth another try. */
function retry(count: number, error: Error): boolean {
  return count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 502)
}

export const queries = new QueryClient({
  defaultOptions: { queries: { retry, staleTime: 30_000, refetchOnWindowFocus: false } },
  queryCache: new QueryCache({
    onError: error => {
      // The session ended elsewhere: the shell sees `me` become null and shows the sign-in page.
      if (error instanceof ApiError && error.code === 'auth.required') queries.setQueryData(['me'], null)
    },
  }),
})

export const meQuery = queryOptions({
  queryKey: ['me'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: async ({ signal }): Promise<Me | null> => {
    try {
      return await get<Me>('/api/me', {}, signal)
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return null
      throw error
    }
  },
})

export const aboutQuery = queryOptions({
  queryKey: ['about'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => get<About>('/api/about', {}, signal),
})

export const COUNTS_KEY = ['alert-counts'] as const

/**
 * Kept right by the stream of events, so it never goes stale by itself. Where a list of alerts is on screen, the list
 * brings the counts with it: every request is a look that the trail keeps, so nobody asks twice.
 */
export const countsQuery = queryOptions({
  queryKey: COUNTS_KEY,
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: ({ signal }) => get<AlertCounts>('/api/alerts/counts', {}, signal),
})

export const alertsQuery = (filter: AlertFilter) =>
  infiniteQueryOptions({
    queryKey: ['alerts', filter] as const,
    staleTime: Number.POSITIVE_INFINITY,
    initialPageParam: '',
    queryFn: async ({ pageParam, signal }) => {
      const page = await get<AlertPage>('/api/alerts', { ...filter, cursor: pageParam }, signal)
      queries.setQueryData<AlertCounts>(COUNTS_KEY, {
        ...{ open: page.open, counts: page.counts, mine: page.mine },
      })
      return page
    },
    getNextPageParam: page => page.next ?? undefined,
  })

export const alertQuery = (id: string) =>
  queryOptions({
    queryKey: ['alert', id] as const,
    queryFn: ({ signal }) => get<AlertDetail>(`/api/alerts/${encodeURIComponent(id)}`, {}, signal),
  })

/** Each is a look that the trail keeps, so it is asked for when its tab is opened. */
const besideAlert = <T>(id: string, part: 'person' | 'similar' | 'looks' | 'assignees') =>
  queryOptions({
    queryKey: ['alert', id, part] as const,
    staleTime: 10_000,
    queryFn: ({ signal }) => get<T>(`/api/alerts/${encodeURIComponent(id)}/${part}`, {}, signal),
  })
export const personQuery = (id: string) => besideAlert<PersonView>(id, 'person')
export const similarQuery = (id: string) => besideAlert<SimilarView>(id, 'similar')
export const looksQuery = (id: string) => besideAlert<LooksView>(id, 'looks')
export const assigneesQuery = (id: string) => besideAlert<Assignees>(id, 'assignees')

export const hitsQuery = (convId: string, from: number, to: number) =>
  queryOptions({
    queryKey: ['hits', convId, from, to] as const,
    queryFn: ({ signal }) => get<HitList>(`/api/conversations/${convId}/hits`, { from, to }, signal),
  })

/** Each look is in the trail, so it is asked for once and kept while the page is open. */
export const originalMessage = ({ convId, sentAt, msgid }: MessageKey) =>
  queryOptions({
    queryKey: ['original', convId, sentAt, msgid] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) =>
      get<MessageView>(`/api/conversations/${convId}/original`, { sentAt, msgid }, signal),
  })

export type SearchAsk = Partial<Omit<SearchQuery, 'cursor' | 'limit'>>

export const searchResults = (ask: SearchAsk) =>
  infiniteQueryOptions({
    queryKey: ['search', ask] as const,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => get<SearchPage>('/api/search', { ...ask, cursor: pageParam }, signal),
    getNextPageParam: page => page.next ?? undefined,
  })

export const keptQuery = queryOptions({
  queryKey: ['kept-searches'],
  staleTime: 0,
  queryFn: ({ signal }) => get<KeptSearches>('/api/search/kept', {}, signal),
})

/** Asked every second while a download runs. */
export const exportQuery = (id: string) =>
  queryOptions<ExportState>({
    queryKey: ['search-export', id],
    refetchInterval: ({ state }) =>
      state.data?.state === 'done' || state.data?.state === 'broken' ? false : 1000,
    queryFn: ({ signal }) => get<ExportState>(`/api/search/exports/${id}`, {}, signal),
  })

export const peopleQuery = (q: string) =>
  queryOptions({
    queryKey: ['people', q] as const,
    enabled: q !== '',
    queryFn: ({ signal }) => get<FoundPeople>('/api/people/find', { q }, signal),
  })

export const rulesQuery = queryOptions({
  queryKey: ['rules'],
  queryFn: ({ signal }) => get<RuleList>('/api/rules', {}, signal),
})

export const behaviourRulesQuery = queryOptions({
  queryKey: ['rules', 'behaviour'],
  queryFn: ({ signal }) => get<BehaviourList>('/api/rules/behaviour', {}, signal),
})

export const SYSTEM_EVERY = 5_000

export const systemQuery = queryOptions({
  queryKey: ['system'],
  refetchInterval: SYSTEM_EVERY,
  queryFn: ({ signal }) => get<SystemView>('/api/system', {}, signal),
})

export const integrityQuery = queryOptions({
  queryKey: ['integrity'],
  refetchInterval: 15_000,
  queryFn: ({ signal }) => get<IntegrityView>('/api/integrity', {}, signal),
})

/** No look at content, so no entry in the trail: it may be asked again while the page is open. */
export const sealsQuery = (convId: string, from: number, to: number) =>
  queryOptions({
    queryKey: ['seals', convId, from, to] as const,
    refetchInterval: 30_000,
    queryFn: ({ signal }) => get<MessageSeals>(`/api/conversations/${convId}/seals`, { from, to }, signal),
  })

export const certificatesQuery = queryOptions({
  queryKey: ['certificates'],
  queryFn: ({ signal }) => get<CertificateList>('/api/certificates', {}, signal),
})

/** Each look is in the trail, so it is asked for once and kept while the page is open. */
export const certificateQuery = (day: string) =>
  queryOptions({
    queryKey: ['certificate', day] as const,
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => get<CertificateView>(`/api/certificates/${day}`, {}, signal),
  })

export const quarantineQuery = queryOptions({
  queryKey: ['quarantine'],
  queryFn: ({ signal }) => get<QuarantinePage>('/api/quarantine', {}, signal),
})

export const coverageQuery = queryOptions({
  queryKey: ['notice'],
  // Counted over every customer: often enough for something that changes by the day.
  refetchInterval: 60_000,
  queryFn: ({ signal }) => get<NoticeCoverage>('/api/notice/coverage', {}, signal),
})

export const noticesQuery = (ask: Partial<NoticeQuery>) =>
  queryOptions({
    queryKey: ['notices', ask] as const,
    queryFn: ({ signal }) => get<NoticeList>('/api/notice/list', ask, signal),
  })

export const trailQuery = (ask: { actor?: string; verb?: string }) =>
  infiniteQueryOptions({
    queryKey: ['trail', ask] as const,
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => get<TrailPage>('/api/trail', { ...ask, cursor: pageParam }, signal),
    getNextPageParam: page => page.next ?? undefined,
  })
