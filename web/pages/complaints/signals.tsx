import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { signalsQuery } from '../../api/complaints.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'

/** What customers wrote in anger and nobody took up. */
export function Signals() {
  const query = useQuery(signalsQuery)
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('complaints.failed')} error={query.error} again={() => void query.refetch()} />
  const { items } = query.data
  if (items.length === 0)
    return (
      <section className="sheet">
        <Empty title={t('complaints.signals.none')}>{t('complaints.signals.how')}</Empty>
      </section>
    )
  return (
    <>
      <p className="policy-lead">{t('complaints.signals.lead', { n: figure(items.length) })}</p>
      <section className="sheet">
        <ul className="points-lines">
          {items.map(({ key, customer, staff, text }) => (
            <li key={key.msgid} className="complaint-signal">
              <span className="grow">
                <span className="small quiet">
                  {t('complaints.signals.from', { customer: customer.name, staff: staff.name })} ·{' '}
                  <Time at={key.sentAt} />
                </span>
                <p>{text}</p>
              </span>
              <span className="line">
                <Link to="/conversations/$convId" params={{ convId: key.convId }} search={{ at: key.sentAt }}>
                  {t('complaints.before.open')}
                </Link>
                <Link
                  to="/complaints"
                  search={{ new: '1', msg: `${key.convId}.${key.sentAt}.${key.msgid}` }}
                  className="btn small"
                >
                  {t('complaints.signals.open')}
                </Link>
              </span>
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}
