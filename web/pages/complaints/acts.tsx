import { Input, Select } from 'antd'
import { useState } from 'react'
import { type ComplaintCan, type ComplaintDetail, OUTCOMES } from '../../../src/cases/complaints/contract.ts'
import { SEVERITIES } from '../../../src/monitor/contract.ts'
import { post } from '../../api/client.ts'
import { complaintsChanged } from '../../api/complaints.ts'
import { t } from '../../i18n/index.ts'
import { Deed } from '../../ui/deed.tsx'

const MOVES = ['accept', 'investigate', 'take', 'close', 'reopen', 'escalate', 'withdraw'] as const
/** The step that leads on is the one that stands out. */
const FORWARD: readonly ComplaintCan[] = ['accept', 'investigate', 'take', 'close']

/** What this person may do with a complaint now; where he may not, it says why. */
export function Acts({ view }: { view: ComplaintDetail }) {
  const { can, complaint: row } = view
  const to = (path: string) => `/api/complaints/${row.id}/${path}`
  const note = t('complaints.note')
  const done = t('complaints.done')
  if (view.interest) return <p className="policy-acts small complaint-interest">{t('complaints.interest')}</p>
  if (can.length === 0) return null
  return (
    <div className="policy-acts">
      {can.includes('answer') ? <Answer view={view} /> : null}
      {MOVES.filter(act => can.includes(act)).map(act => (
        <Deed
          key={act}
          primary={FORWARD.includes(act)}
          label={t(`complaints.act.${act}`)}
          sure={t(`complaints.sure.${act}`)}
          done={done}
          reason={note}
          act={text => post(to('act'), { act, note: text })}
          settled={complaintsChanged}
        />
      ))}
      {can.includes('grade') ? (
        <Deed
          label={t('complaints.act.grade')}
          sure={t('complaints.sure.grade')}
          done={done}
          reason={note}
          act={reason => post(to('grade'), { grade: 'complex', reason })}
          settled={complaintsChanged}
        />
      ) : null}
      {can.includes('extend') ? (
        <Deed
          label={t('complaints.act.extend')}
          sure={t('complaints.sure.extend')}
          done={done}
          reason={note}
          act={reason => post(to('extension'), { reason })}
          settled={complaintsChanged}
        />
      ) : null}
      {can.includes('decide_extension')
        ? (['approved', 'refused'] as const).map(verdict => (
            <Deed
              key={verdict}
              primary={verdict === 'approved'}
              label={t(`complaints.act.extension_${verdict}`)}
              sure={t(`complaints.sure.extension_${verdict}`)}
              done={done}
              reason={note}
              act={reason => post(to('extension/decision'), { verdict, reason })}
              settled={complaintsChanged}
            />
          ))
        : null}
    </div>
  )
}

function Answer({ view }: { view: ComplaintDetail }) {
  const { complaint: row } = view
  const [outcome, setOutcome] = useState<(typeof OUTCOMES)[number]>('unfounded')
  const [severity, setSeverity] = useState<(typeof SEVERITIES)[number]>('P1')
  const [rules, setRules] = useState('')
  const blames = row.staff !== null && outcome !== 'unfounded'
  return (
    <Deed
      primary
      label={t('complaints.act.answer')}
      sure={t('complaints.answer.counts')}
      done={t('complaints.answered')}
      reason={t('complaints.answer.text')}
      act={text =>
        post(`/api/complaints/${row.id}/answer`, {
          ...{ text, outcome, severity: blames ? severity : null },
          rules: rules.split(/[\s,，、]+/).filter(rule => rule !== ''),
        })
      }
      settled={complaintsChanged}
    >
      <Select
        value={outcome}
        aria-label={t('complaints.outcome')}
        options={OUTCOMES.map(value => ({ value, label: t(`complaints.outcome.${value}`) }))}
        onChange={setOutcome}
      />
      {blames ? (
        <>
          <Select
            value={severity}
            aria-label={t('complaints.answer.severity')}
            options={SEVERITIES.map(value => ({ value, label: `${value} ${t(`severity.${value}`)}` }))}
            onChange={setSeverity}
          />
          <Input
            value={rules}
            placeholder={t('complaints.answer.rules')}
            aria-label={t('complaints.answer.rules')}
            onChange={event => setRules(event.target.value)}
          />
        </>
      ) : null}
    </Deed>
  )
}
