import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { PlanDetail, UnitRow } from '../../../src/cases/contract.ts'
import { planQuery } from '../../api/sampling.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { exactTime } from '../../ui/time-words.ts'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { InspectionPane } from './inspection-pane.tsx'
import { SAMPLE_TABS, type SamplesAddress, type SampleTab } from './sampling-address.ts'
import { ProofCard } from './sampling-proof.tsx'
import { periodWords, rateName, rateWords, ruleWords } from './sampling-words.ts'

type Props = { id: string; tab: SampleTab; go: (to: SamplesAddress) => void }

/** One plan: where its inspection stands, and its sample, findings or proof. */
export function PlanPane({ id, tab, go }: Props) {
  const me = useMe()
  const query = useQuery(planQuery(id))
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('sampling.failed')} error={query.error} again={() => void query.refetch()} />
  const plan = query.data
  return (
    <section className="sampling-one">
      <Head plan={plan} />
      <div className="sampling-tabs" role="tablist">
        {SAMPLE_TABS.map(name => (
          <button
            key={name}
            type="button"
            role="tab"
            aria-selected={tab === name}
            className={tab === name ? 'on' : ''}
            onClick={() => go({ id, tab: name })}
          >
            {t(`sampling.tab.${name}`)}
            {name === 'inspection' && plan.findings > 0 ? ` ${plan.findings}` : ''}
          </button>
        ))}
      </div>
      {tab === 'sample' ? <SampleTabPane plan={plan} /> : null}
      {tab === 'inspection' ? <InspectionPane id={id} /> : null}
      {tab === 'proof' ? <ProofCard plan={plan} /> : null}
      <Watermark name={me.name} />
    </section>
  )
}

const FLOW = ['planned', 'sampled', 'checking', 'findings', 'rectifying', 'rechecking'] as const

function Head({ plan }: { plan: PlanDetail }) {
  const found = (FLOW as readonly string[]).indexOf(plan.state)
  const at = found === -1 ? FLOW.length : found
  const waiting = plan.units.length - plan.done
  const mayReview = may(useMe(), 'sample.review')
  const going = plan.state === 'sampled' || plan.state === 'checking'
  return (
    <header className="sampling-verdict">
      <div className="grow">
        <h1>{plan.title}</h1>
        <p className="small quiet">
          {plan.number} · {maybe(`inspection.say.${plan.state}`)?.replace('{n}', figure(waiting))}
        </p>
      </div>
      <ol className="sampling-flow">
        {FLOW.map((step, i) => (
          <li
            key={step}
            className={i < at ? 'done' : i === at ? 'now' : ''}
            aria-current={i === at ? 'step' : undefined}
          >
            <span className="sampling-dot">{i < at ? '✓' : i + 1}</span>
            {t(`inspection.state.${step}`)}
          </li>
        ))}
      </ol>
      {plan.units.length > 0 ? <Reports id={plan.id} /> : null}
      {plan.units.length > 0 ? (
        <Link
          to="/samples/$id/review"
          params={{ id: plan.id }}
          className={`btn${going && mayReview ? ' primary' : ''}`}
        >
          {t(
            going && mayReview
              ? plan.done > 0
                ? 'sampling.review.go'
                : 'sampling.review.start'
              : 'sampling.review.look',
          )}
        </Link>
      ) : null}
    </header>
  )
}

/** The report of the inspection as it stands. */
function Reports({ id }: { id: string }) {
  return (
    <span className="line">
      {(['pdf', 'xlsx'] as const).map(format => (
        <a
          key={format}
          className="btn"
          download
          href={`/api/samples/${encodeURIComponent(id)}/report?format=${format}`}
        >
          {t(`sampling.report.${format}`)}
        </a>
      ))}
    </span>
  )
}

function SampleTabPane({ plan }: { plan: PlanDetail }) {
  return (
    <div className="sampling-cards">
      <section className="sheet">
        <Facts plan={plan} />
      </section>
      <section className="sheet">
        <div className="sheet-head">
          <h2>{t('sampling.tab.sample')}</h2>
          <span className="small quiet">
            {plan.drawn === null
              ? t('sampling.waitingDraw')
              : t('sampling.progress', { done: figure(plan.done), all: figure(plan.drawn) })}
          </span>
        </div>
        <ul className="sampling-units">
          {plan.units.map(unit => (
            <Unit key={unit.unit} plan={plan.id} unit={unit} />
          ))}
        </ul>
      </section>
    </div>
  )
}

function Facts({ plan }: { plan: PlanDetail }) {
  const scope = [
    plan.departments.length === 0 ? t('sampling.form.allDepartments') : plan.departments.join('、'),
    plan.channels.map(channel => t(`sampling.channel.${channel}`)).join('、'),
    plan.directions.map(direction => t(`sampling.direction.${direction}`)).join('、'),
    ...(plan.line === 'below' ? [t('sampling.line.below')] : []),
  ]
  return (
    <dl className="sampling-facts">
      <dt>{t('sampling.fact.period')}</dt>
      <dd>{periodWords(plan)}</dd>
      <dt>{t('sampling.fact.scope')}</dt>
      <dd>{scope.join(' · ')}</dd>
      <dt>{t('sampling.form.method')}</dt>
      <dd>
        {t(`sampling.method.${plan.method}`)} · {t(`sampling.unit.${plan.unit}`)}
      </dd>
      <dt>{t('sampling.fact.roster')}</dt>
      <dd>{t('sampling.fact.rosterN', { n: figure(plan.roster), flags: figure(plan.flags) })}</dd>
      <dt>{t('sampling.fact.drawn')}</dt>
      <dd>
        {plan.drawn === null ? '—' : `${figure(plan.drawn)} / ${figure(plan.population ?? 0)}`}
        {plan.strata.map(({ rule, drawn }) => (
          <span key={rule} className="tag">
            {ruleWords(rule)} {figure(drawn)}
          </span>
        ))}
      </dd>
      <dt>{rateName(plan)}</dt>
      <dd>{rateWords(plan.estimate)}</dd>
      <dt>{t('sampling.fact.by')}</dt>
      <dd>
        {plan.registeredBy} <Time at={plan.registeredAt} />
      </dd>
    </dl>
  )
}

function Unit({ plan, unit }: { plan: string; unit: UnitRow }) {
  return (
    <li>
      <Link
        to="/samples/$id/review"
        params={{ id: plan }}
        search={{ unit: unit.unit }}
        className="sampling-unit"
      >
        <span className={`sampling-mark ${unit.state}`} title={t(`sampling.unitState.${unit.state}`)} />
        <span className="cut">
          {unit.staffName} <span className="quiet">{unit.department}</span> · {unit.title}
        </span>
        {unit.severity ? <SeverityMark of={unit.severity} /> : null}
        <span className="small quiet">{exactTime(unit.firstAt).slice(0, 16)}</span>
        <span className="small sampling-unit-state">{t(`sampling.unitState.${unit.state}`)}</span>
      </Link>
    </li>
  )
}
