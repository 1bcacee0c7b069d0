import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { SystemView } from '../../../src/app/contract.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { noteWords } from '../../ui/differs.ts'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { lagWords, lengthWords } from '../../ui/time-words.ts'
import { useMe } from './me.ts'
import { may } from './places.ts'
import { leftWords } from './system-verdict.ts'

type Props = { view: SystemView }

function Figure(props: { name: string; value: string; unit?: string; children: ReactNode }) {
  return (
    <section className="sheet figure">
      <div className="small quiet">{props.name}</div>
      <div className="figure-value">
        {props.value} {props.unit ? <span className="small quiet">{props.unit}</span> : null}
      </div>
      <dl className="facts">{props.children}</dl>
    </section>
  )
}

export function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const moment = (at: number | null): ReactNode => (at === null ? t('never') : <Time at={at} />)

export function CaptureCard({ view }: Props) {
  const { capture } = view
  const maySee = may(useMe(), 'quarantine.read')
  const tone = capture.state === 'trouble' ? 'P1' : capture.state === 'off' ? 'off' : 'good'
  return (
    <Figure name={t('system.capture')} value={shownLag(capture)} unit={t('system.lag')}>
      <Fact name={t('system.captureState')}>
        <Glyph of={tone} /> {t(`capture.${capture.state}`)}
      </Fact>
      <Fact name={t('lag.line')}>{lineOf(capture.lag)}</Fact>
      {capture.lag && capture.lag.level !== 'none' ? (
        <>
          <Fact name={t('lag.left')}>{leftWords(capture.lag.daysLeft)}</Fact>
          <Fact name={t('lag.remedy')}>{t(`lag.remedy.${capture.lag.cause}`)}</Fact>
        </>
      ) : null}
      {capture.trouble ? <Fact name={t('system.trouble')}>{capture.trouble}</Fact> : null}
      <Fact name={t('system.pulled')}>{moment(capture.pulledAt)}</Fact>
      <Fact name={t('system.seq')}>{figure(capture.seq)}</Fact>
      <Fact name={t('system.tab.quarantine')}>
        {maySee && capture.quarantined > 0 ? (
          <Link to="/system" search={{ tab: 'quarantine' }}>
            {t('system.quarantined', { n: figure(capture.quarantined) })}
          </Link>
        ) : (
          t('system.quarantined', { n: figure(capture.quarantined) })
        )}
      </Fact>
    </Figure>
  )
}

/** The newest message's own delay while all is well; how far behind we are when it is not. */
function shownLag(capture: SystemView['capture']): string {
  if (capture.lag && capture.lag.level !== 'none') return lagWords(capture.lag.seconds)
  return capture.lagSeconds === null ? '—' : lagWords(capture.lagSeconds)
}

const LINE_TONE = { none: 'good', m15: 'P1', h6: 'P0', h72: 'P0' } as const

/** Nobody has published such lines: the page says whose they are. */
function lineOf(lag: SystemView['capture']['lag']): ReactNode {
  const level = lag?.level ?? 'none'
  return (
    <>
      <Glyph of={LINE_TONE[level]} /> {t(`lag.${level}`)} <span className="quiet">{t('lag.internal')}</span>
    </>
  )
}

export function ArchiveCard({ view }: Props) {
  const { archive } = view
  return (
    <Figure name={t('system.archive')} value={figure(archive.messages)} unit={t('system.messages')}>
      <Fact name={t('system.conversations')}>{figure(archive.conversations)}</Fact>
      <Fact name={t('system.first')}>{moment(archive.firstAt)}</Fact>
      <Fact name={t('system.last')}>{moment(archive.lastAt)}</Fact>
      <Fact name={t('system.size')}>{figure(Math.round(archive.databaseMb))} MB</Fact>
    </Figure>
  )
}

