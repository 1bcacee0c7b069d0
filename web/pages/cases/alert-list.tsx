import { type InfiniteData, type UseInfiniteQueryResult, useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { AlertRow } from '../../../src/cases/contract.ts'
import { SEVERITIES } from '../../../src/monitor/contract.ts'
import { countsQuery } from '../../api/queries.ts'
import type { AlertPage } from '../../api/types.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Kbd } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { useMe } from '../app/me.ts'
import { type AlertsAddress, OTHERS, QUEUES, type View } from './address.ts'
import { AlertItem } from './alert-item.tsx'

const countsOfList = { ...countsQuery, enabled: false }

type Go = (change: AlertsAddress, replace?: boolean) => void
type Props = {
  query: UseInfiniteQueryResult<InfiniteData<AlertPage>>
  rows: AlertRow[]
  address: AlertsAddress
  go: Go
  help: () => void
}

export function AlertList({ query, rows, address, go, help }: Props) {
  const list = useRef<HTMLDivElement>(null)
  const { id } = address
  useEffect(() => {
    if (id) list.current?.querySelector('[aria-current=true]')?.scrollIntoView({ block: 'nearest' })
  }, [id])
  return (
    <section className="queue" aria-label={t('nav.alerts')}>
      <States address={address} go={go} />
      <Severities address={address} go={go} />
      <Only address={address} go={go} />
      <div className="queue-list" ref={list}>
        {query.isPending ? <Skeleton rows={8} /> : null}
        {query.error ? (
          <ErrorNote what={t('alerts.failed')} error={query.error} again={() => void query.refetch()} />
        ) : null}
        {rows.map(row => (
          <AlertItem key={row.id} row={row} chosen={row.id === id} open={open(go)} />
        ))}
        {query.isSuccess && rows.length === 0 ? <NoAlerts address={address} /> : null}
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
      <div className="queue-foot">
        <Kbd>J</Kbd>
        <Kbd>K</Kbd>
        {t('keys.alerts')}
        <span className="grow" />
        <button type="button" className="link" onClick={help}>
          <Kbd>?</Kbd> {t('keys.all')}
        </button>
      </div>
    </section>
  )
}

/** On narrow screens choosing a row also goes on to the conversation. */
const open = (go: Go) => (id: string) =>
  go({ id, step: matchMedia('(min-width: 1100px)').matches ? undefined : 'talk' })

/** The queues of the day above, what became of the rest below. */
function States({ address, go }: { address: AlertsAddress; go: Go }) {
  const known = useQuery(countsOfList).data
  const chosen = address.state ?? 'open'
  const counted = (view: View): number | undefined => {
    if (!known || view === 'all') return undefined
    return view === 'mine' ? known.mine : known.counts[view]
  }
  const tab = (view: View) => (
    <button
      key={view}
      type="button"
      aria-pressed={view === chosen}
      className={view === chosen ? 'on' : ''}
      onClick={() =>
        go({ state: view === 'open' ? undefined : view, id: undefined, tab: undefined, step: undefined })
      }
    >
      {t(`state.${view}`)} {counted(view) === undefined ? null : <span>{figure(counted(view) ?? 0)}</span>}
    </button>
  )
  return (
    <>
      <div className="tabs">{QUEUES.map(tab)}</div>
      <fieldset className="views" aria-label={t('view.more')}>
        {OTHERS.map(tab)}
      </fieldset>
    </>
  )
}

function Severities({ address, go }: { address: AlertsAddress; go: Go }) {
  const open = useQuery(countsOfList).data?.open
  const counted = (address.state ?? 'open') === 'open'
  return (
    <div className="chips">
      <button
        type="button"
        aria-pressed={!address.severity}
        className={`chip${address.severity ? '' : ' on'}`}
        onClick={() => go({ severity: undefined, id: undefined })}
      >
        {t('all')}
      </button>
      {SEVERITIES.filter(severity => severity !== 'P3' || (open?.P3 ?? 0) > 0).map(severity => (
        <button
          key={severity}
          type="button"
          title={t(`severity.${severity}`)}
          aria-pressed={address.severity === severity}
          className={`chip${address.severity === severity ? ' on' : ''}`}
          onClick={() =>
            go({ severity: address.severity === severity ? undefined : severity, id: undefined })
          }
        >
          <Glyph of={severity} />
          {severity} {counted && open ? figure(open[severity]) : ''}
        </button>
      ))}
    </div>
  )
}

/** A filter that came with the address, such as one rule's alerts: said, and taken off with one click. */
function Only({ address, go }: { address: AlertsAddress; go: Go }) {
  const { rule, staff } = address
  if (!rule && !staff) return null
  return (
    <div className="only">
      <button
        type="button"
        className="chip on"
        onClick={() => go({ rule: undefined, staff: undefined, id: undefined })}
      >
        {rule ? t('alerts.onlyRule', { id: rule }) : t('alerts.onlyStaff', { id: staff ?? '' })}
        <Icon name="close" size={12} />
      </button>
    </div>
  )
}

function NoAlerts({ address }: { address: AlertsAddress }) {
  const { demo } = useMe()
  const state = address.state ?? 'open'
  if (address.severity || address.staff || address.rule)
    return <Empty title={t('alerts.noneHere')}>{t('alerts.widen')}</Empty>
  return (
    <Empty title={t(`alerts.none.${state}`)}>
      <p>{t(`alerts.none.${state}.why`)}</p>
      {demo && state === 'open' ? (
        <p>
          <a href={demo.controlUrl} target="_blank" rel="noreferrer">
            {t('alerts.tryDemo')}
          </a>
        </p>
      ) : null}
    </Empty>
  )
}
