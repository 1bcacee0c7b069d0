import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { searchResults } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { askOf, type SearchAddress } from './address.ts'
import { ConversationView } from './conversation-page.tsx'
import { SearchFilters } from './search-filters.tsx'
import { SearchItem } from './search-item.tsx'
import './search.css'

const route = getRouteApi('/shell/search')

export function SearchPage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const change = (part: SearchAddress) => void navigate({ search: before => ({ ...before, ...part }) })
  const { conv, at, msg } = address
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
            <button
              type="button"
              className="btn small"
              onClick={() => change({ conv: undefined, at: undefined, msg: undefined })}
            >
              <Icon name="close" size={14} />
              {t('close')}
            </button>
          </div>
          <ConversationView key={`${conv} ${msg}`} convId={conv} around={at} msgid={msg} />
        </div>
      ) : null}
    </div>
  )
}

type Props = { address: SearchAddress; change: (part: SearchAddress) => void }

function Results({ address, change }: Props) {
  const me = useMe()
  const ask = askOf(address)
  const query = useInfiniteQuery({ ...searchResults(ask ?? {}), enabled: ask !== null })
  const items = query.data?.pages.flatMap(page => page.items) ?? []
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
      <div className="results-list">
        {items.map(hit => (
          <SearchItem
            key={`${hit.key.convId} ${hit.key.msgid}`}
            hit={hit}
            chosen={hit.key.msgid === address.msg}
            open={() => change({ conv: hit.key.convId, at: hit.key.sentAt, msg: hit.key.msgid })}
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
