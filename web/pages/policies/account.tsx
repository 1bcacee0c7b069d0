import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { PointEntry, PointsAccount } from '../../../src/policies/contract.ts'
import { accountQuery } from '../../api/policies.ts'
import { figure, t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { SeverityMark } from '../../ui/severity.tsx'
import { Deadline } from '../../ui/time.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { LineTag } from './line-tag.tsx'
import { ProposeForm } from './propose-form.tsx'

/** One person's points as a sum whose every line can be checked by hand. */
export function Account({ staff, proposing }: { staff: string; proposing: boolean }) {
  const me = useMe()
  const query = useQuery(accountQuery(staff))
  if (query.isPending) return <Skeleton rows={4} kind="card" />
  if (query.error)
    return <ErrorNote what={t('points.failed')} error={query.error} again={() => void query.refetch()} />
  const account = query.data
  const grave = account.line !== null || account.entries.some(one => one.severity === 'P0' && one.counts > 0)
  return (
    <>
      <Link to="/policies" search={{ tab: 'points' }} className="btn small policy-back">
        <Icon name="back" size={14} />
        {t('points.back')}
      </Link>
      <section className="sheet">
        <div className="sheet-head">
          <h2>{account.staff.name}</h2>
          <span className="small quiet">{account.staff.department ?? ''}</span>
          <span className="grow" />
          <LineTag line={account.line} />
        </div>
        <Entries account={account} />
      </section>
      {account.tasks.length > 0 ? <Tasks account={account} /> : null}
      {account.penalties.length > 0 ? <Decisions account={account} /> : null}
      {may(me, 'penalty.propose') && grave ? <ProposeForm account={account} open={proposing} /> : null}
    </>
  )
}

export function Entries({ account }: { account: Pick<PointsAccount, 'entries' | 'total' | 'line'> }) {
  if (account.entries.length === 0) return <Empty title={t('points.noEntries')} />
  return (
    <ul className="points-lines" aria-label={t('points.entries')}>
      {account.entries.map(entry => (
        <Line key={entry.id} entry={entry} />
      ))}
      <li className="points-total">
        <span>{t('points.sum')}</span>
        <b>{t('points.unit', { n: figure(account.total) })}</b>
      </li>
    </ul>
  )
}

const percent = (share: number): string => `${share * 100}%`

function Line({ entry }: { entry: PointEntry }) {
  const { reversed } = entry
  return (
    <li className={reversed || entry.counts === 0 ? 'off' : ''}>
      <span className="line">
        <SeverityMark of={entry.severity} />
        <span className="mono cut">{entry.rules.join(' ')}</span>
        <span className="points-sum">
          {t('points.arithmetic', {
            points: figure(entry.points),
            share: percent(entry.share),
            counts: figure(entry.counts),
          })}
        </span>
      </span>
      <span className="small quiet">
        {dayOf(entry.happenedAt)} · {t('points.age', { n: figure(entry.ageDays) })} ·{' '}
        {t(`points.source.${entry.source.kind}`)} · {t('points.confirmedBy', { by: entry.confirmedBy })}
        {entry.nextDrop ? ` · ${t('points.nextDrop', { day: entry.nextDrop })}` : ''}
        {!reversed && entry.points > 0 && entry.share === 0 ? ` · ${t('points.over')}` : ''}
      </span>
      {reversed ? (
        <span className="small points-reversed">
          {t('points.reversed', { by: reversed.by, reason: reversed.reason })}
        </span>
      ) : null}
    </li>
  )
}

function Tasks({ account }: { account: PointsAccount }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('points.ownTasks')}</h2>
      </div>
      <ul className="points-lines">
        {account.tasks.map(task => (
          <li key={task.id}>
            <span className="line">
              <span className="cut">{task.course}</span>
              {task.state === 'assigned' ? (
                <Deadline at={task.dueAt} />
              ) : (
                <span className="tag">{t(`training.state.${task.state}`)}</span>
              )}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Decisions({ account }: { account: PointsAccount }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('points.ownPenalties')}</h2>
      </div>
      <ul className="points-lines">
        {account.penalties.map(one => (
          <li key={one.id}>
            <Link to="/policies" search={{ tab: 'penalties', id: one.id }} className="line">
              <b>{one.number}</b>
              <span className="cut">{t(`penalty.kind.${one.kind}`)}</span>
              <span className="tag">{t(`penalty.state.${one.state}`)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
