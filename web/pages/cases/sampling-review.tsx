import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import type { PlanDetail, UnitRow } from '../../../src/cases/contract.ts'
import { planQuery } from '../../api/sampling.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { useKeyHelp, useKeys } from '../../ui/keys.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { useWide } from '../../ui/theme.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { ConversationView } from '../archive/conversation-page.tsx'
import { neighbour } from '../archive/hits.ts'
import type { ReviewAddress } from './sampling-address.ts'
import { UnitPane } from './sampling-unit.tsx'
import './sampling.css'

const route = getRouteApi('/shell/samples/$id/review')
type Go = (change: ReviewAddress) => void

/** The sample unit by unit: list, conversation, conclusion; on narrow screens three steps. */
export function SamplingReviewPage() {
  const { id } = route.useParams()
  const address = route.useSearch()
  const navigate = route.useNavigate()
  const wide = useWide()
  const query = useQuery(planQuery(id))
  const units = query.data?.units ?? []
  const go: Go = change => void navigate({ search: before => ({ ...before, ...change }), replace: true })
  const first = units.find(unit => unit.state !== 'clean' && unit.state !== 'finding') ?? units[0]
  const chosen = units.find(unit => unit.unit === address.unit)
  useEffect(() => {
    if (wide && address.unit === undefined && first)
      void navigate({ search: { unit: first.unit }, replace: true })
  }, [wide, address.unit, first, navigate])
  const move = (by: 1 | -1) => {
    const next = neighbour(
      units,
      units.findIndex(unit => unit.unit === address.unit),
      by,
    )
    if (next) go({ unit: next.unit })
  }
  useKeys({ j: () => move(1), k: () => move(-1) })
  const help = useKeyHelp([
    [['J', 'K'], t('keys.units')],
    [['N', 'P'], t('keys.hits')],
    [['C'], t('keys.clean')],
    [['F'], t('keys.finding')],
    [['Ctrl', '↵'], t('keys.submit')],
  ])
  if (query.isPending) return <Skeleton rows={8} />
  if (query.error)
    return (
      <div className="page">
        <ErrorNote what={t('sampling.failed')} error={query.error} again={() => void query.refetch()} />
      </div>
    )
  const concluded = () => {
    const rest = units.filter(unit => unit.unit !== address.unit && !isDone(unit))
    const after = rest.find(unit => unit.place > (chosen?.place ?? 0)) ?? rest[0]
    if (after) go({ unit: after.unit, step: wide ? undefined : 'talk' })
    else go({ step: undefined })
  }
  return (
    <div className="sampling-desk" data-step={address.step ?? 'list'}>
      <UnitList plan={query.data} chosen={chosen} go={go} />
      {chosen ? (
        <>
          <Steps unit={chosen} address={address} go={go} />
          <div className="sampling-talk" key={chosen.unit}>
            <ConversationView convId={chosen.convId} around={chosen.firstAt} msgid={chosen.msgid} />
          </div>
          <UnitPane key={`pane ${chosen.unit}`} plan={query.data} unit={chosen} concluded={concluded} />
        </>
      ) : (
        <Empty title={t('sampling.choose')} />
      )}
      {help.dialog}
    </div>
  )
}

const isDone = (unit: UnitRow): boolean => unit.state === 'clean' || unit.state === 'finding'

type ListProps = { plan: PlanDetail; chosen: UnitRow | undefined; go: Go }

function UnitList({ plan, chosen, go }: ListProps) {
  const waiting = plan.units.filter(unit => !isDone(unit)).length
  return (
    <section className="sampling-queue" aria-label={t('sampling.review.list')}>
      <header className="sampling-head">
        <Link to="/samples" search={{ id: plan.id }} className="small">
          ← {plan.title}
        </Link>
        <div className="line">
          <h1>{t('sampling.review.list')}</h1>
          <span className="small quiet">
            {waiting === 0 ? t('sampling.review.done') : t('sampling.review.waiting', { n: figure(waiting) })}
          </span>
        </div>
      </header>
      <div className="sampling-list">
        {plan.units.map(unit => (
          <QueueItem
            key={unit.unit}
            unit={unit}
            on={unit.unit === chosen?.unit}
            choose={() => go({ unit: unit.unit, step: 'talk' })}
          />
        ))}
      </div>
    </section>
  )
}

function QueueItem({ unit, on, choose }: { unit: UnitRow; on: boolean; choose: () => void }) {
  const ref = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (on) ref.current?.scrollIntoView({ block: 'nearest' })
  }, [on])
  return (
    <button
      ref={ref}
      type="button"
      className={`sampling-item${on ? ' on' : ''}`}
      aria-current={on}
      onClick={choose}
    >
      <span className="line">
        <span className={`sampling-mark ${unit.state}`} aria-hidden="true" />
        <b className="cut">{unit.staffName}</b>
        {unit.severity ? <SeverityMark of={unit.severity} /> : null}
      </span>
      <span className="small cut">{unit.title}</span>
      <span className="line small quiet">
        {exactTime(unit.firstAt).slice(0, 10)}
        <span className="grow" />
        {t(`sampling.unitState.${unit.state}`)}
      </span>
    </button>
  )
}

/** On narrow screens: back to the list, conversation or conclusion. */
function Steps({ unit, address, go }: { unit: UnitRow; address: ReviewAddress; go: Go }) {
  return (
    <div className="sampling-steps">
      <button type="button" aria-label={t('sampling.review.list')} onClick={() => go({ step: undefined })}>
        <Icon name="back" size={18} />
      </button>
      <b className="cut">{unit.staffName}</b>
      {(['talk', 'act'] as const).map(step => (
        <button
          key={step}
          type="button"
          className={address.step === step ? 'on' : ''}
          aria-pressed={address.step === step}
          onClick={() => go({ step })}
        >
          {t(step === 'talk' ? 'sampling.review.talk' : 'sampling.review.decide')}
        </button>
      ))}
    </div>
  )
}
