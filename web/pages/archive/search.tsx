import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import type { SearchHit } from '../../../src/archive/contract.ts'
import { ApiError } from '../../api/client.ts'
import { searchResults } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { useNow } from '../../ui/time.tsx'
import { dayOf, daySeparator } from '../../ui/time-words.ts'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { TakeEvidence } from '../evidence/take-evidence.tsx'
import { askOf, type SearchAddress } from './address.ts'
import { ConversationView } from './conversation-page.tsx'
import { neighbour } from './hits.ts'
import { SearchFilters } from './search-filters.tsx'
import { SearchHead } from './search-head.tsx'
import { SearchItem } from './search-item.tsx'
import { SearchStart } from './search-start.tsx'
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
    [['J', 'K'], t('keys.move')],
    [['Enter'], t('keys.open')],
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
  const pages = query.data?.pages ?? []
  const items = pages.flatMap(page => page.items)
  const open = (hit: SearchHit) => change({ conv: hit.key.convId, at: hit.key.sentAt, msg: hit.key.msgid })
  const steps = useSteps(items, address.msg, open)
  if (ask === null) return <SearchStart change={change} />
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error && items.length === 0)
    return <Refused address={address} error={query.error} again={() => void query.refetch()} />
  const searchedTo = pages.at(-1)?.searchedTo ?? null
  return (
    <div className="results">
      <SearchHead
        fields={ask}
        total={pages[0]?.total ?? null}
        shown={items.length}
        more={query.hasNextPage}
        took={pages[0]?.milliseconds ?? 0}
        evidence={
          items.length > 0 ? (
            <TakeEvidence
              convs={[...new Set(items.map(hit => hit.key.convId))]}
              from={address.from}
              to={address.to}
              many
            />
          ) : null
        }
      />
      <div className="results-list" ref={steps.list}>
        <Days items={items} chosen={steps.chosen} open={open} />
        {items.length === 0 && !query.hasNextPage ? (
          <Empty title={t('search.none')}>{t('search.noneHow2')}</Empty>
        ) : null}
        {query.hasNextPage ? (
          <button
            type="button"
            className="more"
            disabled={query.isFetchingNextPage}
            onClick={() => void query.fetchNextPage()}
          >
            {query.isFetchingNextPage
              ? t('loading')
              : searchedTo === null
                ? t('more')
                : t('search.goOn', { month: dayOf(searchedTo).slice(0, 7) })}
          </button>
        ) : null}
      </div>
      <Watermark name={me.name} />
    </div>
  )
}

type DaysProps = { items: SearchHit[]; chosen: string | undefined; open: (hit: SearchHit) => void }

/** Results under the day they were said on, newest first. */
function Days({ items, chosen, open }: DaysProps) {
  const now = useNow()
  const days = new Map<string, SearchHit[]>()
  for (const hit of items) {
    const day = dayOf(hit.key.sentAt)
    days.set(day, [...(days.get(day) ?? []), hit])
  }
  return [...days].map(([day, hits]) => (
    <section key={day} className="result-day" aria-label={day}>
      <h2 className="small quiet">{daySeparator(hits[0]?.key.sentAt ?? 0, now)}</h2>
      {hits.map(hit => (
        <SearchItem
          key={`${hit.key.convId} ${hit.key.msgid}`}
          hit={hit}
          chosen={hit.key.msgid === chosen}
          open={() => open(hit)}
        />
      ))}
    </section>
  ))
}

/** A query that was not understood: what, where, and that nothing was lost. */
function Refused({ address, error, again }: { address: SearchAddress; error: Error; again: () => void }) {
  if (!(error instanceof ApiError) || error.code !== 'query.invalid')
    return <ErrorNote what={t('search.failed')} error={error} again={again} />
  const hint = error.message.replace(/^query\.invalid: /, '')
  const at = Number(/^第 (\d+) 个字/.exec(hint)?.[1] ?? 0) - 1
  const q = address.q ?? ''
  return (
    <div className="note-error" role="alert">
      <div className="note-title">{t('search.misread')}</div>
      {at >= 0 && q !== '' ? (
        <p className="misread">
          {q.slice(0, at)}
          <mark>{q.slice(at) || ' '}</mark>
        </p>
      ) : null}
      <div className="note-body">{hint}</div>
    </div>
  )
}

/** J and K move through the results, Enter opens; with a conversation beside, they open at once. */
function useSteps(items: SearchHit[], msg: string | undefined, open: (hit: SearchHit) => void) {
  const list = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState<string>()
  const chosen = msg ?? at
  const move = (by: 1 | -1) => {
    const to = neighbour(
      items,
      items.findIndex(hit => hit.key.msgid === chosen),
      by,
    )
    if (!to) return
    if (msg === undefined) setAt(to.key.msgid)
    else open(to)
  }
  const enter = () => {
    const hit = items.find(one => one.key.msgid === chosen)
    if (hit && msg === undefined) open(hit)
  }
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ...(chosen !== undefined && msg === undefined ? { enter } : {}),
  })
  useEffect(() => {
    if (chosen) list.current?.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  return { list, chosen }
}
