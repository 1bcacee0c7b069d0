import type { AlertDetail, AlertRow } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline, Time, useNow } from '../../ui/time.tsx'
import { fullTime, lengthWords } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { titleOf } from './alert-item.tsx'
import { ConcludeForm } from './conclude-form.tsx'
import { Grounds } from './grounds.tsx'
import { runningDeadline } from './moves.ts'
import type { DraftOf } from './use-draft.ts'

type Props = { detail: AlertDetail; own: DraftOf; decided: () => void }

/** Deadline → rules → clause → law → person → what follows → record → conclusion; the foot stays in reach. */
export function DecisionPane({ detail, own, decided }: Props) {
  const { alert } = detail
  return (
    <aside className="decision" aria-label={t('decision.label')} data-alert={alert.id}>
      <div className="decision-head">
        <div className="line">
          <SeverityMark of={alert.severity} word />
          {alert.concealed ? (
            <span className="tag" title={t('desk.concealedWhy')}>
              {t('desk.concealed')}
            </span>
          ) : null}
          <span className="grow" />
          <span className="small quiet">{alert.number}</span>
        </div>
        <h2>{titleOf(alert)}</h2>
        <Standing alert={alert} />
        <DueBar alert={alert} />
        {alert.conflict ? <p className="conflict">{t(`desk.conflict.${alert.conflict}`)}</p> : null}
      </div>
      <DecisionBody detail={detail} own={own} decided={decided} />
    </aside>
  )
}

/** `officer 14:08 受理，用时 9 分 · 二级`. */
function Standing({ alert }: { alert: AlertRow }) {
  const now = useNow()
  return (
    <div className="small quiet">
      {t('decision.raised')} <Time at={alert.raisedAt} />
      {alert.acceptedAt === null ? null : (
        <>
          {' · '}
          {t('desk.accepted', {
            time: fullTime(alert.acceptedAt, now),
            length: lengthWords(Math.max(1000, alert.acceptedAt - alert.raisedAt)),
          })}
        </>
      )}
      {alert.assignee ? ` · ${t('desk.assignee', { name: alert.assignee })}` : ''}
      {alert.level === 2 ? <div>{t('desk.levelTwo')}</div> : null}
      {alert.upgraded ? <div>{t(`desk.upgraded.${alert.upgraded}`)}</div> : null}
    </div>
  )
}

const DUE_WORD = { accept: 'due.accept', first: 'alerts.firstDecision', close: 'due.close' } as const

function DueBar({ alert }: { alert: AlertRow }) {
  const now = useNow()
  const due = runningDeadline(alert)
  if (!due) return null
  const share = Math.min(1, Math.max(0, (now - alert.raisedAt) / Math.max(1, due.at - alert.raisedAt)))
  return (
    <>
      <div className="line small due-line">
        <span className="quiet">
          {t(DUE_WORD[due.word])} {fullTime(due.at, now)}
        </span>
        <span className="grow" />
        <Deadline at={due.at} />
      </div>
      <div className="bar">
        <i className={alert.severity} style={{ width: `${share * 100}%` }} />
      </div>
    </>
  )
}

function DecisionBody({ detail, own, decided }: Props) {
  const me = useMe()
  const reads = !may(me, 'alert.decide')
  const idle = detail.can.every(({ refused }) => refused !== null)
  if (!reads && !idle) return <ConcludeForm detail={detail} own={own} decided={decided} />
  return (
    <>
      <Grounds detail={detail} />
      <p className="decision-why-not">
        {reads ? t('decision.readOnly', { role: t(`role.${me.role}`) }) : <WhyIdle detail={detail} />}
      </p>
    </>
  )
}

/** Nothing is this reader's to do: the reason that weighs most. */
function WhyIdle({ detail }: { detail: AlertDetail }) {
  const { alert, can } = detail
  if (alert.conflict) return t(`desk.conflict.${alert.conflict}`)
  const codes = can.map(({ refused }) => refused)
  if (codes.includes('alert.undo_own')) return t('error.alert.undo_own')
  if (codes.includes('alert.level')) return t('error.alert.level')
  if (codes.includes('alert.held')) return t('error.alert.held')
  return t('decision.noMoves', { state: t(`state.${alert.state}`) })
}
