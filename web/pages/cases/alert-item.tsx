import { memo } from 'react'
import type { AlertRow } from '../../../src/cases/contract.ts'
import { isFresh } from '../../api/live.ts'
import { t } from '../../i18n/index.ts'
import { Highlight } from '../../ui/highlight.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline, Time } from '../../ui/time.tsx'

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
        onClick={() => open(row.id)}
      >
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
        </span>
        <span className="excerpt small">
          {row.excerpt.source ? <span className="label">{row.excerpt.source} </span> : null}
          <Highlight text={row.excerpt.text} spans={row.excerpt.spans} />
        </span>
        <span className="tiny quiet">
          <RowFoot row={row} />
        </span>
      </button>
    )
  },
  (before, after) => before.row === after.row && before.chosen === after.chosen,
)

function RowFoot({ row }: { row: AlertRow }) {
  if (row.state === 'open') return <Deadline at={row.dueAt} prefix={t('alerts.firstDecision')} />
  return (
    <>
      {t(`state.${row.state}`)}
      {row.decidedBy ? ` · ${row.decidedBy}` : ''}
      {row.decidedAt ? (
        <>
          {' · '}
          <Time at={row.decidedAt} />
        </>
      ) : null}
    </>
  )
}
