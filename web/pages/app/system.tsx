import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { SystemView } from '../../../src/app/contract.ts'
import type { Verb } from '../../../src/people/contract.ts'
import { SYSTEM_EVERY, systemQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import type { SystemTab } from '../../routes.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { useNow } from '../../ui/time.tsx'
import { lengthWords } from '../../ui/time-words.ts'
import { TrailList } from '../trail/trail-list.tsx'
import { CertificatesCard, MediaCard, RepullCard } from './completeness-cards.tsx'
import { Denied } from './denied.tsx'
import { IntegrityCards } from './integrity-cards.tsx'
import { useMe } from './me.ts'
import { may } from './places.ts'
import { Quarantine } from './quarantine.tsx'
import { ArchiveCard, CaptureCard, JobsCard, LedgerCard, MachineCard } from './system-cards.tsx'
import { KeysCard } from './system-keys.tsx'
import { verdictOf } from './system-verdict.ts'
import './system.css'

const route = getRouteApi('/shell/system')
const NEEDS: Record<SystemTab, Verb> = {
  state: 'system.read',
  quarantine: 'quarantine.read',
  trail: 'trail.read',
}
const TABS = Object.keys(NEEDS) as SystemTab[]

export function SystemPage() {
  const me = useMe()
  const address = route.useSearch()
  const tabs = TABS.filter(tab => may(me, NEEDS[tab]))
  if (address.tab && !tabs.includes(address.tab)) return <Denied me={me} />
  const tab = address.tab ?? tabs[0]
  return (
    <div className="page">
      {may(me, 'system.read') ? <Conclusion /> : <h1>{t('nav.system')}</h1>}
      {tabs.length > 1 ? (
        <div className="tabs page-tabs">
          {tabs.map(found => (
            <Link
              key={found}
              to="/system"
              search={{ tab: found }}
              className={found === tab ? 'on' : ''}
              aria-current={found === tab}
            >
              {t(`system.tab.${found}`)}
            </Link>
          ))}
        </div>
      ) : null}
      {tab === 'state' ? <State /> : null}
      {tab === 'quarantine' ? <Quarantine /> : null}
      {tab === 'trail' ? <TrailList actor={address.actor} verb={address.verb} /> : null}
    </div>
  )
}

/** The eight-second line, and how old it is. */
function Conclusion() {
  const query = useQuery(systemQuery)
  const now = useNow(true)
  const view = query.data
  if (!view) return <h1>{t(query.error ? 'system.unknown' : 'loading')}</h1>
  const { tone, words, detail } = verdictOf(view)
  const age = now - query.dataUpdatedAt
  const stale = age > SYSTEM_EVERY * 3
  return (
    <header className="page-head">
      <h1 className="conclusion">
        <Glyph of={tone} />
        {words}
      </h1>
      <span className="grow" />
      <span className={`small ${stale ? 'stale' : 'quiet'}`} role={stale ? 'alert' : undefined}>
        {age < 2_000
          ? t('system.ageNow')
          : t(stale ? 'system.stale' : 'system.age', { length: lengthWords(age) })}
      </span>
      {detail ? <p className="conclusion-detail small quiet">{detail}</p> : null}
    </header>
  )
}

function State() {
  const query = useQuery(systemQuery)
  if (query.data) return <Cards view={query.data} />
  if (query.error)
    return <ErrorNote what={t('system.failed')} error={query.error} again={() => void query.refetch()} />
  return <Skeleton rows={4} kind="card" />
}

function Cards({ view }: { view: SystemView }) {
  return (
    <>
      <div className="figures">
        <CaptureCard view={view} />
        <ArchiveCard view={view} />
        <LedgerCard view={view} />
      </div>
      <IntegrityCards />
      <div className="cards halves">
        <MediaCard view={view} />
        <RepullCard view={view} />
      </div>
      <CertificatesCard />
      <div className="cards">
        <JobsCard view={view} />
        <div className="stack">
          <MachineCard view={view} />
          <KeysCard view={view} />
        </div>
      </div>
      <p className="small quiet">
        {t('system.noContent')}{' '}
        {t('system.rules', { n: figure(view.rules.count), terms: figure(view.rules.terms) })}
      </p>
    </>
  )
}
