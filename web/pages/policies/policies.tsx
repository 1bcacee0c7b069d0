import { getRouteApi, Link } from '@tanstack/react-router'
import { t } from '../../i18n/index.ts'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { POLICY_TABS, type PolicyTab } from './address.ts'
import { Penalties } from './penalties.tsx'
import { Points } from './points.tsx'
import { Training } from './training.tsx'
import './policies.css'

const route = getRouteApi('/shell/policies')

/** 制度与培训: what confirmed violations lead to. */
export function PoliciesPage() {
  const me = useMe()
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const tab = address.tab ?? 'points'
  const go = (to: PolicyTab) => () => void navigate({ search: { tab: to } })
  useKeys({ '1': go('points'), '2': go('training'), '3': go('penalties') })
  const help = useKeyHelp([
    [['1', '2', '3'], t('keys.tabs')],
    [['Ctrl', '↵'], t('confirm.go', { what: '' })],
  ])
  return (
    <div className={`page policies${address.staff || address.id ? ' opened' : ''}`}>
      <header className="page-head">
        <h1>{t('policies.title')}</h1>
      </header>
      <div className="tabs page-tabs">
        {POLICY_TABS.map(found => (
          <Link
            key={found}
            to="/policies"
            search={{ tab: found }}
            className={found === tab ? 'on' : ''}
            aria-current={found === tab}
          >
            {t(`policies.tab.${found}`)}
          </Link>
        ))}
      </div>
      {tab === 'points' ? <Points address={address} /> : null}
      {tab === 'training' ? <Training state={address.state ?? 'open'} /> : null}
      {tab === 'penalties' ? <Penalties id={address.id} /> : null}
      <Watermark name={me.name} />
      {help.dialog}
    </div>
  )
}
