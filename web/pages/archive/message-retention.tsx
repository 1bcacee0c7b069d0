import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { explainQuery } from '../../api/retention.ts'
import { t } from '../../i18n/index.ts'
import { errorWords } from '../../ui/notes.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import './retention.css'

/** Why this message is kept, until when, what bars its destruction and who may change that. */
export function MessageRetention({ msgid }: { msgid: string }) {
  const me = useMe()
  const query = useQuery(explainQuery(msgid))
  if (query.error) return <div className="explain">{errorWords(query.error)}</div>
  if (!query.data) return <div className="explain">{t('loading')}</div>
  const view = query.data
  return (
    <section className="explain" aria-label={t('explain.title')}>
      <b>
        {view.purged ? t('explain.purged', { number: view.purged.number }) : t(`explain.why.${view.why}`)}
      </b>
      {view.dueOn ? <span> · {t('explain.until', { day: view.dueOn })}</span> : null}
      <ul>
        {view.hits.map(hit => (
          <li key={hit.rule}>
            {t('explain.hit', {
              basis: hit.basis,
              n: hit.years,
              start: t(`retention.anchor.${hit.start}`),
              day: hit.startsOn ?? t('explain.notStarted'),
            })}{' '}
            <span className="tag">{t(`retention.source.${hit.source}`)}</span>
          </li>
        ))}
        {view.holds.map(hold => (
          <li key={hold.id}>{t('explain.held', { cause: t(`hold.cause.${hold.cause}`) })}</li>
        ))}
        {view.underReview ? <li>{t('explain.review')}</li> : null}
      </ul>
      <details>
        <summary className="quiet">{t('explain.mayChange')}</summary>
        <ul>
          {view.mayChange.map(line => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      </details>
      {may(me, 'hold.place') ? (
        <Link to="/retention" search={{ tab: 'holds', conv: view.key.convId }}>
          {t('explain.hold')}
        </Link>
      ) : null}
    </section>
  )
}
