import type { ReactNode } from 'react'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'
import { Time } from '../../ui/time.tsx'
import { BasisList } from '../monitor/basis-list.tsx'

/** What a decision rests on. */
export function Grounds({ detail }: { detail: AlertDetail }) {
  const { rules, history, decisions } = detail
  const clauses = [
    ...new Map(rules.flatMap(rule => (rule.clause ? [[rule.clause.ref, rule.clause]] : []))).values(),
  ]
  return (
    <div className="grounds">
      <Ground name={t('ground.rules')}>
        {rules.map(rule => (
          <div key={rule.id} className="ground-rule" title={rule.why}>
            <Glyph of={rule.severity} />
            <span>
              {rule.name} <span className="small quiet">{rule.id}</span>
            </span>
          </div>
        ))}
      </Ground>
      {clauses.length > 0 ? (
        <Ground name={t('ground.clause')}>
          {clauses.map(clause => (
            <div key={clause.ref}>
              {clause.ref} {clause.title}
              <blockquote>{clause.text}</blockquote>
            </div>
          ))}
        </Ground>
      ) : null}
      <Ground name={t('ground.basis')}>
        <BasisList rules={rules} />
      </Ground>
      <Ground name={t('ground.person')}>
        {t('ground.history', { n: history.last30Days, same: history.sameRule, confirmed: history.confirmed })}
      </Ground>
      {decisions.length > 0 ? (
        <Ground name={t('ground.record')}>
          {decisions.map(decision => (
            <div key={decision.id} className="record-line">
              <span>
                {decision.by} · {t(`conclude.${decision.conclusion}`)}
              </span>
              <span className="record-time small quiet">
                <Time at={decision.at} />
              </span>
              <div className="small quiet">{decision.note}</div>
            </div>
          ))}
        </Ground>
      ) : null}
    </div>
  )
}

function Ground({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="ground">
      <span className="quiet">{name}</span>
      <div>{children}</div>
    </div>
  )
}
