import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { PenaltyView } from '../../../src/policies/contract.ts'
import { penaltiesQuery } from '../../api/policies.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { PenaltyActs } from './penalty-acts.tsx'
import { PenaltyFacts } from './penalty-facts.tsx'

/** Penalty decisions on the left, those that wait first; on the right one of them with what may be done now. */
export function Penalties({ id }: { id: string | undefined }) {
  const query = useQuery(penaltiesQuery)
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('penalty.failed')} error={query.error} again={() => void query.refetch()} />
  const { items } = query.data
  if (items.length === 0)
    return (
      <section className="sheet">
        <Empty title={t('penalty.none')}>{t('penalty.none.how')}</Empty>
      </section>
    )
  const chosen = items.find(item => item.id === id) ?? items[0]
  return (
    <div className="policy-split even">
      <div className="policy-list">
        <section className="sheet">
          {items.map(item => (
            <Item key={item.id} item={item} on={item.id === chosen?.id} />
          ))}
        </section>
      </div>
      <div className="policy-side">
        <Link to="/policies" search={{ tab: 'penalties' }} className="btn small policy-back">
          <Icon name="back" size={14} />
          {t('points.back')}
        </Link>
        {chosen ? (
          <section className="sheet">
            <PenaltyFacts view={chosen} />
            <PenaltyActs key={chosen.id} view={chosen} />
          </section>
        ) : null}
      </div>
    </div>
  )
}

function Item({ item, on }: { item: PenaltyView; on: boolean }) {
  const waits = item.state === 'proposed' && !item.heard
  return (
    <Link
      to="/policies"
      search={{ tab: 'penalties', id: item.id }}
      className={`policy-item${on ? ' on' : ''}`}
      aria-current={on}
    >
      <span className="line">
        <b>{item.number}</b>
        <span className="cut">
          {item.staff.name} <span className="small quiet">{item.staff.department ?? ''}</span>
        </span>
        <span className={`state-tag ${item.state}`}>{t(`penalty.state.${item.state}`)}</span>
      </span>
      <span className="line small quiet">
        <span className="cut">{t(`penalty.kind.${item.kind}`)}</span>
        {waits ? (
          <Deadline at={item.statementDueAt} prefix={t('penalty.statementDue')} />
        ) : (
          <Time at={item.decision?.at ?? item.proposedAt} short />
        )}
      </span>
    </Link>
  )
}
