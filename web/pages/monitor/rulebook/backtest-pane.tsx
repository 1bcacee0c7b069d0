import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Select } from 'antd'
import { useState } from 'react'
import {
  type BacktestSummary,
  type BacktestView,
  type DraftView,
  MOST_GROWTH,
} from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { examplesQuery, rulebookChanged } from '../../../api/rulebook.ts'
import { figure, t } from '../../../i18n/index.ts'
import { Highlight } from '../../../ui/highlight.tsx'
import { ErrorNote, Skeleton } from '../../../ui/notes.tsx'
import { SeverityMark } from '../../../ui/severity.tsx'
import { Time, useNow } from '../../../ui/time.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { isEditable } from './address.ts'
import { Bars } from './bars.tsx'

const DAYS = [30, 90, 365] as const

/** What the draft would have raised on stored history. */
export function BacktestPane({ draft }: { draft: DraftView }) {
  const { backtest } = draft
  const mayRun = may(useMe(), 'rule.draft') && isEditable(draft)
  const busy = backtest?.state === 'waiting' || backtest?.state === 'running'
  return (
    <section className="sheet rb-form">
      <p className="small quiet">{t('rulebook.bt.lead')}</p>
      {mayRun && !busy ? <Ask draft={draft} /> : null}
      {backtest ? <Shown backtest={backtest} mayRun={mayRun} /> : null}
    </section>
  )
}

function Ask({ draft }: { draft: DraftView }) {
  const [days, setDays] = useState<30 | 90 | 365 | null>(30)
  const asking = useMutation({
    mutationFn: () => post<{ id: string }>(`/api/rulebook/drafts/${draft.id}/backtest`, { days }),
    onSuccess: rulebookChanged,
  })
  const tested = draft.state !== 'draft'
  return (
    <>
      <div className="line rb-wrap">
        <span className="quiet">{t('rulebook.bt.range')}</span>
        <Select
          value={days}
          aria-label={t('rulebook.bt.range')}
          onChange={setDays}
          options={[
            ...DAYS.map(value => ({ value, label: t('rulebook.bt.days', { n: value }) })),
            { value: null, label: t('rulebook.bt.all') },
          ]}
        />
        <Button
          type={draft.backtest?.state === 'done' ? 'default' : 'primary'}
          disabled={!tested}
          loading={asking.isPending}
          onClick={() => asking.mutate()}
        >
          {t(draft.backtest ? 'rulebook.bt.again' : 'rulebook.bt.go')}
        </Button>
        {tested ? null : <span className="small lacks">{t('rulebook.bt.first')}</span>}
      </div>
      {asking.error ? <ErrorNote what={t('rulebook.bt.failed')} error={asking.error} /> : null}
    </>
  )
}

function Shown({ backtest, mayRun }: { backtest: BacktestView; mayRun: boolean }) {
  const { state, problem, summary } = backtest
  const words = problem === 'stale' || problem === 'thread' ? t(`rulebook.bt.problem.${problem}`) : problem
  return (
    <>
      {state === 'done' ? null : (
        <p className="rb-verdict" role="status">
          {t(`rulebook.bt.state.${state}`)}
          {words ? `：${words}` : ''}
        </p>
      )}
      {state === 'running' || state === 'waiting' ? <Progress backtest={backtest} mayRun={mayRun} /> : null}
      {backtest.stale && state === 'done' ? <p className="rb-note">{t('rulebook.bt.stale')}</p> : null}
      {summary && state === 'done' ? <Summary backtest={backtest} summary={summary} /> : null}
    </>
  )
}

function Progress({ backtest, mayRun }: { backtest: BacktestView; mayRun: boolean }) {
  const stopping = useMutation({
    mutationFn: () => post<void>(`/api/rulebook/backtests/${backtest.id}/cancel`, {}),
    onSuccess: rulebookChanged,
  })
  const now = useNow(true)
  const { done, chunks, startedAt, messages } = backtest
  const share = chunks === 0 ? 0 : done / chunks
  const left =
    startedAt && share > 0.02 ? Math.max(1, Math.round(((now - startedAt) / 1000) * (1 / share - 1))) : null
  return (
    <div className="rb-progress">
      <progress value={share} max={1} aria-label={t('rulebook.bt.state.running')} />
      <span className="small quiet">
        {t('rulebook.bt.progress', { done: figure(done), of: figure(chunks), n: figure(messages) })}
        {left === null ? '' : ` · ${t('rulebook.bt.left', { n: left })}`}
      </span>
      {mayRun ? (
        <Button size="small" loading={stopping.isPending} onClick={() => stopping.mutate()}>
          {t('rulebook.bt.cancel')}
        </Button>
      ) : null}
    </div>
  )
}

const one = (value: number): string => (value >= 100 ? figure(Math.round(value)) : value.toFixed(1))
export const percent = (value: number): string => `${value > 0 ? '+' : ''}${(value * 100).toFixed(0)}%`

