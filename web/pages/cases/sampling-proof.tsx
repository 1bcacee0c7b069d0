import type { PlanDetail } from '../../../src/cases/contract.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty } from '../../ui/notes.tsx'

/** What fixes the draw, and how anyone draws it again. */
export function ProofCard({ plan }: { plan: PlanDetail }) {
  const { draw } = plan
  if (draw === null) return <Empty title={t('sampling.waitingDraw')} />
  const file = `/api/samples/${encodeURIComponent(plan.id)}/file`
  return (
    <div className="sampling-cards">
      <section className="sheet">
        <dl className="sampling-facts hashes">
          <dt>{t('sampling.proof.plan')}</dt>
          <dd className="mono">{plan.planHash}</dd>
          <dt>{t('sampling.proof.checkpoint')}</dt>
          <dd>
            {t('sampling.proof.leaves', { n: figure(draw.size) })}
            <pre className="mono">{draw.note}</pre>
          </dd>
          <dt>{t('sampling.proof.seed')}</dt>
          <dd>
            <span className="mono">{draw.seed}</span>
            <p className="small quiet">{t('sampling.proof.seedHow')}</p>
          </dd>
          <dt>{t('sampling.proof.population')}</dt>
          <dd className="mono">{draw.populationSha256}</dd>
          <dt>{t('sampling.proof.drawn')}</dt>
          <dd className="mono">{draw.drawnSha256}</dd>
        </dl>
      </section>
      <section className="sheet sampling-act">
        <h2>{t('sampling.proof.how')}</h2>
        <p className="small quiet">{t('sampling.proof.howText')}</p>
        <pre className="mono">tongjian sample redraw {plan.number}.sample.jsonl</pre>
        <pre className="mono">tongjian sample redraw --plan {plan.number}</pre>
        {plan.repeated > 0 ? <p className="sampling-warn">{t('sampling.proof.repeated')}</p> : null}
        <div className="sampling-buttons">
          <a className="btn" href={file} download>
            {t('sampling.proof.download')}
          </a>
        </div>
      </section>
    </div>
  )
}
