import { useInfiniteQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useMemo } from 'react'
import type { AlertRow } from '../../../src/cases/contract.ts'
import { matches } from '../../api/alert-cache.ts'
import { alertsQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty } from '../../ui/notes.tsx'
import { useWide } from '../../ui/theme.tsx'
import { useMe } from '../app/me.ts'
import { neighbour } from '../archive/hits.ts'
import { type AlertsAddress, filterOf } from './address.ts'
import { AlertList } from './alert-list.tsx'
import { Desk } from './desk.tsx'
import './alerts.css'

const route = getRouteApi('/shell/alerts')
/** Below this many rows the next page is fetched. */
const FEW = 15

/** List, conversation, decision: side by side where there is room, otherwise as three steps. */
export function AlertsPage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const wide = useWide()
  const { username } = useMe()
  const filter = filterOf(address)
  const query = useInfiniteQuery(alertsQuery(filter))
  const { id } = address
  const rows = useMemo(
    () =>
      (query.data?.pages ?? [])
        .flatMap(page => page.items)
        .filter(row => row.id === id || matches(row, { state: filter.state }, username)),
    [query.data, filter.state, id, username],
  )
  const first = rows[0]?.id
  const go = (change: AlertsAddress, replace = false) =>
    void navigate({ search: before => ({ ...before, ...change }), replace })
  // With room for all three panes the first alert is opened; new arrivals never take its place.
  useEffect(() => {
    if (wide && id === undefined && first !== undefined)
      void navigate({ search: before => ({ ...before, id: first }), replace: true })
  }, [wide, id, first, navigate])
  // What is decided leaves the list: it is filled up before the hand reaches its end.
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  useEffect(() => {
    if (rows.length < FEW && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [rows.length, hasNextPage, isFetchingNextPage, fetchNextPage])
  const move = (by: 1 | -1) => {
    const at = rows.findIndex(row => row.id === id)
    const to = neighbour(rows, at, by)
    if (to) go({ id: to.id, tab: undefined }, true)
  }
  const help = useHelp(move)
  return (
    <div className="desk" data-step={address.step ?? 'list'}>
      <AlertList query={query} rows={rows} address={address} go={go} help={help.show} />
      {id === undefined ? (
        <Nothing loaded={!query.isPending} rows={rows} />
      ) : (
        <Desk key={id} id={id} address={address} go={go} decided={() => go(afterDecision(rows, id, wide))} />
      )}
      {help.dialog}
    </div>
  )
}

/** The next one in the queue, so that the hands stay on the keys; the queue itself when there is none. */
function afterDecision(rows: AlertRow[], id: string, wide: boolean): AlertsAddress {
  const at = rows.findIndex(row => row.id === id)
  const next = rows[at + 1] ?? rows[at - 1]
  return { id: next?.id, tab: undefined, step: wide || !next ? undefined : 'talk' }
}

function Nothing({ loaded, rows }: { loaded: boolean; rows: AlertRow[] }) {
  return (
    <section className="desk-nothing">
      {loaded ? <Empty title={t(rows.length > 0 ? 'alerts.choose' : 'alerts.nothingToRead')} /> : null}
    </section>
  )
}

function useHelp(move: (by: 1 | -1) => void) {
  useKeys({ j: () => move(1), k: () => move(-1) })
  return useKeyHelp([
    [['J', 'K'], t('keys.alerts')],
    [['N', 'P'], t('keys.hits')],
    [['C'], t('conclude.violation')],
    [['F'], t('conclude.false_positive')],
    [['W'], t('conclude.watch')],
    [['T'], t('keys.claim')],
    [['U'], t('keys.escalate')],
    [['A'], t('keys.assign')],
    [['R'], t('keys.return')],
    [['O'], t('keys.reopen')],
    [['Q'], t('keys.release')],
    [['B'], t('keys.together')],
    [['Ctrl', '↵'], t('keys.submit')],
    [['1', '–', '5'], t('keys.deskTabs')],
  ])
}
