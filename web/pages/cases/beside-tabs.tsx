import { useQuery } from '@tanstack/react-query'
import type { AlertRow, PersonView } from '../../../src/cases/contract.ts'
import { personQuery, similarQuery } from '../../api/queries.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import type { Hit } from '../archive/hits.ts'
import { Why } from '../archive/why.tsx'
import { AlertItem } from './alert-item.tsx'

type Open = (id: string) => void

/** 命中与理由: each hit of the message with all that speaks for it; choosing one shows it where it stands. */
export function HitsTab({ hits, choose }: { hits: Hit[]; choose: (id: string) => void }) {
  return (
    <div className="desk-sheet">
      {hits.map(hit => (
        <Why key={hit.id} hits={[hit]} current={null} sought choose={choose} />
      ))}
    </div>
  )
}

/** 此人近况: thirty days, by rule and by day, every mark a way to its alerts. */
export function PersonTab({ id, open }: { id: string; open: Open }) {
  const query = useQuery(personQuery(id))
  if (query.error)
    return <ErrorNote what={t('person.failed')} error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Skeleton rows={6} />
  const { byRule, byDay, recent } = query.data
  const most = Math.max(1, ...byRule.map(rule => rule.n))
  return (
    <div className="desk-sheet">
      <h3>{t('person.byDay')}</h3>
      <Days days={byDay} />
      <h3>{t('person.byRule')}</h3>
      <div className="ranks">
        {byRule.map(rule => (
          <div key={rule.id} className="rank">
            <span className="cut">
              {rule.name} <span className="small quiet">{rule.id}</span>
            </span>
            <span className="rank-bar">
              <i style={{ width: `${(100 * rule.n) / most}%` }} />
            </span>
            <span className="figure">{figure(rule.n)}</span>
            <span className="small quiet">
              {rule.confirmed > 0 ? t('person.confirmed', { n: rule.confirmed }) : ''}
            </span>
          </div>
        ))}
      </div>
      <h3>{t('person.recent')}</h3>
      <Rows rows={recent} id={id} open={open} />
    </div>
  )
}

function Days({ days }: { days: PersonView['byDay'] }) {
  const most = Math.max(1, ...days.map(day => day.n))
  return (
    <div
      className="days"
      role="img"
      aria-label={days
        .filter(day => day.n > 0)
        .map(day => t('person.day', { day: day.day.slice(5), n: day.n }))
        .join(' ')}
    >
      {days.map(day => (
        <i
          key={day.day}
          title={t('person.day', { day: day.day, n: day.n })}
          style={{ height: `${day.n === 0 ? 2 : Math.max(12, (100 * day.n) / most)}%` }}
          className={day.n === 0 ? 'none' : ''}
        />
      ))}
    </div>
  )
}

/** 相似: what one conclusion may settle together, and how the same was decided elsewhere. */
export function SimilarTab({ id, open }: { id: string; open: Open }) {
  const query = useQuery(similarQuery(id))
  if (query.error)
    return <ErrorNote what={t('similar.failed')} error={query.error} again={() => void query.refetch()} />
  if (!query.data) return <Skeleton rows={6} />
  const { near, alike } = query.data
  return (
    <div className="desk-sheet">
      <h3>{t('similar.near')}</h3>
      {near.length === 0 ? <Empty title={t('similar.nearNone')} /> : <Rows rows={near} id={id} open={open} />}
      <h3>{t('similar.alike')}</h3>
      {alike.length === 0 ? (
        <Empty title={t('similar.alikeNone')} />
      ) : (
        <Rows rows={alike} id={id} open={open} />
      )}
    </div>
  )
}

function Rows({ rows, id, open }: { rows: AlertRow[]; id: string; open: Open }) {
  return (
    <div className="desk-rows">
      {rows.map(row => (
        <AlertItem key={row.id} row={row} chosen={row.id === id} open={open} />
      ))}
    </div>
  )
}
