import { Link } from '@tanstack/react-router'
import { t } from '../../../i18n/index.ts'

/** The three pages about rules. */
export function RulesTabs() {
  return (
    <nav className="rb-tabs" aria-label={t('rulebook.tabs')}>
      <Link
        to="/rules"
        activeOptions={{ exact: true, includeSearch: false }}
        activeProps={{ className: 'on' }}
      >
        {t('rulebook.tab.force')}
      </Link>
      <Link to="/rules/drafts" activeOptions={{ includeSearch: false }} activeProps={{ className: 'on' }}>
        {t('rulebook.tab.drafts')}
      </Link>
      <Link to="/rules/versions" activeOptions={{ includeSearch: false }} activeProps={{ className: 'on' }}>
        {t('rulebook.tab.versions')}
      </Link>
    </nav>
  )
}
