import type { RuleView } from '../../../src/monitor/contract.ts'
import { t } from '../../i18n/index.ts'
import { type Law, lawsOf } from './basis.ts'

/** More than this pushes what follows out of sight, so the rest is folded. */
const SHOWN = 4

/** Laws of the rules; what a lawyer has not confirmed says so. */
export function BasisList({ rules }: { rules: RuleView[] }) {
  const laws = lawsOf(rules)
  if (laws.length === 0) return <span className="quiet">{t('ground.noBasis')}</span>
  const shown = laws.length <= SHOWN + 1 ? laws : laws.slice(0, SHOWN)
  const folded = laws.slice(shown.length)
  return (
    <>
      <Laws laws={shown} />
      {folded.length > 0 ? (
        <details>
          <summary className="link">{t('basis.more', { n: folded.length })}</summary>
          <Laws laws={folded} />
        </details>
      ) : null}
    </>
  )
}

function Laws({ laws }: { laws: Law[] }) {
  return (
    <ul>
      {laws.map(law => (
        <li key={`${law.name} ${law.articles.join()} ${law.status}`}>
          {law.name} {law.articles.join('、')}{' '}
          {law.certain ? null : <span className="tag">{t('basis.uncertain')}</span>}{' '}
          {law.status === 'active' ? null : (
            <span className="tag">
              {law.status === 'pending' && law.effectiveFrom
                ? t('basis.from', { day: law.effectiveFrom })
                : t(`basis.${law.status}`)}
            </span>
          )}
        </li>
      ))}
    </ul>
  )
}
