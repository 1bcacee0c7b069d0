import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, DatePicker } from 'antd'
import type { Dayjs } from 'dayjs'
import { useState } from 'react'
import type { InspectionView } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { inspectionQuery, SAMPLES_KEY } from '../../api/sampling.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { FindingCard } from './inspection-finding.tsx'

/** The findings of an inspection and what may be done next. */
export function InspectionPane({ id }: { id: string }) {
  const query = useQuery(inspectionQuery(id))
  if (query.isPending) return <Skeleton rows={3} kind="card" />
  if (query.error)
    return <ErrorNote what={t('inspection.failed')} error={query.error} again={() => void query.refetch()} />
  const { data } = query
  return (
    <div className="sampling-findings">
      <Next inspection={data} />
      {data.findings.map(finding => (
        <FindingCard key={finding.id} finding={finding} inspection={data.state} />
      ))}
      {data.findings.length === 0 ? (
        <Empty title={t('inspection.none')}>{t('inspection.noneHow')}</Empty>
      ) : null}
    </div>
  )
}

/** Post, then everything of samples is read anew: others act on the same inspection. */
export function useAct(path: string) {
  const client = useQueryClient()
  return useMutation({
    mutationFn: (body: object) => post<{ state: string }>(path, body),
    onSettled: () => client.invalidateQueries({ queryKey: SAMPLES_KEY }),
  })
}

function Next({ inspection }: { inspection: InspectionView }) {
  const me = useMe()
  const base = `/api/inspections/${encodeURIComponent(inspection.plan)}`
  const ending = useAct(`${base}/checked`)
  const ordering = useAct(`${base}/rectification`)
  const [due, setDue] = useState<Dayjs | null>(null)
  if (!may(me, 'sample.plan')) return null
  const error = ending.error ?? ordering.error
  const note = error ? <ErrorNote what={t('inspection.notMoved')} error={error} /> : null
  const { state, findings } = inspection
  if (state === 'checking')
    return (
      <section className="sheet sampling-act">
        <p className="small quiet">{t('inspection.endWhy')}</p>
        {note}
        <div className="sampling-buttons">
          <Button
            type="primary"
            loading={ending.isPending}
            disabled={inspection.waiting > 0}
            onClick={() => ending.mutate({})}
          >
            {inspection.waiting > 0
              ? t('sampling.review.waiting', { n: figure(inspection.waiting) })
              : t('inspection.end')}
          </Button>
        </div>
      </section>
    )
  if (state !== 'findings') return note
  const open = findings.filter(finding => finding.state === 'reported').length
  const confirmed = findings.some(finding => finding.state === 'confirmed')
  return (
    <section className="sheet sampling-act">
      {note}
      {confirmed ? <p className="small quiet">{t('inspection.orderWhy')}</p> : null}
      <div className="sampling-buttons">
        {confirmed ? (
          <DatePicker
            value={due}
            aria-label={t('inspection.orderDue')}
            placeholder={t('inspection.orderDue')}
            onChange={setDue}
          />
        ) : null}
        <Button
          type="primary"
          loading={ordering.isPending}
          disabled={open > 0}
          onClick={() => ordering.mutate(due ? { dueAt: due.endOf('day').valueOf() } : {})}
        >
          {t(confirmed || open > 0 ? 'inspection.order' : 'inspection.close')}
        </Button>
      </div>
    </section>
  )
}
