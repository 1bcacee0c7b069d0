import type { ComplaintRow } from '../../../src/cases/complaints/contract.ts'
import { t } from '../../i18n/index.ts'
import { Glyph } from '../../ui/severity.tsx'
import { Deadline } from '../../ui/time.tsx'

/** How far the clock has run, in days, and when it ends; an answer has stopped it. */
export function Clock({ row }: { row: ComplaintRow }) {
  const share = Math.min(1, Math.max(0, row.day / row.days))
  const running = row.answeredAt === null && row.endedAt === null
  return (
    <span className="complaint-clock">
      <span
        className={`complaint-bar${row.overdue ? ' late' : ''}`}
        style={{ '--share': share } as React.CSSProperties}
      />
      <span className="line small">
        {row.overdue ? <Glyph of="P1" /> : null}
        <span className={row.overdue ? 'due late' : ''}>
          {t(running ? 'complaints.day' : 'complaints.stopped', { day: row.day, days: row.days })}
        </span>
        <span className="grow" />
        {running ? <Deadline at={row.dueAt} prefix={t('complaints.due')} /> : null}
      </span>
    </span>
  )
}
