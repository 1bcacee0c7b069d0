import { getRouteApi, Link } from '@tanstack/react-router'
import { t } from '../../i18n/index.ts'
import type { RetentionTab } from '../../routes.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { Certificate } from './retention-certificate.tsx'
import { Holds } from './retention-holds.tsx'
import { Purges } from './retention-purges.tsx'
import { Schedule } from './retention-schedule.tsx'
import './retention.css'

const route = getRouteApi('/shell/retention')
const TABS: RetentionTab[] = ['schedule', 'holds', 'purges']

export function RetentionPage() {
  const me = useMe()
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const tab = address.tab ?? 'schedule'
  const go = (to: RetentionTab) => () => void navigate({ search: { tab: to } })
  useKeys({ '1': go('schedule'), '2': go('holds'), '3': go('purges') })
  const help = useKeyHelp([
    [['1', '2', '3'], t('keys.tabs')],
    [['N'], t('keys.new')],
    [['Ctrl', '↵'], t('retention.confirm')],
  ])
  return (
    <div className="page retention">
      <header className="page-head">
        <h1>{t('retention.title')}</h1>
      </header>
      <div className="tabs page-tabs">
        {TABS.map(found => (
          <Link
            key={found}
            to="/retention"
            search={{ tab: found }}
            className={found === tab ? 'on' : ''}
            aria-current={found === tab}
          >
            {t(`retention.tab.${found}`)}
          </Link>
        ))}
      </div>
      {tab === 'schedule' ? <Schedule conv={address.conv} /> : null}
      {tab === 'holds' ? <Holds conv={address.conv} /> : null}
      {tab === 'purges' ? (
        address.certificate ? (
          <Certificate id={address.certificate} />
        ) : (
          <Purges conv={address.conv} />
        )
      ) : null}
      <Watermark name={me.name} />
      {help.dialog}
    </div>
  )
}
