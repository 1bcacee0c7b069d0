import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EvidenceView } from '../../../src/evidence/contract.ts'
import { packageQuery } from '../../api/evidence.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { Acts } from './acts.tsx'
import { grouped, shareOf, sizeWords, stepWords } from './words.ts'

/** One package: its verdict line, its course, what is in it, what may be done, how it is checked. */
export function PackagePane({ id, fingerprint }: { id: string; fingerprint: string }) {
  const me = useMe()
  const query = useQuery(packageQuery(id))
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('evidence.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <section className="evidence-one">
      <Head view={view} />
      <div className="evidence-cards">
        <div>
          <RequestCard view={view} />
          <FactsCard view={view} />
          <ContentCard />
        </div>
        <div>
          <Acts view={view} />
          <CourseCard view={view} />
          <HowCard fingerprint={fingerprint} />
        </div>
      </div>
      <Watermark name={me.name} />
    </section>
  )
}

const FLOW = ['request', 'decide', 'build', 'hand'] as const
/** Which step a state stands at; what was refused or withdrawn ends at the decision. */
const AT: Record<EvidenceView['state'], number> = {
  waiting: 1,
  refused: 1,
  withdrawn: 1,
  approved: 2,
  building: 2,
  failed: 2,
  ready: 3,
  expired: 4,
}
const SIGN: Record<EvidenceView['state'], [tone: string, sign: string]> = {
  waiting: ['wait', '…'],
  approved: ['wait', '…'],
  building: ['wait', '…'],
  ready: ['good', '✓'],
  expired: ['quiet', '–'],
  refused: ['bad', '✗'],
  withdrawn: ['quiet', '–'],
  failed: ['bad', '!'],
}

function Head({ view }: { view: EvidenceView }) {
  const [tone, sign] = SIGN[view.state]
  const at = AT[view.state]
  return (
    <header className="evidence-verdict">
      <span className={`evidence-disc ${tone}`} aria-hidden="true">
        {sign}
      </span>
      <div className="grow">
        <h1>{t(`evidence.say.${view.state}`)}</h1>
        <p className="small quiet">
          {view.number} · {view.caseNumber} · {t('evidence.messagesN', { n: figure(view.messages) })}
        </p>
        {view.step ? (
          <p className="small" role="status">
            {stepWords(view)}
            <span className="evidence-bar" style={{ '--share': shareOf(view) } as React.CSSProperties} />
          </p>
        ) : null}
      </div>
      <ol className="evidence-flow">
        {FLOW.map((step, i) => (
          <li
            key={step}
            className={i < at ? 'done' : i === at ? 'now' : ''}
            aria-current={i === at ? 'step' : undefined}
          >
            <span className="evidence-dot">{i < at ? '✓' : i + 1}</span>
            {t(`evidence.flow.${step}`)}
          </li>
        ))}
      </ol>
    </header>
  )
}

function RequestCard({ view }: { view: EvidenceView }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('evidence.asked')}</h2>
      </div>
      <dl className="evidence-facts">
        <dt>{t('evidence.case')}</dt>
        <dd>{view.caseNumber}</dd>
        <dt>{t('evidence.purpose')}</dt>
        <dd>{t(`evidence.purpose.${view.purpose}`)}</dd>
        <dt>{t('evidence.reason')}</dt>
        <dd>{view.reason}</dd>
        <dt>{t('evidence.scope')}</dt>
        <dd>
          <ul>
            {view.scope.map(({ convId, title, from, to }) => (
              <li key={`${convId} ${from}`}>
                <Link to="/conversations/$convId" params={{ convId }} search={{ around: to }}>
                  {title}
                </Link>{' '}
                <span className="small quiet">
                  {exactTime(from)} – {exactTime(to)}
                </span>
              </li>
            ))}
          </ul>
        </dd>
        <dt>{t('evidence.names')}</dt>
        <dd>{t(`evidence.names.${view.names}`)}</dd>
        <dt>{t('evidence.keep')}</dt>
        <dd>{t('evidence.keepDays', { n: view.keepDays })}</dd>
      </dl>
    </section>
  )
}

