import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button } from 'antd'
import { type DeliveryView, STEP } from '../../../src/cases/delivery/contract.ts'
import { post } from '../../api/client.ts'
import { deliveryChanged, deliveryLog } from '../../api/delivery.ts'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote, errorWords, Skeleton } from '../../ui/notes.tsx'
import { Glyph, SeverityMark } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { reasonWords } from './channels.tsx'

const SHOWN = [undefined, 'waiting', 'retry', 'sent', 'dead', 'off', 'void'] as const
const SIGN = { waiting: 'P3', retry: 'P2', sent: 'good', dead: 'P1', off: 'P3', void: 'P3' } as const

/** The last deliveries, newest first; what was given up can be sent once more. */
export function DeliveryLog({ state }: { state: string | undefined }) {
  const query = useQuery(deliveryLog(state))
  const items = query.data?.items ?? []
  return (
    <section className="sheet scroll-x">
      <div className="sheet-head delivery-head">
        <h2>{t('delivery.log')}</h2>
        <span className="chips">
          {SHOWN.map(found => (
            <Link
              key={found ?? 'all'}
              to="/delivery"
              search={{ state: found }}
              className={`chip${found === state ? ' on' : ''}`}
              aria-current={found === state}
            >
              {found ? t(`delivery.state.${found}`) : t('all')}
            </Link>
          ))}
        </span>
      </div>
      {query.isPending ? <Skeleton rows={5} /> : null}
      {query.error ? (
        <ErrorNote what={t('delivery.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.isSuccess && items.length === 0 ? (
        <Empty title={t('delivery.log.none')}>
          <p>{t('delivery.log.noneWhy')}</p>
        </Empty>
      ) : null}
      {items.length > 0 ? (
        <table className="table stacked">
          <thead>
            <tr>
              <th>{t('delivery.created')}</th>
              <th>{t('delivery.alert')}</th>
              <th>{t('delivery.receiver')}</th>
              <th>{t('delivery.channel')}</th>
              <th>{t('delivery.state')}</th>
              <th aria-label={t('delivery.again')} />
            </tr>
          </thead>
          <tbody>
            {items.map(item => (
              <Row key={item.id} item={item} />
            ))}
          </tbody>
        </table>
      ) : null}
    </section>
  )
}

function Row({ item }: { item: DeliveryView }) {
  const me = useMe()
  const again = useMutation({
    mutationFn: () => post(`/api/delivery/log/${item.id}/again`, {}),
    onSuccess: deliveryChanged,
    onError: error => toast(errorWords(error)),
  })
  const number = item.number ?? t('delivery.testRow')
  return (
    <tr>
      <td>
        <Time at={item.createdAt} />
      </td>
      <td>
        {item.alert === null ? null : <SeverityMark of={item.severity} />}{' '}
        {item.alert !== null && may(me, 'alert.read') ? (
          <Link to="/alerts" search={{ id: item.alert }}>
            {number}
          </Link>
        ) : (
          number
        )}
      </td>
      <td>{item.receiver}</td>
      <td>
        {t(`delivery.channel.${item.channel}`)}
        {item.step > 0 ? <span className="quiet small"> · {stepWords(item.step)}</span> : null}
      </td>
      <td>
        <Glyph of={SIGN[item.state]} /> {t(`delivery.state.${item.state}`)}
        <span className="quiet small">
          {item.state === 'sent' && item.settledAt !== null
            ? ` · ${t('delivery.took', { s: Math.max(0, (item.settledAt - item.createdAt) / 1000).toFixed(1) })}`
            : ''}
          {item.reason && item.state !== 'sent' ? ` · ${reasonWords(item.reason)}` : ''}
          {item.state === 'waiting' || item.state === 'retry' ? (
            <>
              {' · '}
              <Time at={item.dueAt} />
            </>
          ) : null}
        </span>
      </td>
      <td>
        {item.state === 'dead' || item.state === 'off' ? (
          <Button size="small" loading={again.isPending} onClick={() => again.mutate()}>
            {t('delivery.again')}
          </Button>
        ) : null}
      </td>
    </tr>
  )
}

function stepWords(step: number): string {
  if (step === STEP.handedUp) return t('delivery.step.up')
  if (step === STEP.stepIn) return t('delivery.step.in')
  if (step === STEP.assigned) return t('delivery.step.assigned')
  return t('delivery.step', { n: step })
}
