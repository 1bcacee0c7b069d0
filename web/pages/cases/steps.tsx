import { useQuery } from '@tanstack/react-query'
import { type AlertDetail, type Conclusion, REVIEW_MOVES } from '../../../src/cases/contract.ts'
import { countsQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import type { HitSteps } from '../archive/use-hit-steps.ts'
import type { AlertsAddress } from './address.ts'
import { titleOf } from './alert-item.tsx'
import type { DraftOf } from './use-draft.ts'

type Go = (change: AlertsAddress, replace?: boolean) => void

/** Narrow screens only: back, who with whom, and 队列 / 对话 / 处理. */
export function StepHead({ detail, address, go }: { detail: AlertDetail; address: AlertsAddress; go: Go }) {
  const waiting = useQuery({ ...countsQuery, enabled: false }).data?.counts.open
  const { alert } = detail
  return (
    <header className="step-head">
      <div className="step-title">
        <button
          type="button"
          className="back"
          aria-label={t('alerts.back')}
          onClick={() => go({ step: address.step === 'act' ? 'talk' : undefined })}
        >
          <Icon name="back" size={20} />
        </button>
        <span className="cut">
          <b>
            {alert.staff.name} ↔ {alert.counterpart.name}
          </b>
          <span className="tiny quiet cut">
            {alert.number}
            {alert.staff.department ? ` · ${alert.staff.department}` : ''}
          </span>
        </span>
        <SeverityMark of={alert.severity} word />
      </div>
      <div className="steps">
        <button type="button" onClick={() => go({ step: undefined })}>
          {t('step.list')} {waiting ?? ''}
        </button>
        <button
          type="button"
          className={address.step === 'talk' ? 'on' : ''}
          onClick={() => go({ step: 'talk' })}
        >
          {t('step.talk')}
        </button>
        <button
          type="button"
          className={address.step === 'act' ? 'on' : ''}
          onClick={() => go({ step: 'act' })}
        >
          {t('step.act')}
        </button>
      </div>
    </header>
  )
}

type ThumbProps = { detail: AlertDetail; steps: HitSteps; own: DraftOf; go: Go }

export function ThumbBar({ detail, steps, own, go }: ThumbProps) {
  const { alert } = detail
  return (
    <footer className="thumb">
      <div className="thumb-line">
        <div className="cut">
          <b className="cut">{titleOf(alert)}</b>
          <span className="small quiet">
            {alert.state === 'open' ? (
              <Deadline at={alert.dueAt} prefix={t('alerts.firstDecision')} />
            ) : (
              t(`state.${alert.state}`)
            )}
          </span>
        </div>
        {steps.of > 0 ? (
          <span className="thumb-hits">
            <button
              type="button"
              className="btn square"
              aria-label={t('hits.previous')}
              onClick={steps.previous}
            >
              <Icon name="up" />
            </button>
            <span className="small">
              {steps.at} / {steps.of}
            </span>
            <button type="button" className="btn square" aria-label={t('hits.next')} onClick={steps.next}>
              <Icon name="down" />
            </button>
          </span>
        ) : null}
      </div>
      <ThumbChoices detail={detail} own={own} go={go} />
    </footer>
  )
}

/** A conclusion within reach of the thumb: it is chosen here and reasoned in the next step. */
function ThumbChoices({ detail, own, go }: Omit<ThumbProps, 'steps'>) {
  const me = useMe()
  const moves: readonly Conclusion[] = REVIEW_MOVES[detail.alert.state]
  if (moves.length === 0 || !may(me, 'alert.decide'))
    return (
      <button type="button" className="btn primary" onClick={() => go({ step: 'act' })}>
        {t('step.goAct')}
      </button>
    )
  return (
    <div className="thumb-choices">
      {moves.toReversed().map(move => (
        <button
          key={move}
          type="button"
          className={`btn${move === 'violation' ? ' primary' : ''}`}
          onClick={() => {
            own.change({ conclusion: move })
            go({ step: 'act' })
          }}
        >
          {t(`conclude.${move}`)}
        </button>
      ))}
    </div>
  )
}
