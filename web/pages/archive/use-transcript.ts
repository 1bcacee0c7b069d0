import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { MessageView, Transcript } from '../../../src/archive/contract.ts'
import type { TalkEvent } from '../../../src/contacts/contract.ts'
import type { HitView } from '../../../src/monitor/contract.ts'
import { get } from '../../api/client.ts'
import { hitsQuery } from '../../api/queries.ts'
import type { Head } from '../../api/types.ts'
import { type Hit, idOfHit, sortHits } from './hits.ts'

export type Anchor = {
  convId: string
  around?: number | undefined
  msgid?: string | undefined
  /** as it looked then, epoch ms */
  at?: number | undefined
  knownAt?: number | undefined
  recalled?: 'shown' | 'folded'
}
type Param = { around?: number | undefined; msgid?: string | undefined; before?: string; after?: string }

export type Conversation = {
  head: Head | null
  items: MessageView[]
  events: TalkEvent[]
  hits: Hit[]
  loading: boolean
  error: unknown
  again: () => void
  /** null: nothing older */
  older: (() => void) | null
  newer: () => void
  /** false: at the end for now; newer messages come only when asked for */
  hasNewer: boolean
  loadingOlder: boolean
  loadingNewer: boolean
}

/** The same message may come twice, once at the end of an answer and once in the middle of the next. */
export function withoutTwins(pages: Transcript[]): MessageView[] {
  const seen = new Map<string, MessageView>()
  for (const page of pages) for (const item of page.items) seen.set(item.key.msgid, item)
  return [...seen.values()]
}

function afterOf(page: Transcript): Param | undefined {
  if (page.after !== null) return { after: page.after }
  const last = page.items.at(-1)
  return last ? { around: last.key.sentAt, msgid: last.key.msgid } : undefined
}

/** A cursor may also mean "ask again later": an answer without messages is the end for now. */
export function hasNewer(last: Transcript | undefined): boolean {
  return last !== undefined && last.after !== null && last.items.length > 0
}

const NO_HITS: HitView[] = []

/** A conversation around a moment, growing in both directions, with the hits in what is loaded. */
export function useTranscript(anchor: Anchor, known: HitView[] = NO_HITS): Conversation {
  const { convId, around, msgid, at, knownAt, recalled } = anchor
  const query = useInfiniteQuery({
    queryKey: [
      'transcript',
      convId,
      around ?? null,
      msgid ?? null,
      at ?? null,
      knownAt ?? null,
      recalled ?? null,
    ],
    initialPageParam: { around, msgid } as Param,
    queryFn: ({ pageParam, signal }) =>
      get<Transcript>(
        `/api/conversations/${convId}/messages`,
        { ...pageParam, at, knownAt, recalled },
        signal,
      ),
    getPreviousPageParam: (first): Param | undefined => (first.before ? { before: first.before } : undefined),
    getNextPageParam: afterOf,
  })
  const pages = query.data?.pages
  const items = useMemo(() => withoutTwins(pages ?? []), [pages])
  const events = useMemo(() => (pages ?? []).flatMap(page => page.events), [pages])
  const from = items[0]?.key.sentAt
  const to = items.at(-1)?.key.sentAt
  const found = useQuery({
    ...hitsQuery(convId, from ?? 0, to ?? 0),
    enabled: from !== undefined,
    placeholderData: keepPreviousData,
  }).data?.items
  const hits = useMemo(() => {
    const all = new Map<string, Hit>()
    for (const hit of [...known, ...(found ?? [])]) all.set(idOfHit(hit), { ...hit, id: idOfHit(hit) })
    return sortHits([...all.values()], items)
  }, [known, found, items])
  return {
    head: pages?.at(-1)?.head ?? null,
    items,
    events,
    hits,
    loading: query.isPending,
    error: query.error,
    again: () => void query.refetch(),
    older: query.hasPreviousPage ? () => void query.fetchPreviousPage({ cancelRefetch: false }) : null,
    newer: () => void query.fetchNextPage({ cancelRefetch: false }),
    hasNewer: hasNewer(pages?.at(-1)),
    loadingOlder: query.isFetchingPreviousPage,
    loadingNewer: query.isFetchingNextPage,
  }
}
