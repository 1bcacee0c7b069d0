import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { beforeQuery } from '../../api/complaints.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

/** 投诉前 30 天的话术: alerts of the person complained of, and what the two said to each other. */
export function Before({ id }: { id: string }) {
  const me = useMe()
  const query = useQuery(beforeQuery(id))
  if (query.isPending) return <Skeleton rows={2} kind="card" />
  if (query.error)
    return <ErrorNote what={t('complaints.failed')} error={query.error} again={() => void query.refetch()} />
  const { alerts, messages, convId } = query.data
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('complaints.before')}</h2>
        <span className="small quiet">
          {t('complaints.before.alerts', { n: figure(alerts.length) })} ·{' '}
          {t('complaints.before.talk', { n: figure(messages.length) })}
        </span>
        <span className="grow" />
        {convId && messages.length > 0 && may(me, 'message.read') ? (
          <Link to="/conversations/$convId" params={{ convId }}>
            {t('complaints.before.open')}
          </Link>
        ) : null}
      </div>
      {alerts.length === 0 && messages.length === 0 ? (
        <p className="complaint-none small quiet">{t('complaints.before.none')}</p>
      ) : null}
      {alerts.length > 0 ? (
        <ul className="points-lines">
          {alerts.map(alert => (
            <li key={alert.id}>
              <span className="line">
                <SeverityMark of={alert.severity} />
                <Link to="/alerts" search={{ id: alert.id }}>
                  {alert.number}
                </Link>
                <span className="cut">{alert.rules.map(rule => rule.name).join('、')}</span>
                <span className="small quiet">
                  <Time at={alert.key.sentAt} short />
                </span>
              </span>
              <span className="small quiet cut">{alert.excerpt.text}</span>
            </li>
          ))}
        </ul>
      ) : null}
      {messages.length > 0 ? (
        <ol className="complaint-talk">
          {messages.map(message => (
            <li key={message.key.msgid} className={message.from.kind === 'staff' ? 'staff' : ''}>
              <span className="tiny quiet">
                {message.from.name} <Time at={message.key.sentAt} short />
                {message.recalled ? ` · ${t('complaints.recalled')}` : ''}
              </span>
              <p>{message.text}</p>
            </li>
          ))}
        </ol>
      ) : null}
    </section>
  )
}