function Summary({ backtest, summary }: { backtest: BacktestView; summary: BacktestSummary }) {
  const { after, before, fresh, gone, growth, hitsAfter, days } = summary
  const more = fresh - gone
  const words =
    more > 0
      ? t('rulebook.bt.verdict.up', {
          n: figure(more),
          day: one(more / days),
          hours: one(((more / days) * summary.minutes) / 60),
        })
      : more < 0
        ? t('rulebook.bt.verdict.down', { n: figure(-more), day: one(-more / days) })
        : t('rulebook.bt.verdict.same')
  const much = growth === null ? hitsAfter > 0 : Math.abs(growth) > MOST_GROWTH
  return (
    <>
      <p className="rb-verdict">{words}</p>
      <p className="small quiet">
        {t('rulebook.bt.fixed', {
          n: figure(backtest.messages),
          size: figure(backtest.size),
          days: backtest.days === null ? t('rulebook.bt.all') : t('rulebook.bt.days', { n: backtest.days }),
        })}{' '}
        · <Time at={backtest.fixedAt} />
      </p>
      <dl className="rb-figures">
        <Figure name={t('rulebook.bt.after')} value={figure(after)} />
        <Figure name={t('rulebook.bt.before')} value={figure(before)} />
        <Figure name={t('rulebook.bt.fresh')} value={`+${figure(fresh)}`} />
        <Figure name={t('rulebook.bt.gone')} value={gone === 0 ? '0' : `−${figure(gone)}`} />
        <Figure name={t('rulebook.bt.perDay')} value={one(summary.perDay)} />
        <Figure
          name={t('rulebook.bt.hours')}
          value={t('rulebook.bt.hoursUnit', { n: one(summary.hoursPerDay) })}
        />
        <Figure
          name={t('rulebook.bt.growth')}
          value={growth === null ? (hitsAfter > 0 ? t('rulebook.bt.growthNew') : '0%') : percent(growth)}
          warn={much}
        />
      </dl>
      {much ? <p className="small rb-warn">▲ {t('rulebook.bt.growthLine')}</p> : null}
      <p className="small quiet">
        {t(`rulebook.bt.minutes.${summary.minutesFrom}`, { n: one(summary.minutes) })}
      </p>
      <p className="small quiet">
        {t('rulebook.bt.decided')}：
        {t('rulebook.bt.decidedN', { confirmed: summary.confirmed, refuted: summary.refuted })}
      </p>
      <div className="rb-charts">
        <Bars
          name={t('rulebook.bt.departments')}
          rows={summary.departments.map(({ id, name, n }) => ({
            name: name || (id === 0 ? t('rulebook.bt.noDepartment') : String(id)),
            n,
          }))}
        />
        <Bars
          name={t('rulebook.bt.byDay')}
          rows={summary.byDay.slice(-30).map(({ day, n }) => ({ name: day.slice(5), n }))}
        />
      </div>
      <Examples id={backtest.id} />
    </>
  )
}

function Figure({ name, value, warn = false }: { name: string; value: string; warn?: boolean }) {
  return (
    <div className={warn ? 'warn' : ''}>
      <dt className="small quiet">{name}</dt>
      <dd>{value}</dd>
    </div>
  )
}

const CHANGES = ['new', 'both', 'gone'] as const

function Examples({ id }: { id: string }) {
  const [change, setChange] = useState<(typeof CHANGES)[number]>()
  const mayLook = may(useMe(), 'message.read')
  const query = useQuery({ ...examplesQuery(id, change ?? 'new'), enabled: change !== undefined })
  if (!mayLook) return null
  return (
    <div className="rb-examples">
      <div className="line rb-wrap">
        <h2>{t('rulebook.bt.examples')}</h2>
        {CHANGES.map(one => (
          <Button
            key={one}
            size="small"
            type={one === change ? 'primary' : 'default'}
            onClick={() => setChange(one)}
          >
            {t(`rulebook.bt.see.${one}`)}
          </Button>
        ))}
        <span className="small quiet">{t('rulebook.bt.looked')}</span>
      </div>
      {change !== undefined && query.isPending ? <Skeleton rows={3} /> : null}
      {query.error ? <ErrorNote what={t('rulebook.failed')} error={query.error} /> : null}
      {query.data?.items.length === 0 ? <p className="quiet">{t('rulebook.bt.noExamples')}</p> : null}
      <ul>
        {query.data?.items.map(item => (
          <li key={item.msgid} className="rb-line staff">
            <span className="line small quiet">
              <SeverityMark of={item.severity} />
              {item.staff} <Time at={item.sentAt} />
              <span className="grow" />
              <Link
                to="/conversations/$convId"
                params={{ convId: item.convId }}
                search={{ at: item.sentAt, msgid: item.msgid } as never}
              >
                {t('rulebook.bt.open')}
              </Link>
            </span>
            <p>
              <Highlight text={item.text} spans={item.spans} />
            </p>
            <span className="small quiet">{item.why}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
