import { useQuery } from '@tanstack/react-query'
import { InputNumber, Select } from 'antd'
import type { PlanInput, SampleSizes } from '../../../src/cases/contract.ts'
import { optionsQuery } from '../../api/sampling.ts'
import { t } from '../../i18n/index.ts'
import { SeverityMark } from '../../ui/severity.tsx'
import { Field, type SetPlan } from './sampling-form.tsx'

type Props = { plan: PlanInput; set: SetPlan }

/** Shares and minimums, filled with the defaults; who counts as new or watched where the method is by person. */
export function SizesFields({ plan, set }: Props) {
  const size = (change: Partial<SampleSizes>) => set({ sizes: { ...plan.sizes, ...change } })
  const byPerson = plan.method === 'person'
  const { sizes } = plan
  return (
    <>
      <Field label={t('sampling.form.sizes')} hint={t('sampling.form.inner')}>
        <div className="sampling-sizes">
          <Share
            label={t(byPerson ? 'sampling.form.share' : 'sampling.form.shareAll')}
            value={sizes.share}
            set={share => size({ share })}
          />
          {byPerson ? (
            <>
              <Share
                label={t('sampling.form.newShare')}
                value={sizes.newShare}
                set={newShare => size({ newShare })}
              />
              <Share
                label={t('sampling.form.watchedShare')}
                value={sizes.watchedShare}
                set={watchedShare => size({ watchedShare })}
              />
            </>
          ) : null}
          <Count
            label={t('sampling.form.minimum')}
            value={sizes.minimum}
            set={minimum => size({ minimum })}
          />
          {plan.channels.includes('group') ? (
            <Count
              label={t('sampling.form.groupWeekly')}
              value={sizes.groupWeekly}
              set={groupWeekly => size({ groupWeekly })}
            />
          ) : null}
        </div>
      </Field>
      {plan.line === 'all' ? <Flagged sizes={sizes} size={size} /> : null}
      {byPerson ? <Lists plan={plan} set={set} /> : null}
    </>
  )
}

type NumberProps = { label: React.ReactNode; value: number; set: (value: number) => void; name?: string }

/** Percent on the screen, thousandths in the plan. */
function Share({ label, value, set, name }: NumberProps) {
  return (
    <div className="sampling-size">
      <span>{label}</span>
      <InputNumber
        min={0}
        max={100}
        step={1}
        precision={1}
        suffix="%"
        value={value / 10}
        aria-label={name ?? String(label)}
        onChange={next => set(Math.round((next ?? 0) * 10))}
      />
    </div>
  )
}

function Count({ label, value, set }: NumberProps) {
  return (
    <div className="sampling-size">
      <span>{label}</span>
      <InputNumber
        min={0}
        max={10_000}
        precision={0}
        value={value}
        aria-label={String(label)}
        onChange={next => set(next ?? 0)}
      />
    </div>
  )
}

const FLAGS = [
  ['P0', 'p0'],
  ['P1', 'p1'],
  ['P2', 'p2'],
  ['P3', 'p3'],
] as const

function Flagged({ sizes, size }: { sizes: SampleSizes; size: (change: Partial<SampleSizes>) => void }) {
  return (
    <Field label={t('sampling.form.flagged')}>
      <div className="sampling-sizes four">
        {FLAGS.map(([severity, name]) => (
          <Share
            key={name}
            name={`${t('sampling.form.flagged')} ${severity}`}
            label={<SeverityMark of={severity} />}
            value={sizes[name]}
            set={value => size({ [name]: value })}
          />
        ))}
      </div>
    </Field>
  )
}

function Lists({ plan, set }: Props) {
  const options = useQuery(optionsQuery).data
  const staff = (options?.staff ?? []).map(({ id, name, department }) => ({
    value: id,
    label: department === '' ? name : `${name} · ${department}`,
  }))
  const suggested = options?.suggested ?? []
  return (
    <>
      <Field label={t('sampling.form.newStaff')}>
        <Select
          mode="multiple"
          className="sampling-wide"
          optionFilterProp="label"
          value={plan.newStaff}
          aria-label={t('sampling.form.newStaff')}
          onChange={newStaff => set({ newStaff })}
          options={staff}
        />
      </Field>
      <Field label={t('sampling.form.watched')}>
        <Select
          mode="multiple"
          className="sampling-wide"
          optionFilterProp="label"
          value={plan.watched}
          aria-label={t('sampling.form.watched')}
          onChange={watched => set({ watched })}
          options={staff}
        />
        {suggested.length > 0 ? (
          <button type="button" className="link small" onClick={() => set({ watched: suggested })}>
            {t('sampling.form.suggest', { n: suggested.length })}
          </button>
        ) : null}
      </Field>
    </>
  )
}
