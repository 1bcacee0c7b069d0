import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { ComplaintRow } from '../../../src/cases/complaints/contract.ts'
import { complaintsQuery } from '../../api/complaints.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { neighbour } from '../archive/hits.ts'
import { COMPLAINT_FILTERS, COMPLAINT_TABS, type ComplaintsAddress } from './address.ts'
import { Clock } from './clock.tsx'
import { Complaint } from './complaint.tsx'
import { Months } from './months.tsx'
import { RegisterForm } from './register-form.tsx'
import { Signals } from './signals.tsx'
import '../policies/policies.css'
import './complaints.css'

const route = getRouteApi('/shell/complaints')

/** 投诉: the register by deadline, what customers wrote and nobody took up, the months. */
export function ComplaintsPage() {
  const me = useMe()
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const tab = address.tab ?? 'list'
  const tabs = COMPLAINT_TABS.filter(one => one !== 'signals' || may(me, 'complaint.handle'))
  const go = (to: ComplaintsAddress) => void navigate({ search: to })
  useKeys({
    '1': () => go({ tab: 'list' }),
    '2': () => go({ tab: tabs[1] ?? 'list' }),
    '3': () => go({ tab: 'months' }),
    n: () => may(me, 'complaint.handle') && go({ new: '1' }),
  })
  const help = useKeyHelp([
    [['1', '2', '3'], t('keys.tabs')],
    [['J', 'K'], t('keys.results')],
    [['N'], t('keys.new')],
  ])
  const opened = address.id !== undefined || address.new === '1'
  return (
    <div className={`page policies complaints${opened ? ' opened' : ''}`}>
      <header className="page-head">
        <h1>{t('complaints.title')}</h1>
        <span className="grow" />
        {may(me, 'complaint.handle') ? (
          <Link to="/complaints" search={{ new: '1' }} className="btn small">
            {t('complaints.new')}
          </Link>
        ) : null}
      </header>
      <div className="tabs page-tabs">
        {tabs.map(found => (
          <Link
            key={found}
            to="/complaints"
            search={{ tab: found }}
            className={found === tab ? 'on' : ''}
            aria-current={found === tab}
          >
            {t(`complaints.tab.${found}`)}
          </Link>
        ))}
      </div>
      {tab === 'list' ? <Register address={address} go={go} /> : null}
      {tab === 'signals' ? <Signals /> : null}
      {tab === 'months' ? <Months /> : null}
      <Watermark name={me.name} />
      {help.dialog}
    </div>
  )
}

function Register({ address, go }: { address: ComplaintsAddress; go: (to: ComplaintsAddress) => void }) {
  const state = address.state ?? 'open'
  const query = useQuery(complaintsQuery(state))
  const items = query.data?.items ?? []
  const making = address.new === '1'
  const chosen = making ? undefined : (address.id ?? items[0]?.id)
  const move = (by: 1 | -1) => {
    const at = items.findIndex(item => item.id === chosen)
    const next = neighbour(items, at, by)
    if (next) go({ state, id: next.id })
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('complaints.failed')} error={query.error} again={() => void query.refetch()} />
  const { counts, byLaw, kinds } = query.data
  return (
    <>
      <p className="policy-lead">
        {counts.open === 0 ? t('complaints.lead.none') : t('complaints.lead', counts)}
      </p>
      <p className="lead-words small quiet">
        {t(byLaw ? 'complaints.clock.law' : 'complaints.clock.internal')}
      </p>
      <div className="policy-split complaint-split">
        <div className="policy-list">
          <nav className="policy-chips" aria-label={t('complaints.tab.list')}>
            {COMPLAINT_FILTERS.map(one => (
              <Link
                key={one}
                to="/complaints"
                search={{ state: one }}
                className={`chip${one === state ? ' on' : ''}`}
                aria-current={one === state}
              >
                {t(`complaints.filter.${one}`)}
                {one === 'open' || one === 'overdue' ? ` ${figure(counts[one])}` : ''}
              </Link>
            ))}
          </nav>
          <section className="sheet">
            {items.length === 0 ? (
              <Empty title={t('complaints.none')}>{t('complaints.none.how')}</Empty>
            ) : (
              items.map(item => <Item key={item.id} item={item} state={state} on={item.id === chosen} />)
            )}
          </section>
        </div>
        <div className="policy-side">
          <Link to="/complaints" search={{ state }} className="btn small policy-back">
            <Icon name="back" size={14} />
            {t('complaints.back')}
          </Link>
          {making ? <RegisterForm key={address.msg ?? ''} address={address} kinds={kinds} /> : null}
          {chosen ? <Complaint key={chosen} id={chosen} /> : null}
        </div>
      </div>
    </>
  )
}

type ItemProps = { item: ComplaintRow; state: ComplaintsAddress['state']; on: boolean }

function Item({ item, state, on }: ItemProps) {
  return (
    <Link
      to="/complaints"
      search={{ ...(state ? { state } : {}), id: item.id }}
      className={`policy-item${on ? ' on' : ''}`}
      aria-current={on}
    >
      <span className="line">
        <b>{item.number}</b>
        <span className="cut">
          {t(`complaints.kind.${item.kind}`)} · {t(`complaints.product.${item.product}`)}
        </span>
        <span className={`state-tag ${item.state}`}>{t(`complaints.state.${item.state}`)}</span>
      </span>
      <span className="cut small">{item.text}</span>
      <Clock row={item} />
      <span className="line small quiet">
        <span className="cut">
          {t(`complaints.source.${item.source}`)} · {item.complainant}
          {item.staff ? ` → ${item.staff.name}` : ''}
        </span>
        <span>{item.mine ? t('complaints.mine') : (item.handler ?? t('complaints.handler.none'))}</span>
      </span>
    </Link>
  )
}
