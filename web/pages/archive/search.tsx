import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { SearchHit } from '../../../src/archive/contract.ts'
import { searchResults } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { askOf, type SearchAddress } from './address.ts'
import { ConversationView } from './conversation-page.tsx'
import { neighbour } from './hits.ts'
import { SearchFilters } from './search-filters.tsx'
import { SearchItem } from './search-item.tsx'
import './search.css'

const route = getRouteApi('/shell/search')

export function SearchPage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const change = (part: SearchAddress) => void navigate({ search: before => ({ ...before, ...part }) })
  const { conv, at, msg } = address
  const closed = { conv: undefined, at: undefined, msg: undefined }
  useKeys(conv ? { escape: () => change(closed) } : {})
  const help = useKeyHelp([
    [['J', 'K'], t('keys.results')],
    [['N', 'P'], t('keys.hits')],
    [['Esc'], t('keys.closeTalk')],
  ])
  return (
    <div className={`search${conv ? ' with-talk' : ''}`}>
      <div className="search-left">
        <SearchFilters key={address.q ?? ''} address={address} change={change} />
        <Results address={address} change={change} />
      </div>
      {conv ? (
        <div className="search-talk">
          <div className="search-talk-bar">
            <span className="small quiet">{t('search.around')}</span>
            <span className="grow" />
            <button type="button" className="btn small" onClick={() => change(closed)}>
              <Icon name="close" size={14} />
              {t('close')}
            </button>
          </div>
          <ConversationView key={`${conv} ${msg}`} convId={conv} around={at} msgid={msg} />
        </div>
      ) : null}
      {help.dialog}
    </div>
  )
}

type Props = { address: SearchAddress; change: (part: SearchAddress) => void }

function Results({ address, change }: Props) {
  const me = useMe()
  const ask = askOf(address)
  const query = useInfiniteQuery({ ...searchResults(ask ?? {}), enabled: ask !== null })
  const items = query.data?.pages.flatMap(page => page.items) ?? []
  const open = (hit: SearchHit) => change({ conv: hit.key.convId, at: hit.key.sentAt, msg: hit.key.msgid })
  const list = useSteps(items, address.msg, open)
  if (ask === null) return <Empty title={t('search.start')}>{t('search.startHow')}</Empty>
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error && items.length === 0)
    return <ErrorNote what={t('search.failed')} error={query.error} again={() => void query.refetch()} />
  const took = query.data?.pages[0]?.milliseconds ?? 0
  return (
    <div className="results">
      <div className="results-head small quiet" role="status">
        {t(query.hasNextPage ? 'search.foundMore' : 'search.found', {
          n: items.length,
          ms: took < 10 ? took.toFixed(1) : Math.round(took),
        })}
      </div>
      <div className="results-list" ref={list}>
        {items.map(hit => (
          <SearchItem
            key={`${hit.key.convId} ${hit.key.msgid}`}
            hit={hit}
            chosen={hit.key.msgid === address.msg}
            open={() => open(hit)}
          />
        ))}
        {items.length === 0 ? <Empty title={t('search.none')}>{t('search.noneHow')}</Empty> : null}
        {query.hasNextPage ? (
          <button
            type="button"
            className="more"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {t(query.isFetchingNextPage ? 'loading' : 'more')}
          </button>
        ) : null}
      </div>
      <Watermark name={me.name} />
    </div>
  )
}

/** J and K go through the results; the chosen one stays in sight. */
function useSteps(items: SearchHit[], msg: string | undefined, open: (hit: SearchHit) => void) {
  const list = useRef<HTMLDivElement>(null)
  const move = (by: 1 | -1) => {
    const at = items.findIndex(hit => hit.key.msgid === msg)
    const to = neighbour(items, at, by)
    if (to) open(to)
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  useEffect(() => {
    if (msg) list.current?.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' })
  }, [msg])
  return list
}
