import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { PointsPerson, PointsView } from '../../../src/policies/contract.ts'
import { pointsQuery } from '../../api/policies.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Account } from './account.tsx'
import type { PoliciesAddress } from './address.ts'
import { LineTag } from './line-tag.tsx'
import { PointsExport } from './points-export.tsx'

/** Who has points, how the departments stand, and how one person's points add up. */
export function Points({ address }: { address: PoliciesAddress }) {
  const query = useQuery(pointsQuery)
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('points.failed')} error={query.error} again={() => void query.refetch()} />
  const view = query.data
  return (
    <>
      <p className="policy-lead">{verdict(view)}</p>
      <p className="lead-words small quiet">{t('points.rule')}</p>
      {view.people.length === 0 ? (
        <section className="sheet">
          <Empty title={t('points.none')}>{t('points.none.how')}</Empty>
        </section>
      ) : (
        <div className="policy-split">
          <div className="policy-list">
            <People view={view} address={address} />
            <div className="policy-pair">
              <Departments view={view} />
              <Trend view={view} />
            </div>
            <PointsExport />
          </div>
          <div className="policy-side">
            {address.staff ? (
              <Account key={address.staff} staff={address.staff} proposing={address.propose === '1'} />
            ) : (
              <section className="sheet">
                <Empty title={t('points.choose')} />
              </section>
            )}
          </div>
        </div>
      )}
    </>
  )
}

function verdict(view: PointsView): string {
  const [suspend, talk] = (['suspend', 'talk'] as const).map(
    line => view.people.filter(person => person.line === line).length,
  )
  if (!suspend && !talk) return t('points.lead.none')
  return t('points.lead', { suspend: suspend ?? 0, talk: talk ?? 0 })
}

function People({ view, address }: { view: PointsView; address: PoliciesAddress }) {
  return (
    <section className="sheet scroll-x">
      <div className="sheet-head">
        <h2>{t('points.people')}</h2>
        <span className="grow" />
        <span className="tag">{t('policies.line')}</span>
      </div>
      <table className="table points-table">
        <thead>
          <tr>
            <th>{t('points.person')}</th>
            <th className="n">{t('points.now')}</th>
            <th className="n">{t('points.change')}</th>
            <th>{t('points.lineName')}</th>
            <th>{t('points.worst')}</th>
            <th className="n">{t('points.count')}</th>
            <th>{t('points.tasks')}</th>
          </tr>
        </thead>
        <tbody>
          {view.people.map(person => (
            <Row key={person.staff.id} person={person} on={person.staff.id === address.staff} />
          ))}
        </tbody>
      </table>
    </section>
  )
}

function Row({ person, on }: { person: PointsPerson; on: boolean }) {
  return (
    <tr className={on ? 'on' : ''}>
      <td>
        <Link
          to="/policies"
          search={{ tab: 'points', staff: person.staff.id }}
          aria-current={on}
          className="points-who"
        >
          {person.staff.name}
        </Link>
        <span className="small quiet"> {person.staff.department ?? ''}</span>
      </td>
      <td className="n">
        <b>{figure(person.points)}</b>
      </td>
      <td className="n">
        <Change by={person.points - person.before} />
      </td>
      <td>
        <LineTag line={person.line} />
      </td>
      <td>{person.worst ? <SeverityMark of={person.worst} /> : null}</td>
      <td className="n wide-only">{figure(person.violations)}</td>
      <td>
        {person.openTasks > 0 ? figure(person.openTasks) : '–'}
        {person.overdueTasks > 0 ? (
          <span className="due late small"> {t('points.overdue', { n: person.overdueTasks })}</span>
        ) : null}
      </td>
    </tr>
  )
}

/** An arrow and a sign: which way, without colour alone. */
function Change({ by }: { by: number }) {
  if (by === 0) return <span className="quiet">–</span>
  return (
    <span className={by > 0 ? 'points-up' : 'points-down'}>
      {by > 0 ? '▲ +' : '▼ −'}
      {figure(Math.abs(by))}
    </span>
  )
}

function Departments({ view }: { view: PointsView }) {
  const most = Math.max(1, ...view.departments.map(one => one.points))
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('points.departments')}</h2>
      </div>
      <ul className="points-bars">
        {view.departments.map(one => (
          <li key={one.id}>
            <span className="line">
              <b className="cut">{one.name}</b>
              <span>{t('points.unit', { n: figure(one.points) })}</span>
            </span>
            <span className="points-bar" style={{ '--share': one.points / most } as React.CSSProperties} />
            <span className="tiny quiet">
              {t('points.perHead', { people: figure(one.people), staff: figure(one.staff) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Trend({ view }: { view: PointsView }) {
  const most = Math.max(1, ...view.trend.map(one => one.points))
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('points.trend')}</h2>
        <span className="tiny quiet cut">{t('points.trend.what')}</span>
      </div>
      <ol className="points-trend">
        {view.trend.map(({ month, points, violations }) => (
          <li
            key={month}
            title={t('points.trend.bar', { month, points: figure(points), n: figure(violations) })}
          >
            <span className="tiny">{points > 0 ? figure(points) : ''}</span>
            <i style={{ '--share': points / most } as React.CSSProperties} />
            <span className="tiny quiet">{Number(month.slice(5))}</span>
          </li>
        ))}
      </ol>
    </section>
  )
}