function FactsCard({ view }: { view: EvidenceView }) {
  if (view.builtAt === null) return null
  const rows: [string, string][] = [
    [t('evidence.size'), view.fileBytes === null ? '—' : sizeWords(view.fileBytes)],
    [t('evidence.fileHash'), view.fileSha256 ?? '—'],
    [t('evidence.manifestHash'), view.manifestSha256 ?? '—'],
    [
      t('evidence.leaf'),
      view.ledgerIndex === null
        ? t('evidence.leafSoon')
        : t('evidence.leafAt', { n: figure(view.ledgerIndex) }),
    ],
  ]
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('evidence.facts')}</h2>
      </div>
      <dl className="evidence-facts">
        {rows.map(([name, value]) => [
          <dt key={name}>{name}</dt>,
          <dd key={`${name} value`} className={value.length === 64 ? 'mono evidence-hash' : undefined}>
            {value}
          </dd>,
        ])}
      </dl>
    </section>
  )
}

const CONTENT = [
  ['manifest.json', 'manifest'],
  ['messages.jsonl', 'messages'],
  ['media/', 'media'],
  ['chain/', 'chain'],
  ['consent/', 'consent'],
  ['identity/', 'identity'],
  ['access/', 'access'],
  ['retention/', 'retention'],
  ['report.pdf', 'report'],
  ['attestation.pdf', 'attestation'],
  ['verify.html', 'verify'],
] as const

function ContentCard() {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('evidence.content')}</h2>
      </div>
      <dl className="evidence-facts files">
        {CONTENT.map(([name, key]) => [
          <dt key={name} className="mono">
            {name}
          </dt>,
          <dd key={key}>{t(`evidence.file.${key}`)}</dd>,
        ])}
      </dl>
    </section>
  )
}

type Event = { what: string; who: string; at: number; more?: string | null; bad?: boolean }

function eventsOf(view: EvidenceView): Event[] {
  const events: Event[] = [
    { what: t('evidence.asked'), who: view.requestedBy.name, at: view.requestedAt, more: view.reason },
  ]
  if (view.decidedBy && view.decidedAt !== null) {
    const refused = view.state === 'refused'
    const what = t(refused ? 'evidence.declined' : 'evidence.agreed')
    events.push({ what, who: view.decidedBy.name, at: view.decidedAt, more: view.decision, bad: refused })
  }
  if (view.builtAt !== null) events.push({ what: t('evidence.made'), who: '', at: view.builtAt })
  for (const { by, at } of view.downloads) events.push({ what: t('evidence.downloaded'), who: by.name, at })
  if (view.expiredAt !== null) events.push({ what: t('evidence.over'), who: '', at: view.expiredAt })
  return events
}

function CourseCard({ view }: { view: EvidenceView }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('evidence.course')}</h2>
        <span className="grow" />
        {view.decidedBy ? <span className="small evidence-two">✓ {t('evidence.twoPeople')}</span> : null}
      </div>
      <ol className="evidence-course">
        {eventsOf(view).map(event => (
          <li key={`${event.what} ${event.at} ${event.who}`} className={event.bad ? 'bad' : ''}>
            <span className="line">
              <b>{event.what}</b>
              <span className="grow">{event.who}</span>
              <time className="small quiet">{exactTime(event.at)}</time>
            </span>
            {event.more ? <span className="small quiet">{event.more}</span> : null}
          </li>
        ))}
        {view.state === 'ready' && view.expiresAt !== null ? (
          <li className="to-come">
            <span className="small quiet">{t('evidence.until', { when: exactTime(view.expiresAt) })}</span>
          </li>
        ) : null}
      </ol>
    </section>
  )
}

function HowCard({ fingerprint }: { fingerprint: string }) {
  const copy = () => void navigator.clipboard.writeText(fingerprint).then(() => toast(t('evidence.copied')))
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('evidence.how')}</h2>
      </div>
      <ol className="evidence-how">
        <li>{t('evidence.how1')}</li>
        <li>{t('evidence.how2')}</li>
        <li>{t('evidence.how3')}</li>
      </ol>
      <div className="evidence-key">
        <span className="line small quiet">
          {t('evidence.fingerprint')}
          <span className="grow" />
          <button type="button" className="link" onClick={copy}>
            {t('evidence.copy')}
          </button>
        </span>
        <p className="mono evidence-hash">{grouped(fingerprint)}</p>
        <p className="small quiet">{t('evidence.publish')}</p>
      </div>
    </section>
  )
}