export function LedgerCard({ view }: Props) {
  const { ledger } = view
  return (
    <Figure name={t('system.ledger')} value={figure(ledger.sealed)} unit={t('system.sealed')}>
      <Fact name={t('system.pending')}>{t('system.items', { n: figure(ledger.pending) })}</Fact>
      <Fact name={t('system.sealedAt')}>{moment(ledger.sealedAt)}</Fact>
      <Fact name={t('system.outside')}>
        {ledger.outsideSize === null ? t('never') : t('system.upTo', { n: figure(ledger.outsideSize) })}
      </Fact>
      <Fact name={t('system.verified')}>
        {ledger.verifiedOk === null ? (
          t('system.verifiedNever')
        ) : (
          <>
            <Glyph of={ledger.verifiedOk ? 'good' : 'P0'} />{' '}
            {t(ledger.verifiedOk ? 'system.verifiedOk' : 'system.verifiedBad', {
              n: figure(ledger.verifiedUpTo ?? 0),
            })}{' '}
            <span className="quiet">{moment(ledger.verifiedAt)}</span>
          </>
        )}
      </Fact>
      <StampFact stamps={view.stamps} />
      {ledger.verifiedNote ? <Fact name={t('system.note')}>{noteWords(ledger.verifiedNote)}</Fact> : null}
      <Fact name={t('system.root')}>
        <span className="mono" title={ledger.root ?? undefined}>
          {ledger.root ? `${ledger.root.slice(0, 8)}…${ledger.root.slice(-6)}` : t('never')}
        </span>
      </Fact>
    </Figure>
  )
}

/** When a third party last vouched for the ledger, and what keeps it from doing so. */
function StampFact({ stamps }: { stamps: SystemView['stamps'] }) {
  if (!stamps) return <Fact name={t('stamp.name')}>{t('stamp.off')}</Fact>
  const { last, trouble, failures } = stamps
  return (
    <Fact name={t('stamp.name')}>
      <Glyph of={trouble ? 'P1' : last ? 'good' : 'off'} />{' '}
      {last ? (
        <>
          {t('stamp.upTo', { n: figure(last.size) })} <span className="quiet">{moment(last.at)}</span>
        </>
      ) : (
        t('stamp.none')
      )}
      {trouble ? (
        <div className="small">
          {t('stamp.failed', {
            n: figure(failures),
            authority: trouble.authority,
            why: maybe(`stamp.why.${trouble.reason}`) ?? trouble.reason,
          })}
        </div>
      ) : null}
    </Fact>
  )
}

export function JobsCard({ view }: Props) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('system.jobs')}</h2>
        <span className="small quiet">{t('system.jobsWhat')}</span>
      </div>
      <table className="table">
        <thead>
          <tr>
            <th>{t('system.job')}</th>
            <th className="n">{t('job.waiting')}</th>
            <th className="n">{t('job.active')}</th>
            <th className="n">{t('job.failed')}</th>
          </tr>
        </thead>
        <tbody>
          {view.jobs.map(job => (
            <tr key={job.name}>
              <td title={job.name}>{maybe(`job.name.${job.name}`) ?? job.name}</td>
              <td className="n">{figure(job.waiting)}</td>
              <td className="n">{figure(job.active)}</td>
              <td className="n">
                {job.failed > 0 ? <Glyph of="P1" /> : null} {figure(job.failed)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function MachineCard({ view }: Props) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('system.machine')}</h2>
      </div>
      <dl className="facts roomy">
        <Fact name={t('system.version')}>{view.version}</Fact>
        <Fact name={t('system.uptime')}>{lengthWords(view.at - view.startedAt)}</Fact>
        <Fact name={t('system.memory')}>{figure(Math.round(view.memoryMb))} MB</Fact>
        <Fact name={t('system.database')}>
          PostgreSQL {view.database.version} ·{' '}
          {t(view.database.embedded ? 'system.embedded' : 'system.external')}
        </Fact>
        <Fact name={t('system.rulesVersion')}>{view.rules.version}</Fact>
        {view.rules.trouble ? (
          <Fact name={t('system.rulesTrouble')}>{view.rules.trouble.problem}</Fact>
        ) : null}
      </dl>
    </section>
  )
}
