import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { useMemo } from 'react'
import type { AlertDetail } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'
import { useNow } from '../../ui/time.tsx'
import { fullTime } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { BasisList } from '../monitor/basis-list.tsx'
import { BehaviourGrounds } from '../monitor/behaviour-grounds.tsx'
import { CaseLink } from './case-link.tsx'
import { MoveLines } from './record.tsx'

/** What a decision rests on, and what it leads to. */
export function Grounds({ detail }: { detail: AlertDetail }) {
  const { rules, history, moves, alert, behaviour } = detail
  const clauses = useMemo(
    () => [...new Map(rules.flatMap(rule => (rule.clause ? [[rule.clause.ref, rule.clause]] : []))).values()],
    [rules],
  )
  const versionOf = (rule: string) => detail.hits.find(hit => hit.rule === rule)?.version
  return (
    <section className="grounds" aria-label={t('ground.rules')} tabIndex={-1}>
      {behaviour ? (
        <Ground name={t('behaviour.ground')}>
          <BehaviourGrounds found={behaviour} />
        </Ground>
      ) : null}
      <Ground name={t('ground.rules')}>
        {rules.map(rule => (
          <div key={rule.id} className="ground-rule" title={rule.why}>
            <Glyph of={rule.severity} />
            <span>
              {rule.name}{' '}
              <span className="small quiet">
                {rule.id} · {t('ground.ruleVersion', { n: versionOf(rule.id) ?? rule.version })}
              </span>
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
      {alert.state === 'false_positive' ? null : <Follows foreseen={detail.foreseen} />}
      <CaseGround detail={detail} />
      {moves.length > 0 ? (
        <Ground name={t('ground.record')}>
          <MoveLines moves={moves} />
        </Ground>
      ) : null}
    </section>
  )
}

/** Points and training before the click: the officer sees what the word 违规 weighs. */
function Follows({ foreseen }: { foreseen: AlertDetail['foreseen'] }) {
  const now = useNow()
  return (
    <Ground name={t('ground.follows')}>
      <div title={t('ground.pointsWhy')}>
        {foreseen.points === 0 ? t('ground.noPoints') : t('ground.points', { n: foreseen.points })}
      </div>
      {foreseen.courses.map(({ course, dueAt }) => (
        <div key={course}>{t('ground.course', { course, day: fullTime(dueAt, now) })}</div>
      ))}
      {foreseen.penalty ? <div>{t('ground.penalty')}</div> : null}
    </Ground>
  )
}

function CaseGround({ detail }: { detail: AlertDetail }) {
  const me = useMe()
  const { id, key } = detail.alert
  return (
    <>
      <Ground name={t('ground.case')}>
        <CaseLink detail={detail} />
      </Ground>
      {may(me, 'complaint.handle') ? (
        <Ground name={t('ground.complaint')}>
          <Link
            to="/complaints"
            search={{ new: '1', alert: id, msg: `${key.convId}.${key.sentAt}.${key.msgid}` }}
            title={t('ground.complaintWhy')}
          >
            {t('ground.registerComplaint')}
          </Link>
        </Ground>
      ) : null}
    </>
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
