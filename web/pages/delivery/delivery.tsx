import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { DeliveryOverview } from '../../../src/cases/delivery/contract.ts'
import { deliveryQuery } from '../../api/delivery.ts'
import { figure, t } from '../../i18n/index.ts'
import type { DeliveryTab } from '../../routes.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Channels } from './channels.tsx'
import { DeliveryLog } from './log.tsx'
import { Receivers } from './receivers.tsx'
import { Rules } from './rules-form.tsx'
import './delivery.css'

const route = getRouteApi('/shell/delivery')
const TABS: DeliveryTab[] = ['log', 'routes', 'receivers']

/** 通知与升级: who is told of what, by what way, what became of it, and who is told when nobody takes it. */
export function DeliveryPage() {
  const address = route.useSearch()
  const query = useQuery(deliveryQuery)
  const tab = address.tab ?? 'log'
  const { data } = query
  return (
    <div className="page delivery-page">
      <header className="page-head">
        <h1>{t('nav.delivery')}</h1>
        {data ? <p className="quiet delivery-sum">{summary(data)}</p> : null}
      </header>
      <div className="tabs page-tabs">
        {TABS.map(found => (
          <Link
            key={found}
            to="/delivery"
            search={{ tab: found === 'log' ? undefined : found }}
            className={found === tab ? 'on' : ''}
            aria-current={found === tab}
          >
            {t(`delivery.tab.${found}`)}
          </Link>
        ))}
      </div>
      {query.isPending ? <Skeleton rows={5} /> : null}
      {query.error ? (
        <ErrorNote what={t('delivery.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {data && tab === 'log' ? (
        <>
          <Channels view={data} />
          <DeliveryLog state={address.state} />
        </>
      ) : null}
      {data && tab === 'routes' ? <Rules key={data.version} view={data} /> : null}
      {data && tab === 'receivers' ? <Receivers view={data} /> : null}
    </div>
  )
}

/** The conclusion first: can people be told, and does something lie about? */
function summary(view: DeliveryOverview): string {
  const on = view.channels.filter(one => one.on).length
  const failed = view.channels.reduce((sum, one) => sum + one.failed, 0)
  const first = on === 0 ? t('delivery.sum.none') : t('delivery.sum.on', { on, all: view.channels.length })
  const parts = [
    first,
    failed > 0 ? t('delivery.sum.failed', { n: figure(failed) }) : t('delivery.sum.fine'),
    view.escalating > 0 ? t('delivery.sum.escalating', { n: figure(view.escalating) }) : '',
    view.quietNow ? t('delivery.sum.quiet') : '',
  ]
  return parts.filter(part => part !== '').join('；')
}
