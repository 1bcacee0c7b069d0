import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Checkbox, DatePicker, Input, Radio, Select } from 'antd'
import dayjs from 'dayjs'
import { type FormEvent, type ReactNode, useState } from 'react'
import { DEFAULT_SIZES, type PlanInput, SAMPLE_METHODS, SAMPLE_UNITS } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { optionsQuery, previewQuery, SAMPLES_KEY } from '../../api/sampling.ts'
import { figure, t } from '../../i18n/index.ts'
import { ErrorNote, errorWords } from '../../ui/notes.tsx'
import { dayOf } from '../../ui/time-words.ts'
import { toast } from '../../ui/toast.tsx'
import type { SamplesAddress } from './sampling-address.ts'
import { SizesFields } from './sampling-sizes.tsx'
import { ruleWords } from './sampling-words.ts'

const DAY_MS = 86_400_000
const DAYS_BACK = 30
const SHORTEST = 2

const fresh = (): PlanInput => ({
  ...{ title: '', unit: 'conversation_day', method: 'person' },
  ...{ from: dayOf(Date.now() - DAYS_BACK * DAY_MS), to: dayOf(Date.now()) },
  ...{ departments: [], channels: ['single', 'group'], directions: ['staff'], line: 'all' },
  ...{ sizes: { ...DEFAULT_SIZES }, newStaff: [], watched: [] },
})

export type SetPlan = (change: Partial<PlanInput>) => void

/** A plan in the making; what it would come to is counted while it is written. */
export function PlanForm({ go }: { go: (to: SamplesAddress) => void }) {
  const [plan, setPlan] = useState(fresh)
  const set: SetPlan = change => setPlan(before => ({ ...before, ...change }))
  const client = useQueryClient()
  const sending = useMutation({
    mutationFn: () => post<{ id: string; number: string }>('/api/samples', plan),
    onSuccess: async made => {
      toast(t('sampling.form.done', { number: made.number }))
      await client.invalidateQueries({ queryKey: SAMPLES_KEY })
      go({ id: made.id })
    },
  })
  const ready = plan.title.trim().length >= SHORTEST && plan.channels.length > 0 && plan.directions.length > 0
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (ready && !sending.isPending) sending.mutate()
  }
  return (
    <form className="sheet sampling-form" onSubmit={submit}>
      <div className="sheet-head">
        <h2>{t('sampling.new')}</h2>
      </div>
      <div className="sampling-fields">
        <Field label={t('sampling.form.what')}>
          <Input
            value={plan.title}
            maxLength={100}
            placeholder={t('sampling.form.whatHow')}
            aria-label={t('sampling.form.what')}
            onChange={event => set({ title: event.target.value })}
          />
        </Field>
        <ScopeFields plan={plan} set={set} />
        <SizesFields plan={plan} set={set} />
        <Field label={t('sampling.preview')}>
          <Expected plan={plan} />
        </Field>
      </div>
      {sending.error ? <ErrorNote what={t('sampling.form.notSent')} error={sending.error} /> : null}
      <div className="sampling-foot">
        <span className="small quiet grow">{t('sampling.form.why')}</span>
        <Button onClick={() => go({})}>{t('sampling.form.cancel')}</Button>
        <Button type="primary" htmlType="submit" disabled={!ready} loading={sending.isPending}>
          {t('sampling.form.submit')}
        </Button>
      </div>
    </form>
  )
}

export function Field({ label, hint, children }: { label: string; hint?: string; children: ReactNode }) {
  return (
    <div className="sampling-field">
      <span className="quiet">{label}</span>
      <div>
        {children}
        {hint ? <p className="small quiet">{hint}</p> : null}
      </div>
    </div>
  )
}

function ScopeFields({ plan, set }: { plan: PlanInput; set: SetPlan }) {
  const options = useQuery(optionsQuery).data
  return (
    <>
      <Field label={t('sampling.form.period')}>
        <DatePicker.RangePicker
          allowClear={false}
          value={[dayjs(plan.from), dayjs(plan.to)]}
          aria-label={t('sampling.form.period')}
          onChange={days => {
            const [first, last] = days ?? []
            if (first && last) set({ from: first.format('YYYY-MM-DD'), to: last.format('YYYY-MM-DD') })
          }}
        />
      </Field>
      <Field label={t('sampling.form.departments')}>
        <Select
          mode="multiple"
          className="sampling-wide"
          value={plan.departments}
          placeholder={t('sampling.form.allDepartments')}
          aria-label={t('sampling.form.departments')}
          optionFilterProp="label"
          onChange={departments => set({ departments })}
          options={(options?.departments ?? []).map(({ id, name }) => ({ value: id, label: name }))}
        />
      </Field>
      <Field label={t('sampling.form.channels')}>
        <div className="sampling-checks">
          <Checkbox.Group
            value={plan.channels}
            onChange={channels => set({ channels })}
            options={(['single', 'group'] as const).map(value => ({
              value,
              label: t(`sampling.channel.${value}`),
            }))}
          />
          <Checkbox.Group
            value={plan.directions}
            onChange={directions => set({ directions })}
            options={(['staff', 'internal'] as const).map(value => ({
              value,
              label: t(`sampling.direction.${value}`),
            }))}
          />
        </div>
      </Field>
      <Field label={t('sampling.form.line')}>
        <Radio.Group
          value={plan.line}
          onChange={event => set({ line: event.target.value })}
          options={(['all', 'below'] as const).map(value => ({ value, label: t(`sampling.line.${value}`) }))}
        />
      </Field>
      <Field label={t('sampling.form.unit')} hint={t(`sampling.unitHow.${plan.unit}`)}>
        <Radio.Group
          value={plan.unit}
          onChange={event => set({ unit: event.target.value })}
          options={SAMPLE_UNITS.map(value => ({ value, label: t(`sampling.unit.${value}`) }))}
        />
      </Field>
      <Field label={t('sampling.form.method')} hint={t(`sampling.methodHow.${plan.method}`)}>
        <Radio.Group
          value={plan.method}
          onChange={event => set({ method: event.target.value })}
          options={SAMPLE_METHODS.map(value => ({ value, label: t(`sampling.method.${value}`) }))}
        />
      </Field>
    </>
  )
}

/** The title decides nothing, so it is left out of what is asked. */
function Expected({ plan }: { plan: PlanInput }) {
  const query = useQuery({
    ...previewQuery({ ...plan, title: t('sampling.preview') }),
    placeholderData: keepPreviousData,
  })
  if (query.error)
    return (
      <p className="sampling-warn" role="alert">
        {t('sampling.preview.failed')}：{errorWords(query.error)}
      </p>
    )
  const { data } = query
  if (!data) return <p className="quiet">…</p>
  if (data.population === 0) return <p className="sampling-warn">{t('sampling.preview.none')}</p>
  return (
    <div className="sampling-expected" role="status">
      <b>
        {t('sampling.preview.count', {
          population: figure(data.population),
          drawn: figure(data.drawn),
          staff: figure(data.staff),
          messages: figure(data.messages),
        })}
      </b>
      <ul className="small quiet">
        {data.strata.map(({ rule, strata, drawn }) => (
          <li key={rule}>
            {t('sampling.ruleLine', { rule: ruleWords(rule), strata: figure(strata), drawn: figure(drawn) })}
          </li>
        ))}
        <li>{t('sampling.preview.enough', { n: figure(data.enough) })}</li>
      </ul>
      {data.repeated > 0 ? (
        <p className="sampling-warn" role="alert">
          {t('sampling.preview.repeated', { n: data.repeated })}
        </p>
      ) : null}
    </div>
  )
}
