import { useQuery } from '@tanstack/react-query'
import type { AlertDetail, ReviewMove } from '../../../src/cases/contract.ts'
import { countsQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline } from '../../ui/time.tsx'
import type { HitSteps } from '../archive/use-hit-steps.ts'
import type { AlertsAddress } from './address.ts'
import { titleOf } from './alert-item.tsx'
import { canOf, runningDeadline } from './moves.ts'
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

const DUE_WORD = { accept: 'due.accept', first: 'alerts.firstDecision', close: 'due.close' } as const

export function ThumbBar({ detail, steps, own, go }: ThumbProps) {
  const { alert } = detail
  const due = runningDeadline(alert)
  return (
    <footer className="thumb">
      <div className="thumb-line">
        <div className="cut">
          <b className="cut">{titleOf(alert)}</b>
          <span className="small quiet">
            {due ? <Deadline at={due.at} prefix={t(DUE_WORD[due.word])} /> : t(`state.${alert.state}`)}
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

/** What is done most, within reach of the thumb: it is chosen here and reasoned in the next step. */
const THUMB = ['false_positive', 'escalate', 'reopen', 'violation'] as const satisfies ReviewMove[]

function ThumbChoices({ detail, own, go }: Omit<ThumbProps, 'steps'>) {
  const can = canOf(detail)
  const moves = THUMB.filter(move => can.get(move) === null)
  if (moves.length === 0)
    return (
      <button type="button" className="btn primary" onClick={() => go({ step: 'act' })}>
        {t('step.goAct')}
      </button>
    )
  return (
    <div className="thumb-choices">
      {moves.map(move => (
        <button
          key={move}
          type="button"
          className={`btn${move === 'violation' || moves.length === 1 ? ' primary' : ''}`}
          onClick={() => {
            own.change({ move })
            go({ step: 'act' })
          }}
        >
          {move === 'escalate' || move === 'reopen' ? t(`move.${move}`) : t(`conclude.${move}`)}
        </button>
      ))}
    </div>
  )
}
