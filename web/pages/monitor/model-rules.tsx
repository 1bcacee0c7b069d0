import { Link } from '@tanstack/react-router'
import type { RuleDetail } from '../../../src/monitor/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'

/** What the model finds, in one sheet: it has no words or examples of its own, only categories. */
export function ModelRules({ rules }: { rules: RuleDetail[] }) {
  const mayAlerts = may(useMe(), 'alert.read')
  const sorted = rules.toSorted(
    (a, b) => a.severity.localeCompare(b.severity) || a.categoryName.localeCompare(b.categoryName),
  )
  return (
    <section className="sheet category model-rules">
      <div className="sheet-head">
        <h2>{t('rules.model')}</h2>
        <span className="small quiet">
          {t('rules.model.count', { n: figure(rules.length), version: rules[0]?.version ?? '' })}
        </span>
      </div>
      <p>{t('rules.model.what')}</p>
      <p>{t('rules.model.limits')}</p>
      <details>
        <summary className="link">{t('rules.model.see', { n: figure(rules.length) })}</summary>
        <ul>
          {sorted.map(rule => (
            <li key={rule.id}>
              <SeverityMark of={rule.severity} word />
              <span className="cut">{rule.categoryName}</span>
              {mayAlerts ? (
                <Link className="small" to="/alerts" search={{ rule: rule.id }}>
                  {t('rules.itsAlerts')}
                </Link>
              ) : (
                <span className="small quiet">{rule.id}</span>
              )}
            </li>
          ))}
        </ul>
      </details>
    </section>
  )
}
