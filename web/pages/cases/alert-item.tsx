import { Link } from '@tanstack/react-router'
import { memo } from 'react'
import type { AlertRow } from '../../../src/cases/contract.ts'
import { isFresh } from '../../api/live.ts'
import { t } from '../../i18n/index.ts'
import { Highlight } from '../../ui/highlight.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { ReasonLine } from '../archive/reason.tsx'
import { runningDeadline } from './moves.ts'

type Props = { row: AlertRow; chosen: boolean; open: (id: string) => void }

/** `保本保收益 · 私下收款`: what it is about, worst first. */
export function titleOf(row: AlertRow): string {
  return [...new Set(row.rules.map(rule => rule.name))].join(' · ')
}

/** Only the row itself and whether it is chosen matter; `open` always does the same. */
export const AlertItem = memo(
  function AlertItem({ row, chosen, open }: Props) {
    return (
      <button
        type="button"
        className={`queue-item${chosen ? ' on' : ''}${isFresh(row.id) ? ' fresh' : ''}`}
        aria-current={chosen}
        data-alert={row.id}
        onClick={() => open(row.id)}
      >
        <Lines row={row} />
      </button>
    )
  },
  (before, after) => before.row === after.row && before.chosen === after.chosen,
)

/** The same row as a way to the desk. */
export function AlertItemLink({ row }: { row: AlertRow }) {
  return (
    <Link className="queue-item" to="/alerts" search={{ id: row.id }}>
      <Lines row={row} />
    </Link>
  )
}

function Lines({ row }: { row: AlertRow }) {
  return (
    <>
      <span className="line">
        <SeverityMark of={row.severity} />
        <b className="cut">{titleOf(row)}</b>
        <span className="tiny quiet">
          <Time at={row.raisedAt} short />
        </span>
      </span>
      <span className="line small quiet">
        <span className="cut">
          {row.staff.name} → {row.counterpart.name}
        </span>
        {row.recalled ? <span className="tiny">{t('alerts.recalled')}</span> : null}
        {row.hits > 1 ? <span className="tiny">{t('alerts.hits', { n: row.hits })}</span> : null}
        <Badges row={row} />
      </span>
      <span className="excerpt small">
        {row.excerpt.source ? <span className="label">{row.excerpt.source} </span> : null}
        <Highlight text={row.excerpt.text} spans={row.excerpt.spans} />
      </span>
      {row.reason ? (
        <span className="queue-reason tiny quiet">
          <ReasonLine hit={row.reason} />
        </span>
      ) : null}
      <span className="tiny quiet">
        <RowFoot row={row} />
      </span>
    </>
  )
}

const DUE_WORD = { accept: 'due.accept', first: 'alerts.firstDecision', close: 'due.close' } as const

function RowFoot({ row }: { row: AlertRow }) {
  const due = runningDeadline(row)
  return (
    <>
      {due ? <Deadline at={due.at} prefix={t(DUE_WORD[due.word])} /> : t(`state.${row.state}`)}
      {due && row.assignee ? ` · ${row.assignee}` : ''}
      {due === null && row.decidedBy ? ` · ${row.decidedBy}` : ''}
      {due === null && row.decidedAt ? (
        <>
          {' · '}
          <Time at={row.decidedAt} />
        </>
      ) : null}
    </>
  )
}

/** What else there is to know before opening it. */
function Badges({ row }: { row: AlertRow }) {
  return (
    <>
      {row.similar > 0 ? <span className="tiny quiet">{t('desk.similar', { n: row.similar })}</span> : null}
      {row.case ? <span className="tiny quiet">{t('desk.inCase')}</span> : null}
      {row.concealed ? <span className="tiny tag">{t('desk.concealed')}</span> : null}
      {row.conflict ? <span className="tiny tag">{t('desk.avoid')}</span> : null}
    </>
  )
}
