import { useQuery } from '@tanstack/react-query'
import type { ComplaintDistribution } from '../../../src/cases/complaints/contract.ts'
import { monthsQuery } from '../../api/complaints.ts'
import { figure, maybe, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'

const BY = ['kind', 'product', 'staff', 'channel'] as const
type Month = ComplaintDistribution['months'][number]

/** Month by month: what about, which product, whom, through which channel. */
export function Months() {
  const query = useQuery(monthsQuery)
  if (query.isPending) return <Skeleton rows={4} kind="card" />
  if (query.error)
    return <ErrorNote what={t('complaints.failed')} error={query.error} again={() => void query.refetch()} />
  const { months } = query.data
  if (months.length === 0)
    return (
      <section className="sheet">
        <Empty title={t('complaints.months.none')} />
      </section>
    )
  return months.map(month => (
    <section key={month.month} className="sheet">
      <div className="sheet-head">
        <h2>{month.month}</h2>
        <span className="small quiet">{t('complaints.months.n', { n: figure(month.n) })}</span>
      </div>
      <div className="complaint-months">
        {BY.map(by => (
          <Shares key={by} month={month} by={by} />
        ))}
      </div>
    </section>
  ))
}

function Shares({ month, by }: { month: Month; by: (typeof BY)[number] }) {
  return (
    <div>
      <h3 className="small quiet">{t(`complaints.${by}`)}</h3>
      <ul className="points-bars">
        {month[by].map(one => (
          <li key={one.id}>
            <span className="line small">
              <span className="cut">{maybe(`complaints.${by}.${one.id}`) ?? one.name}</span>
              <span>{figure(one.n)}</span>
            </span>
            <span className="points-bar" style={{ '--share': one.n / month.n } as React.CSSProperties} />
          </li>
        ))}
      </ul>
    </div>
  )
}
