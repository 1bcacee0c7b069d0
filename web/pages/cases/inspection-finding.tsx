import { Link } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { FindingView, InspectionState } from '../../../src/cases/contract.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { useAct } from './inspection-pane.tsx'

type Props = { finding: FindingView; inspection: InspectionState }

/** One finding: what was found, by whom, and each step since. */
export function FindingCard({ finding, inspection }: Props) {
  const { convId, happenedAt } = finding
  return (
    <section className="sheet sampling-finding">
      <div className="line">
        <SeverityMark of={finding.severity} word />
        <b className="cut">{finding.ruleName}</b>
        <span className={`sampling-tag ${finding.state}`}>{t(`finding.state.${finding.state}`)}</span>
      </div>
      <p className="small quiet">
        {finding.number} · {finding.rule} · {finding.staffName} {finding.department} ·{' '}
        <Time at={happenedAt} /> ·{' '}
        <Link to="/conversations/$convId" params={{ convId }} search={{ around: happenedAt }}>
          {t('finding.open')}
        </Link>
      </p>
      <Step name={t('finding.found')} words={finding.note} by={finding.foundBy} at={finding.foundAt} />
      <Step
        name={t('finding.decision')}
        words={finding.decision}
        by={finding.decidedBy}
        at={finding.decidedAt}
      />
      {finding.dueAt !== null && finding.state !== 'closed' ? (
        <p className="small">
          <span className="quiet">{t('finding.due')} </span>
          <Deadline at={finding.dueAt} />
        </p>
      ) : null}
      <Step
        name={t('finding.rectified')}
        words={finding.rectified}
        by={finding.rectifiedBy}
        at={finding.rectifiedAt}
      />
      <Step
        name={t('finding.checked')}
        words={finding.checked}
        by={finding.checkedBy}
        at={finding.checkedAt}
      />
      <Acts finding={finding} inspection={inspection} />
    </section>
  )
}

type StepProps = { name: string; words: string | null; by: string | null; at: number | null }

function Step({ name, words, by, at }: StepProps) {
  if (by === null || at === null) return null
  return (
    <div className="sampling-step">
      <span className="small quiet">{name}</span>
      <div>
        <p>{words}</p>
        <p className="tiny quiet">
          {by} · <Time at={at} />
        </p>
      </div>
    </div>
  )
}

function Acts({ finding, inspection }: Props) {
  const me = useMe()
  const mayPlan = may(me, 'sample.plan')
  if (finding.state === 'reported' && inspection === 'findings' && mayPlan)
    return finding.foundBy === me.username ? (
      <p className="small quiet">{t('finding.own')}</p>
    ) : (
      <Act
        path={`/api/findings/${finding.id}/decision`}
        choices={[
          ['confirmed', t('finding.confirm')],
          ['dismissed', t('finding.dismiss')],
        ]}
      />
    )
  if (finding.state === 'rectifying' && may(me, 'sample.review'))
    return <Act path={`/api/findings/${finding.id}/rectified`} choices={[[null, t('finding.submit')]]} />
  if (finding.state === 'submitted' && inspection === 'rechecking' && mayPlan)
    return finding.rectifiedBy === me.username ? (
      <p className="small quiet">{t('finding.ownRectified')}</p>
    ) : (
      <Act
        path={`/api/findings/${finding.id}/check`}
        choices={[
          ['closed', t('finding.pass')],
          ['rectifying', t('finding.return')],
        ]}
      />
    )
  return null
}

const SHORTEST = 2

/** Words first, then one of the verdicts. */
function Act({ path, choices }: { path: string; choices: [verdict: string | null, label: string][] }) {
  const [note, setNote] = useState('')
  const acting = useAct(path)
  const ready = note.trim().length >= SHORTEST
  return (
    <div className="sampling-do">
      <Input.TextArea
        value={note}
        maxLength={2000}
        autoSize={{ minRows: 2, maxRows: 6 }}
        placeholder={t('finding.words')}
        aria-label={t('finding.words')}
        onChange={event => setNote(event.target.value)}
      />
      {acting.error ? <ErrorNote what={t('inspection.notMoved')} error={acting.error} /> : null}
      <div className="sampling-buttons">
        {choices.map(([verdict, label], i) => (
          <Button
            key={label}
            type={i === 0 ? 'primary' : 'default'}
            disabled={!ready || acting.isPending}
            onClick={() => acting.mutate({ note: note.trim(), ...(verdict === null ? {} : { verdict }) })}
          >
            {label}
          </Button>
        ))}
      </div>
    </div>
  )
}
