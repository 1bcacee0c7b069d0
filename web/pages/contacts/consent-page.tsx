import { getRouteApi, Link } from '@tanstack/react-router'
import { t } from '../../i18n/index.ts'
import type { ConsentTab } from '../../routes.tsx'
import { useMe } from '../app/me.ts'
import { NoticeCoverage } from '../app/notice.tsx'
import { may } from '../app/places.ts'
import './consent.css'
import { History } from './history.tsx'
import { OptOuts } from './opt-outs.tsx'
import { Papers } from './papers.tsx'
import { Refused } from './refused.tsx'
import { Unlocks } from './unlocks.tsx'

const route = getRouteApi('/shell/consent')
const TABS: ConsentTab[] = ['coverage', 'refused', 'papers', 'optouts', 'unlocks']

/** Notice, consent, and what follows from a refusal. */
export function ConsentPage() {
  const me = useMe()
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const tabs = TABS.filter(tab => tab !== 'unlocks' || may(me, 'restricted.read'))
  const tab = tabs.find(found => found === address.tab) ?? 'coverage'
  const open = (customer: string | undefined) =>
    void navigate({ search: { ...address, customer }, replace: customer === undefined })
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('nav.consent')}</h1>
      </header>
      <div className="tabs page-tabs">
        {tabs.map(found => (
          <Link
            key={found}
            to="/consent"
            search={{ tab: found }}
            className={found === tab ? 'on' : ''}
            aria-current={found === tab}
          >
            {t(`consent.tab.${found}`)}
          </Link>
        ))}
      </div>
      {tab === 'coverage' ? <NoticeCoverage open={open} /> : null}
      {tab === 'refused' ? <Refused open={open} /> : null}
      {tab === 'papers' ? <Papers open={open} /> : null}
      {tab === 'optouts' ? <OptOuts open={open} /> : null}
      {tab === 'unlocks' ? (
        <Unlocks
          conv={address.conv}
          at={address.at}
          asked={() => void navigate({ search: { tab }, replace: true })}
        />
      ) : null}
      <History id={address.customer} close={() => open(undefined)} />
    </div>
  )
}
