import type { AlertDetail, AlertRow, Conclusion } from '../../../src/cases/contract.ts'
import { REVIEW_MOVES } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline, Time, useNow } from '../../ui/time.tsx'
import { fullTime } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { titleOf } from './alert-item.tsx'
import { ConcludeForm } from './conclude-form.tsx'
import { Grounds } from './grounds.tsx'
import type { DraftOf } from './use-draft.ts'

type Props = { detail: AlertDetail; own: DraftOf; decided: () => void }

/** Deadline → rules → clause → law → person → record → conclusion; the foot stays in reach. */
export function DecisionPane({ detail, own, decided }: Props) {
  const { alert } = detail
  return (
    <aside className="decision" aria-label={t('decision.label')}>
      <div className="decision-head">
        <div className="line">
          <SeverityMark of={alert.severity} word />
          <span className="grow" />
          <span className="small quiet">{alert.number}</span>
        </div>
        <h2>{titleOf(alert)}</h2>
        <div className="small quiet">
          {t('decision.raised')} <Time at={alert.raisedAt} />
        </div>
        {alert.state === 'open' ? <DueBar alert={alert} /> : null}
      </div>
      <DecisionBody detail={detail} own={own} decided={decided} />
    </aside>
  )
}

function DueBar({ alert }: { alert: AlertRow }) {
  const now = useNow()
  const share = Math.min(1, Math.max(0, (now - alert.raisedAt) / Math.max(1, alert.dueAt - alert.raisedAt)))
  return (
    <>
      <div className="line small due-line">
        <span className="quiet">{t('decision.due', { time: fullTime(alert.dueAt, now) })}</span>
        <span className="grow" />
        <Deadline at={alert.dueAt} />
      </div>
      <div className="bar">
        <i className={alert.severity} style={{ width: `${share * 100}%` }} />
      </div>
    </>
  )
}

function DecisionBody({ detail, own, decided }: Props) {
  const me = useMe()
  const moves: readonly Conclusion[] = REVIEW_MOVES[detail.alert.state]
  if (!may(me, 'alert.decide'))
    return (
      <>
        <Grounds detail={detail} />
        <p className="decision-why-not">{t('decision.readOnly', { role: t(`role.${me.role}`) })}</p>
      </>
    )
  if (moves.length === 0)
    return (
      <>
        <Grounds detail={detail} />
        <p className="decision-why-not">
          {t('decision.closed', { state: t(`state.${detail.alert.state}`) })}
        </p>
      </>
    )
  return <ConcludeForm detail={detail} moves={moves} own={own} decided={decided} />
}
