import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Select } from 'antd'
import { EVIDENCE_STATES, type EvidenceList } from '../../../src/evidence/contract.ts'
import { packagesQuery } from '../../api/evidence.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { neighbour } from '../archive/hits.ts'
import { type EvidenceAddress, evidenceAddress } from './address.ts'
import { PackagePane } from './package-pane.tsx'
import { RequestForm } from './request-form.tsx'
import { shareOf, sizeWords, stepWords } from './words.ts'
import './evidence.css'

const route = getRouteApi('/shell/evidence')

/** Packages on the left; on the right one of them, or a request in the making. */
export function EvidencePage() {
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const query = useQuery(packagesQuery(address.state))
  const go = (to: EvidenceAddress) => void navigate({ search: evidenceAddress(to) })
  const items = query.data?.items ?? []
  const asking = address.convs !== undefined || address.new === '1'
  const chosen = asking ? undefined : (address.id ?? items[0]?.id)
  const move = (by: 1 | -1) => {
    const next = neighbour(
      items,
      items.findIndex(item => item.id === chosen),
      by,
    )
    if (next) go({ state: address.state, id: next.id })
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  const help = useKeyHelp([[['J', 'K'], t('keys.results')]])
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error && items.length === 0)
    return (
      <div className="page">
        <ErrorNote what={t('evidence.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const opened = asking || address.id !== undefined
  return (
    <div className={`evidence${opened ? ' opened' : ''}`}>
      <Packages data={query.data} address={address} chosen={chosen} go={go} />
      <div className="evidence-right">
        {opened ? (
          <button
            type="button"
            className="btn small evidence-back"
            onClick={() => go({ state: address.state })}
          >
            <Icon name="back" size={14} />
            {t('evidence.title')}
          </button>
        ) : null}
        {asking ? (
          <RequestForm key={address.convs ?? ''} address={address} go={go} />
        ) : chosen ? (
          <PackagePane key={chosen} id={chosen} fingerprint={query.data?.fingerprint ?? ''} />
        ) : (
          <Empty title={t('evidence.choose')} />
        )}
      </div>
      {help.dialog}
    </div>
  )
}

type Props = {
  data: EvidenceList | undefined
  address: EvidenceAddress
  chosen: string | undefined
  go: (to: EvidenceAddress) => void
}

function Packages({ data, address, chosen, go }: Props) {
  const mayAsk = may(useMe(), 'evidence.request')
  const items = data?.items ?? []
  const counts = data?.counts ?? {}
  const some = Object.values(counts).some(n => n > 0)
  return (
    <div className="evidence-left">
      <header className="evidence-head">
        <div className="line">
          <h1>{t('evidence.title')}</h1>
          <span className="grow" />
          {mayAsk ? (
            <button type="button" className="btn small" onClick={() => go({ new: '1' })}>
              {t('evidence.new')}
            </button>
          ) : null}
        </div>
        <p className="small quiet">{t('evidence.lead')}</p>
        <Select
          className="evidence-state"
          value={address.state ?? ''}
          aria-label={t('evidence.all')}
          onChange={value => go({ state: EVIDENCE_STATES.find(state => state === value) })}
          options={[
            { value: '', label: t('evidence.all') },
            ...EVIDENCE_STATES.filter(state => (counts[state] ?? 0) > 0 || state === address.state).map(
              state => ({
                value: state,
                label: `${t(`evidence.state.${state}`)} ${figure(counts[state] ?? 0)}`,
              }),
            ),
          ]}
        />
      </header>
      <div className="evidence-list">
        {items.map(item => (
          <Item key={item.id} item={item} state={address.state} chosen={item.id === chosen} />
        ))}
        {items.length > 0 ? null : some ? (
          <Empty title={t('evidence.noneOf')} />
        ) : (
          <Empty title={t('evidence.none')}>{t('evidence.noneHow')}</Empty>
        )}
      </div>
    </div>
  )
}

type ItemProps = {
  item: EvidenceList['items'][number]
  state: EvidenceAddress['state']
  chosen: boolean
}

function Item({ item, state, chosen }: ItemProps) {
  const busy = item.step !== null
  return (
    <Link
      to="/evidence"
      search={evidenceAddress({ state, id: item.id })}
      className={`evidence-item${chosen ? ' on' : ''}`}
      aria-current={chosen}
    >
      <span className="line">
        <b>{item.number}</b>
        <span className="grow" />
        <span className={`evidence-tag ${item.state}`}>{t(`evidence.state.${item.state}`)}</span>
      </span>
      <span className="cut">{item.caseNumber}</span>
      <span className="line small quiet">
        {item.requestedBy.name}
        <Time at={item.requestedAt} short />
        <span className="grow" />
        {t('evidence.messagesN', { n: figure(item.messages) })}
        {item.fileBytes === null ? '' : ` · ${sizeWords(item.fileBytes)}`}
      </span>
      {busy ? (
        <span className="small quiet">
          {stepWords(item)}
          <span className="evidence-bar" style={{ '--share': shareOf(item) } as React.CSSProperties} />
        </span>
      ) : null}
      {item.state === 'ready' && item.expiresAt ? (
        <span className="tiny quiet">{t('evidence.until', { when: exactTime(item.expiresAt) })}</span>
      ) : null}
    </Link>
  )
}
