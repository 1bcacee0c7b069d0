import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CaseDetail } from '../../../src/cases/contract.ts'
import { caseQuery } from '../../api/cases.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { AlertItemLink } from './alert-item.tsx'
import { CaseHold } from './case-hold.tsx'
import { CaseMoves } from './case-moves.tsx'
import { CaseTimeline } from './case-timeline.tsx'
import type { CasesAddress } from './files-address.ts'

type Props = { id: string; looks: boolean; go: (to: CasesAddress, replace?: boolean) => void }

/** One case: what it is and what may be done, its alerts and the person, and everything on one line of time. */
export function CaseFile({ id, looks, go }: Props) {
  const me = useMe()
  const query = useQuery(caseQuery(id))
  if (query.error)
    return <ErrorNote what={t('cases.failed')} error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Skeleton rows={8} />
  const detail = query.data
  return (
    <article className="file">
      <Head detail={detail} />
      <div className="file-body">
        <section className="sheet file-line" aria-label={t('cases.timeline')}>
          <div className="sheet-head">
            <h2>{t('cases.timeline')}</h2>
            <span className="small quiet grow wide-only">{t('cases.timelineWhat')}</span>
            <label className="small">
              <input
                type="checkbox"
                checked={looks}
                onChange={event => go({ looks: event.target.checked ? '1' : undefined }, true)}
              />{' '}
              {t('cases.showLooks')}
            </label>
          </div>
          <CaseTimeline detail={detail} looks={looks} />
          <Watermark name={me.name} />
        </section>
        <div className="file-side">
          <CaseMoves detail={detail} />
          <Alerts detail={detail} />
          <Person detail={detail} />
        </div>
      </div>
    </article>
  )
}

function Head({ detail }: { detail: CaseDetail }) {
  const { case: file, convs } = detail
  const me = useMe()
  return (
    <header className="file-head">
      <div className="line">
        <SeverityMark of={file.severity} word />
        <b>{file.number}</b>
        <span className="tag">{t(`caseState.${file.state}`)}</span>
        {file.concealed ? (
          <span className="tag" title={t('desk.concealedWhy')}>
            {t('desk.concealed')}
          </span>
        ) : null}
        <span className="grow" />
        {file.state === 'closed' ? null : <Deadline at={file.dueAt} prefix={t('cases.due')} />}
      </div>
      <h1>
        {file.staff.name} <span className="small quiet">{file.staff.department}</span>
      </h1>
      <div className="small quiet">
        {t(`caseOrigin.${file.origin}`)} ·{' '}
        {file.openedBy.startsWith('system:') ? t('role.system') : file.openedBy} <Time at={file.openedAt} />
        {file.closedAt === null ? null : (
          <>
            {' · '}
            {t('caseState.closed')} {file.closedBy} <Time at={file.closedAt} />
          </>
        )}
      </div>
      {file.conflict ? <p className="conflict">{t(`desk.conflict.${file.conflict}`)}</p> : null}
      <div className="file-ways">
        {may(me, 'evidence.request') && convs.length > 0 ? (
          <Link
            className="btn small"
            to="/evidence"
            search={{
              convs: convs.map(conv => conv.convId).join(','),
              from: dayOf(Math.min(...convs.map(conv => conv.from))),
              to: dayOf(Math.max(...convs.map(conv => conv.to))),
              case: file.number,
            }}
          >
            <Icon name="seal" size={14} /> {t('cases.evidence')}
          </Link>
        ) : null}
        {may(me, 'hold.place') ? <CaseHold file={file} /> : null}
      </div>
    </header>
  )
}

function Alerts({ detail }: { detail: CaseDetail }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('cases.itsAlerts')}</h2>
        <span className="small quiet">{figure(detail.alerts.length)}</span>
      </div>
      {detail.alerts.map(row => (
        <AlertItemLink key={row.id} row={row} />
      ))}
    </section>
  )
}

function Person({ detail }: { detail: CaseDetail }) {
  const { history } = detail
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('cases.person')}</h2>
        <span className="small quiet">
          {t('cases.alerts', { n: history.last30Days })} · {t('person.confirmed', { n: history.confirmed })}
        </span>
      </div>
      {history.byRule.length === 0 ? <p className="file-none quiet small">{t('cases.personNone')}</p> : null}
      {history.byRule.slice(0, 8).map(rule => (
        <div key={rule.id} className="file-rule small">
          <span className="cut">{rule.name}</span>
          <span className="quiet">{rule.id}</span>
          <span className="figure">{figure(rule.n)}</span>
        </div>
      ))}
    </section>
  )
}
