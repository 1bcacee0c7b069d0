import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, InputNumber } from 'antd'
import { useState } from 'react'
import type { QualityView, ReviewerRow } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { QUALITY_KEY, qualityQuery } from '../../api/quality.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { toast } from '../../ui/toast.tsx'
import { percent } from './sampling-words.ts'

/** How reviewers review, one line each; what lies beyond a line is marked with a sign and a word. */
export function Reviewers() {
  const query = useQuery(qualityQuery)
  if (query.isPending) return <Skeleton rows={5} kind="card" />
  if (query.error)
    return <ErrorNote what={t('quality.failed')} error={query.error} again={() => void query.refetch()} />
  const { data } = query
  return (
    <div className="quality-main">
      <header className="page-head">
        <h1>{t('nav.quality')}</h1>
        <span className="small quiet">{t('quality.since', { days: data.lines.days })}</span>
      </header>
      <p className="quality-say">{sayWords(data)}</p>
      <Assign />
      <section className="sheet">
        <div className="sheet-head">
          <h2>{t('quality.reviewers')}</h2>
          <span className="small quiet">{t('quality.lines', { ...data.lines })}</span>
        </div>
        {data.reviewers.length === 0 ? (
          <Empty title={t('quality.noReviewers')}>{t('quality.noReviewersHow')}</Empty>
        ) : (
          <div className="quality-table">
            {data.reviewers.map(row => (
              <Reviewer key={row.name} row={row} lines={data.lines} />
            ))}
          </div>
        )}
      </section>
    </div>
  )
}

function kappaWords(kappa: number | null): string {
  return kappa === null ? '—' : kappa.toFixed(2)
}

function sayWords(data: QualityView): string {
  if (data.pairs === 0) return t('quality.sayNone')
  return t('quality.say', {
    pairs: figure(data.pairs),
    agreed: figure(data.agreed),
    kappa: kappaWords(data.kappa),
    waiting: figure(data.waiting),
  })
}

function Assign() {
  const client = useQueryClient()
  const [share, setShare] = useState(10)
  const sending = useMutation({
    mutationFn: () =>
      post<{ blind: number; known: number }>('/api/quality/assign', {
        share: Math.round(share * 10),
        known: 2,
      }),
    onSuccess: async given => {
      toast(t('quality.assigned', { n: given.blind + given.known }))
      await client.invalidateQueries({ queryKey: QUALITY_KEY })
    },
  })
  return (
    <section className="sheet sampling-act">
      <p className="small quiet">{t('quality.assignWhy')}</p>
      {sending.error ? <ErrorNote what={t('inspection.notMoved')} error={sending.error} /> : null}
      <div className="sampling-buttons">
        <InputNumber
          min={0}
          max={100}
          precision={1}
          suffix="%"
          value={share}
          aria-label={t('quality.share')}
          onChange={next => setShare(next ?? 0)}
        />
        <Button type="primary" loading={sending.isPending} onClick={() => sending.mutate()}>
          {t('quality.assign')}
        </Button>
      </div>
    </section>
  )
}

function Reviewer({ row, lines }: { row: ReviewerRow; lines: QualityView['lines'] }) {
  const low = row.kappa !== null && row.kappa < lines.kappa
  return (
    <div className="quality-row">
      <b>{row.name}</b>
      <Figure name={t('quality.decisions')} value={figure(row.decisions)} />
      <Figure
        name={t('quality.busiest')}
        value={figure(row.busiestHour)}
        over={row.busiestHour > lines.decisionsPerHour}
      />
      <Figure
        name={t('quality.fast')}
        value={row.timed === 0 ? '—' : `${figure(row.fast)} / ${figure(row.timed)}`}
        over={row.fast > 0}
      />
      <Figure name={t('quality.unread')} value={figure(row.unread)} over={row.unread > 0} />
      <Figure
        name={t('quality.agreed')}
        value={row.blind === 0 ? '—' : `${figure(row.agreed)} / ${figure(row.blind)}`}
      />
      <Figure name={t('quality.kappa')} value={kappaWords(row.kappa)} over={low} />
      <Figure
        name={t('quality.knownMissed')}
        value={row.known === 0 ? '—' : `${figure(row.knownMissed)} / ${figure(row.known)}`}
        over={row.knownMissed > 0}
      />
      <Hours row={row} />
    </div>
  )
}

function Figure({ name, value, over = false }: { name: string; value: string; over?: boolean }) {
  return (
    <span className={`quality-figure${over ? ' over' : ''}`}>
      <span className="tiny quiet">{name}</span>
      <span>
        {over ? <span aria-hidden="true">▲ </span> : null}
        {value}
        {over ? <span className="tiny"> {t('quality.over')}</span> : null}
      </span>
    </span>
  )
}

const DAY_HOURS = 24

/** Decisions by the hour of the day, the false positives of each told on hover and in words. */
function Hours({ row }: { row: ReviewerRow }) {
  const most = Math.max(1, ...row.hours.map(hour => hour.decisions))
  const byHour = new Map(row.hours.map(hour => [hour.hour, hour]))
  return (
    <div className="quality-hours" role="img" aria-label={hoursWords(row)} title={hoursWords(row)}>
      {Array.from({ length: DAY_HOURS }, (_, hour) => {
        const found = byHour.get(hour)
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: an hour of the day is its own identity
          <i key={hour} style={{ height: `${((found?.decisions ?? 0) / most) * 100}%` }} />
        )
      })}
    </div>
  )
}

function hoursWords({ hours }: ReviewerRow): string {
  return hours
    .map(({ hour, decisions, falsePositives }) =>
      t('quality.hour', { hour, n: decisions, share: percent(falsePositives / Math.max(1, decisions)) }),
    )
    .join('；')
}
