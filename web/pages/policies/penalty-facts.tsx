import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { PenaltyView } from '../../../src/policies/contract.ts'
import { t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { dayOf } from '../../ui/time-words.ts'

/** All that a decision rests on, in the order in which it came about. */
export function PenaltyFacts({ view, own = false }: { view: PenaltyView; own?: boolean }) {
  return (
    <>
      <div className="sheet-head">
        <h2>{t(`penalty.kind.${view.kind}`)}</h2>
        <span className="small quiet">
          {view.number}
          {own ? '' : ` · ${view.staff.name}`}
        </span>
        <span className="grow" />
        <span className={`state-tag ${view.state}`}>{t(`penalty.state.${view.state}`)}</span>
      </div>
      <dl className="penalty-facts">
        <Fact name={t('penalty.rests')}>
          {view.violations.map(one => (
            <span key={one.id} className="line">
              <SeverityMark of={one.severity} />
              <span className="mono">{one.rules.join(' ')}</span>
              <span className="small quiet">{dayOf(one.happenedAt)}</span>
              {one.reversed ? <span className="small points-reversed">{t('penalty.groundGone')}</span> : null}
            </span>
          ))}
        </Fact>
        <Fact name={t('penalty.grounds')}>
          <p>{view.grounds}</p>
          <span className="small quiet">
            {t('penalty.proposedBy', { who: view.proposedBy })} <Time at={view.proposedAt} />
          </span>
        </Fact>
        <Fact name={t('penalty.evidence')}>
          {own ? view.evidence : <Link to="/evidence">{view.evidence}</Link>}
        </Fact>
        <Fact name={t('penalty.statements')}>
          {view.statements.length === 0 ? (
            <span className="quiet">
              {t('penalty.noStatement')} · {t('penalty.statementDue')} <Time at={view.statementDueAt} />
            </span>
          ) : (
            view.statements.map(one => (
              <blockquote key={one.at}>
                <p>{one.text}</p>
                <span className="small quiet">
                  {t(`penalty.how.${one.how}`)} · {one.by} <Time at={one.at} />
                </span>
              </blockquote>
            ))
          )}
        </Fact>
        {view.decision ? (
          <Fact name={t(view.state === 'signed' ? 'penalty.decision.signed' : 'penalty.decision.rejected')}>
            <Said {...view.decision} />
          </Fact>
        ) : null}
        {view.withdrawal ? (
          <Fact name={t('penalty.withdrawal')}>
            <Said {...view.withdrawal} />
          </Fact>
        ) : null}
      </dl>
    </>
  )
}

function Said({ by, at, reason }: { by: string; at: number; reason: string }) {
  return (
    <>
      <p>{reason}</p>
      <span className="small quiet">
        {by} <Time at={at} />
      </span>
    </>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="quiet small">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}
