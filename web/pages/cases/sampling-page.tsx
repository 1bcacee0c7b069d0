import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { PlanRow } from '../../../src/cases/contract.ts'
import { plansQuery } from '../../api/sampling.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { neighbour } from '../archive/hits.ts'
import { type SamplesAddress, samplesAddress } from './sampling-address.ts'
import { PlanForm } from './sampling-form.tsx'
import { PlanPane } from './sampling-pane.tsx'
import { periodWords, stateWords } from './sampling-words.ts'
import './sampling.css'

const route = getRouteApi('/shell/samples')

/** Plans on the left; on the right one of them, or one in the making. */
export function SamplingPage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(plansQuery)
  const go = (to: SamplesAddress) => void navigate({ search: samplesAddress(to) })
  const items = query.data?.items ?? []
  const making = address.new === '1'
  const chosen = making ? undefined : (address.id ?? items[0]?.id)
  const move = (by: 1 | -1) => {
    const at = items.findIndex(item => item.id === chosen)
    const next = neighbour(items, at, by)
    if (next) go({ id: next.id, tab: address.tab })
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  const help = useKeyHelp([[['J', 'K'], t('keys.results')]])
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error && items.length === 0)
    return (
      <div className="page">
        <ErrorNote what={t('sampling.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const opened = making || address.id !== undefined
  return (
    <div className={`sampling${opened ? ' opened' : ''}`}>
      <Plans items={items} chosen={chosen} address={address} go={go} />
      <div className="sampling-right">
        {opened ? (
          <button type="button" className="btn small sampling-back" onClick={() => go({})}>
            <Icon name="back" size={14} />
            {t('sampling.title')}
          </button>
        ) : null}
        {making ? (
          <PlanForm go={go} />
        ) : chosen ? (
          <PlanPane key={chosen} id={chosen} tab={address.tab ?? 'sample'} go={go} />
        ) : (
          <Empty title={t('sampling.choose')} />
        )}
      </div>
      {help.dialog}
    </div>
  )
}

type Props = {
  items: PlanRow[]
  chosen: string | undefined
  address: SamplesAddress
  go: (to: SamplesAddress) => void
}

function Plans({ items, chosen, address, go }: Props) {
  const mayPlan = may(useMe(), 'sample.plan')
  return (
    <div className="sampling-left">
      <header className="sampling-head">
        <div className="line">
          <h1>{t('sampling.title')}</h1>
          <span className="grow" />
          {mayPlan ? (
            <button type="button" className="btn small primary" onClick={() => go({ new: '1' })}>
              {t('sampling.new')}
            </button>
          ) : null}
        </div>
        <p className="small quiet">{t('sampling.lead')}</p>
      </header>
      <div className="sampling-list">
        {items.map(item => (
          <Item key={item.id} item={item} chosen={item.id === chosen} tab={address.tab} />
        ))}
        {items.length === 0 ? (
          <Empty title={t('sampling.none')}>{t(mayPlan ? 'sampling.noneHow' : 'sampling.noneRead')}</Empty>
        ) : null}
      </div>
    </div>
  )
}

function Item({ item, chosen, tab }: { item: PlanRow; chosen: boolean; tab: SamplesAddress['tab'] }) {
  return (
    <Link
      to="/samples"
      search={samplesAddress({ id: item.id, tab })}
      className={`sampling-item${chosen ? ' on' : ''}`}
      aria-current={chosen}
    >
      <span className="line">
        <b className="cut">{item.title}</b>
        <span className={`sampling-tag ${item.state}`}>{stateWords(item.state)}</span>
      </span>
      <span className="line small quiet">
        <span className="cut">
          {item.number} · {t(`sampling.method.${item.method}`)}
        </span>
        {item.repeated > 0 ? <span className="tag">{t('sampling.repeatedTag')}</span> : null}
      </span>
      <span className="small quiet">{periodWords(item)}</span>
      <Progress item={item} />
    </Link>
  )
}

function Progress({ item }: { item: PlanRow }) {
  if (item.drawn === null) return <span className="small quiet">{t('sampling.waitingDraw')}</span>
  const share = item.drawn === 0 ? 1 : item.done / item.drawn
  return (
    <>
      <span className="line small quiet">
        {t('sampling.progress', { done: figure(item.done), all: figure(item.drawn) })}
        <span className="grow" />
        {item.findings > 0 ? t('sampling.findingsN', { n: figure(item.findings) }) : null}
      </span>
      <span className="sampling-bar" style={{ '--share': share } as React.CSSProperties} />
    </>
  )
}
