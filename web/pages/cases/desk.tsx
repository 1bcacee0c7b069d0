import { useQuery } from '@tanstack/react-query'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { alertQuery, countsQuery } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeys } from '../../ui/keys.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline } from '../../ui/time.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { ConversationHead } from '../archive/conversation-head.tsx'
import { Transcript } from '../archive/transcript.tsx'
import { type HitSteps, useHitSteps } from '../archive/use-hit-steps.ts'
import { useTranscript } from '../archive/use-transcript.ts'
import type { AlertsAddress } from './address.ts'
import { titleOf } from './alert-item.tsx'
import { DecisionPane } from './decision-pane.tsx'

type Go = (change: AlertsAddress, replace?: boolean) => void
type Props = { id: string; address: AlertsAddress; go: Go; decided: () => void }

/** One alert: its conversation and its decision. */
export function Desk(props: Props) {
  const query = useQuery(alertQuery(props.id))
  if (query.data) return <Open {...props} detail={query.data} />
  return (
    <section className="desk-nothing">
      {query.error ? (
        <ErrorNote what={t('alert.failed')} error={query.error} again={() => void query.refetch()} />
      ) : (
        <Skeleton rows={7} kind="bubble" />
      )}
    </section>
  )
}

function Open({ detail, address, go, decided }: Props & { detail: AlertDetail }) {
  const me = useMe()
  const { key } = detail.alert
  const conversation = useTranscript(
    { convId: key.convId, around: key.sentAt, msgid: key.msgid },
    detail.hits,
  )
  const steps = useHitSteps(conversation.hits, key.msgid)
  useKeys({ n: steps.next, p: steps.previous })
  return (
    <>
      <StepHead detail={detail} address={address} go={go} />
      <section className="desk-talk">
        {conversation.head ? <ConversationHead head={conversation.head} steps={steps} /> : null}
        <Transcript conversation={conversation} steps={steps} msgid={key.msgid} />
        <Watermark name={me.name} />
      </section>
      <DecisionPane detail={detail} decided={decided} />
      {address.step === 'talk' ? <ThumbBar detail={detail} steps={steps} go={go} /> : null}
    </>
  )
}

/** Narrow screens only: back, who with whom, and 队列 / 对话 / 处理. */
function StepHead({ detail, address, go }: { detail: AlertDetail; address: AlertsAddress; go: Go }) {
  const waiting = useQuery(countsQuery).data?.counts.open
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
        <span className="grow" />
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

function ThumbBar({ detail, steps, go }: { detail: AlertDetail; steps: HitSteps; go: Go }) {
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
      <button type="button" className="btn primary" onClick={() => go({ step: 'act' })}>
        {t('step.goAct')}
      </button>
    </footer>
  )
}
