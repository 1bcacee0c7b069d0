import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { CASE_STATES, type CaseList, type CaseRow } from '../../../src/cases/contract.ts'
import { casesQuery } from '../../api/cases.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Kbd, useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { useWide } from '../../ui/theme.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { neighbour } from '../archive/hits.ts'
import { CaseFile } from './case-file.tsx'
import type { CasesAddress } from './files-address.ts'
import './alerts.css'
import './files.css'

const route = getRouteApi('/shell/cases')

/** Cases on the left, one of them on the right; on a phone one after the other. */
export function CasesPage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const wide = useWide()
  const query = useQuery(casesQuery(address.state))
  const items = query.data?.items ?? []
  const chosen = address.id ?? (wide ? items[0]?.id : undefined)
  const go = (change: CasesAddress, replace = false) =>
    void navigate({ search: before => ({ ...before, ...change }), replace })
  const move = (by: 1 | -1) => {
    const at = items.findIndex(item => item.id === chosen)
    const next = neighbour(items, at, by)
    if (next) go({ id: next.id }, true)
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  const help = useKeyHelp([
    [['J', 'K'], t('cases.keys')],
    [['Ctrl', '↵'], t('keys.submit')],
  ])
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error)
    return <ErrorNote what={t('cases.failed')} error={query.error} again={() => void query.refetch()} />
  return (
    <div className={`files${address.id ? ' opened' : ''}`}>
      <section className="files-left" aria-label={t('nav.cases')}>
        <States counts={query.data.counts} address={address} go={go} />
        <div className="files-list">
          {items.map(item => (
            <Item key={item.id} item={item} on={item.id === chosen} address={address} />
          ))}
          {items.length === 0 ? <Empty title={t('cases.none')}>{t('cases.noneHow')}</Empty> : null}
        </div>
        <div className="queue-foot">
          <Kbd>J</Kbd>
          <Kbd>K</Kbd>
          {t('cases.keys')}
          <span className="grow" />
          <button type="button" className="link" onClick={help.show}>
            <Kbd>?</Kbd> {t('keys.all')}
          </button>
        </div>
      </section>
      <div className="files-right">
        {address.id ? (
          <button type="button" className="btn small files-back" onClick={() => go({ id: undefined })}>
            <Icon name="back" size={14} /> {t('cases.back')}
          </button>
        ) : null}
        {chosen ? (
          <CaseFile key={chosen} id={chosen} looks={address.looks === '1'} go={go} />
        ) : (
          <Empty title={t('cases.choose')} />
        )}
      </div>
      {help.dialog}
    </div>
  )
}

type StatesProps = { counts: CaseList['counts']; address: CasesAddress; go: (to: CasesAddress) => void }

function States({ counts, address, go }: StatesProps) {
  return (
    <div className="tabs">
      <button
        type="button"
        aria-pressed={!address.state}
        className={address.state ? '' : 'on'}
        onClick={() => go({ state: undefined, id: undefined })}
      >
        {t('cases.all')}
      </button>
      {CASE_STATES.map(state => (
        <button
          key={state}
          type="button"
          aria-pressed={address.state === state}
          className={address.state === state ? 'on' : ''}
          onClick={() => go({ state, id: undefined })}
        >
          {t(`caseState.${state}`)} <span>{figure(counts[state])}</span>
        </button>
      ))}
    </div>
  )
}

function Item({ item, on, address }: { item: CaseRow; on: boolean; address: CasesAddress }) {
  return (
    <Link
      className={`queue-item${on ? ' on' : ''}`}
      aria-current={on}
      to="/cases"
      search={{ ...address, id: item.id }}
    >
      <span className="line">
        <SeverityMark of={item.severity} />
        <b className="cut">{item.staff.name}</b>
        <span className="tiny quiet">{item.number}</span>
      </span>
      <span className="line small quiet">
        <span className="cut">
          {item.staff.department ?? ''} {t(`caseOrigin.${item.origin}`)}
        </span>
        {item.concealed ? <span className="tiny tag">{t('desk.concealed')}</span> : null}
        {item.conflict ? <span className="tiny tag">{t('desk.avoid')}</span> : null}
      </span>
      <span className="line small">
        <span>{t('cases.alerts', { n: item.alerts })}</span>
        <span className="quiet">{item.undecided > 0 ? t('cases.undecided', { n: item.undecided }) : ''}</span>
      </span>
      <span className="line tiny quiet">
        <span className="cut">{t(`caseState.${item.state}`)}</span>
        {item.state === 'closed' ? (
          <Time at={item.closedAt ?? item.openedAt} />
        ) : (
          <Deadline at={item.dueAt} prefix={t('cases.due')} />
        )}
      </span>
    </Link>
  )
}
