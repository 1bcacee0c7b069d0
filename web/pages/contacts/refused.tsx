import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { RefusedList } from '../../../src/archive/contract.ts'
import { refusedQuery } from '../../api/consent.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { ChoiceWord, CustomerLink, StateWord, sourceWords } from './words.tsx'

/** Customers who refuse or once refused, and what was not kept of them. */
export function Refused({ open }: { open(customer: string): void }) {
  const query = useQuery(refusedQuery)
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('consent.failed')} error={query.error} again={() => void query.refetch()} />
  const { items, total, policy } = query.data
  return (
    <>
      <Policy policy={policy} />
      <section className="sheet scroll-x">
        <div className="sheet-head">
          <h2>{t('consent.refusedTitle', { n: figure(total) })}</h2>
        </div>
        {items.length === 0 ? (
          <Empty title={t('consent.refusedNone')}>
            <p>{t('consent.refusedNoneWhy')}</p>
          </Empty>
        ) : (
          <Rows items={items} open={open} />
        )}
      </section>
    </>
  )
}

function Policy({ policy }: { policy: RefusedList['policy'] }) {
  return (
    <section className={`sheet consent-policy ${policy.mode}`}>
      <b>{t(`consent.policy.${policy.mode}`)}</b>
      <p className="small quiet">
        {policy.mode === 'metadata'
          ? t('consent.policyMetadataWhy')
          : t('consent.policyArchiveWhy', { basis: policy.basis ?? '' })}
      </p>
    </section>
  )
}

function Rows({ items, open }: { items: RefusedList['items']; open(customer: string): void }) {
  return (
    <table className="table stacked">
      <thead>
        <tr>
          <th>{t('notice.party')}</th>
          <th>{t('consent.choice')}</th>
          <th>{t('consent.processing')}</th>
          <th>{t('consent.happened')}</th>
          <th>{t('consent.learnt')}</th>
          <th>{t('consent.dropped')}</th>
          <th>{t('consent.scope')}</th>
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <tr key={item.customer.id}>
            <td>
              <CustomerLink customer={item.customer} open={open} />
            </td>
            <td>
              <ChoiceWord state={item.choice} />{' '}
              <span className="quiet small">{sourceWords(item.source)}</span>
            </td>
            <td>
              <StateWord state={item.state} />
            </td>
            <td data-name={t('consent.happened')}>
              <Time at={item.since} />
            </td>
            <td data-name={t('consent.learnt')}>
              <Time at={item.learntAt} />
            </td>
            <td data-name={t('consent.dropped')}>{keptWords(item)}</td>
            <td>
              <Scopes item={item} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function keptWords(item: RefusedList['items'][number]): string {
  const parts = [
    item.dropped > 0 ? t('consent.droppedN', { n: figure(item.dropped) }) : null,
    item.byLaw > 0 ? t('consent.byLawN', { n: figure(item.byLaw) }) : null,
    item.others > 0 ? t('consent.othersN', { n: figure(item.others) }) : null,
  ].filter(part => part !== null)
  return parts.length === 0 ? t('consent.droppedNone') : parts.join(' · ')
}

function Scopes({ item }: { item: RefusedList['items'][number] }) {
  if (item.scopes.length === 0)
    return <span className="quiet">{item.state === 'restricted' ? t('consent.everywhere') : '—'}</span>
  return (
    <>
      {item.scopes.map(({ party, convId }) => (
        <Link key={convId} to="/conversations/$convId" params={{ convId }} className="consent-scope">
          {party.name}
        </Link>
      ))}
    </>
  )
}
