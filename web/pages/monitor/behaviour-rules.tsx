import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { BehaviourView } from '../../../src/monitor/contract.ts'
import { behaviourRulesQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import type { RulesAddress } from './address.ts'
import './behaviour.css'

/** Rules over time and people: condition in words, window and threshold, examples as little timelines. */
export function BehaviourRules({ address }: { address: RulesAddress }) {
  const query = useQuery(behaviourRulesQuery)
  if (query.error)
    return <ErrorNote what={t('behaviour.failed')} error={query.error} again={() => void query.refetch()} />
  const items = (query.data?.items ?? []).filter(rule => isAsked(rule, address))
  if (items.length === 0) return null
  return (
    <section className="sheet category" id="behaviour">
      <div className="sheet-head">
        <h2>{t('behaviour.title', { n: items.length })}</h2>
      </div>
      <p className="behaviour-what small quiet">{t('behaviour.what')}</p>
      {items.map(rule => (
        <Rule key={rule.id} rule={rule} />
      ))}
    </section>
  )
}

function isAsked(rule: BehaviourView, { q, category, severity, layer }: RulesAddress): boolean {
  if (layer !== undefined && layer !== 'base') return false
  if (category !== undefined && rule.category !== category) return false
  if (severity !== undefined && rule.severity !== severity) return false
  return (
    q === undefined ||
    `${rule.id} ${rule.name} ${rule.words} ${rule.categoryName}`
      .toLowerCase()
      .includes(q.trim().toLowerCase())
  )
}

function Rule({ rule }: { rule: BehaviourView }) {
  const mayAlerts = may(useMe(), 'alert.read')
  return (
    <article className="behaviour-rule">
      <div>
        <SeverityMark of={rule.severity} word />
      </div>
      <div className="behaviour-name">
        <b>{rule.name}</b>
        <span className="small quiet">
          {rule.id} · {rule.categoryName} · {rule.threshold}
        </span>
        {mayAlerts && rule.last30Days > 0 ? (
          <Link className="small" to="/alerts" search={{ rule: rule.id }}>
            {t('behaviour.hits', { n: figure(rule.last30Days) })}
          </Link>
        ) : (
          <span className="small quiet">
            {rule.last30Days > 0
              ? t('behaviour.hits', { n: figure(rule.last30Days) })
              : t('behaviour.noHits')}
          </span>
        )}
      </div>
      <div>
        <p>{rule.words}</p>
        <p className="small quiet">{rule.why}</p>
        <dl className="behaviour-params small">
          {rule.parameters.map(parameter => (
            <div key={parameter.name}>
              <dt>{parameter.name}</dt>
              <dd>{parameter.value}</dd>
            </div>
          ))}
        </dl>
        {rule.clause ? (
          <p className="small quiet">
            {rule.clause.ref} {rule.clause.title} · {rule.basis.map(basis => basis.name).join('、')}
          </p>
        ) : null}
        <details>
          <summary className="link small">{t('behaviour.examples', { n: rule.examples.length })}</summary>
          {rule.examples.map(example => (
            <div key={example.name}>
              <span className="tag">{t(example.fires ? 'behaviour.fires' : 'behaviour.clean')}</span>{' '}
              <b>{example.name}</b>
              <ol className="behaviour-story small">
                {example.lines.map(line => (
                  <li key={line}>{line}</li>
                ))}
              </ol>
            </div>
          ))}
        </details>
      </div>
    </article>
  )
}
