import { useMutation } from '@tanstack/react-query'
import { Button, Checkbox, Input, InputNumber, Radio, Select } from 'antd'
import { type ReactNode, useState } from 'react'
import type {
  DeliveryOverview,
  DeliverySettings,
  EscalationStep,
  Route,
} from '../../../src/cases/delivery/contract.ts'
import { SEVERITIES } from '../../../src/monitor/contract.ts'
import { put } from '../../api/client.ts'
import { deliveryQuery } from '../../api/delivery.ts'
import { queries } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { ErrorNote } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'

const HEARS = ['officer', 'lead', 'risk', 'supervisor', 'auditor', 'inspector'] as const
const WAYS = ['card', 'mail', 'digest'] as const
const LEVELS = SEVERITIES.map(value => ({ value, label: value }))
const roles = () => HEARS.map(value => ({ value, label: t(`role.${value}`) }))

/** Routes, escalation and quiet hours, changed together and put in force by one button. */
export function Rules({ view }: { view: DeliveryOverview }) {
  const [draft, setDraft] = useState<DeliverySettings>(view.settings)
  const changed = draft !== view.settings
  const saving = useMutation({
    mutationFn: () =>
      put<DeliveryOverview>('/api/delivery/settings', { version: view.version, settings: draft }),
    onSuccess: next => {
      queries.setQueryData(deliveryQuery.queryKey, next)
      toast(t('delivery.saved'))
    },
  })
  const change = (part: Partial<DeliverySettings>) => setDraft({ ...draft, ...part })
  return (
    <>
      <Routes view={view} routes={draft.routes} set={routes => change({ routes })} />
      <Escalation steps={draft.escalation} set={escalation => change({ escalation })} />
      <Hours draft={draft} change={change} />
      <div className="delivery-save">
        <span className="quiet small grow">
          {view.setAt === null ? (
            t('delivery.defaults')
          ) : (
            <>
              {t('delivery.setBy', { by: view.setBy ?? '' })} <Time at={view.setAt} />
            </>
          )}
        </span>
        {changed ? <Button onClick={() => setDraft(view.settings)}>{t('delivery.drop')}</Button> : null}
        <Button type="primary" disabled={!changed} loading={saving.isPending} onClick={() => saving.mutate()}>
          {t('delivery.inForce')}
        </Button>
      </div>
      {saving.error ? <ErrorNote what={t('delivery.notSaved')} error={saving.error} /> : null}
    </>
  )
}

function Routes(props: { view: DeliveryOverview; routes: Route[]; set(routes: Route[]): void }) {
  const { view, routes, set } = props
  const put = (at: number, part: Partial<Route>) =>
    set(routes.map((route, i) => (i === at ? { ...route, ...part } : route)))
  const empty: Route = {
    severities: ['P1'],
    categories: [],
    departments: [],
    roles: ['officer'],
    channels: ['card'],
  }
  return (
    <section className="sheet">
      <div className="sheet-head delivery-head">
        <h2>{t('delivery.routes')}</h2>
        <span className="small quiet">{t('delivery.routes.what')}</span>
      </div>
      <div className="delivery-grid">
        {routes.map((route, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a route is its place in the list
          <fieldset key={at} className="delivery-route" aria-label={t('delivery.route', { n: at + 1 })}>
            <Field name={t('delivery.severities')}>
              <Select
                mode="multiple"
                value={route.severities}
                options={LEVELS}
                onChange={severities => put(at, { severities })}
              />
            </Field>
            <Field name={t('delivery.categories')}>
              <Select
                mode="multiple"
                maxTagCount={2}
                placeholder={t('delivery.every')}
                value={route.categories}
                options={view.categories.map(({ id, name, concealed }) => ({
                  value: id,
                  label: concealed ? `${name}（${t('delivery.concealed')}）` : name,
                }))}
                onChange={categories => put(at, { categories })}
              />
            </Field>
            <Field name={t('delivery.departments')}>
              <Select
                mode="multiple"
                maxTagCount={2}
                placeholder={t('delivery.every')}
                value={route.departments}
                options={view.departments.map(({ id, name }) => ({ value: id, label: name }))}
                onChange={departments => put(at, { departments })}
              />
            </Field>
            <Field name={t('delivery.roles')}>
              <Select
                mode="multiple"
                value={route.roles}
                options={roles()}
                onChange={next => put(at, { roles: next })}
              />
            </Field>
            <Field name={t('delivery.ways')}>
              <Select
                mode="multiple"
                value={route.channels}
                options={WAYS.map(value => ({ value, label: t(`delivery.channel.${value}`) }))}
                onChange={channels => put(at, { channels })}
              />
            </Field>
            <Button onClick={() => set(routes.filter((_, i) => i !== at))}>{t('delivery.remove')}</Button>
          </fieldset>
        ))}
      </div>
      <Button className="delivery-add" onClick={() => set([...routes, empty])}>
        {t('delivery.routes.add')}
      </Button>
    </section>
  )
}

function Escalation({ steps, set }: { steps: EscalationStep[]; set(steps: EscalationStep[]): void }) {
  const put = (at: number, part: Partial<EscalationStep>) =>
    set(steps.map((step, i) => (i === at ? { ...step, ...part } : step)))
  return (
    <section className="sheet">
      <div className="sheet-head delivery-head">
        <h2>{t('delivery.escalation')}</h2>
        <span className="small quiet">{t('delivery.escalation.what')}</span>
      </div>
      <div className="delivery-grid">
        {steps.map((step, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a step is its place in the list
          <fieldset key={at} className="delivery-route short" aria-label={t('delivery.step', { n: at + 1 })}>
            <Field name={t('delivery.severities')}>
              <Select value={step.severity} options={LEVELS} onChange={severity => put(at, { severity })} />
            </Field>
            <Field name={t('delivery.after')}>
              <InputNumber
                min={1}
                max={30_240}
                value={step.afterMinutes}
                onChange={minutes => put(at, { afterMinutes: minutes ?? 1 })}
              />
            </Field>
            <Field name={t('delivery.roles')}>
              <Select
                mode="multiple"
                value={step.roles}
                options={roles()}
                onChange={next => put(at, { roles: next })}
              />
            </Field>
            <Button onClick={() => set(steps.filter((_, i) => i !== at))}>{t('delivery.remove')}</Button>
          </fieldset>
        ))}
      </div>
      <Button
        className="delivery-add"
        onClick={() => set([...steps, { severity: 'P0', afterMinutes: 60, roles: ['risk'] }])}
      >
        {t('delivery.escalation.add')}
      </Button>
    </section>
  )
}

function Hours(props: { draft: DeliverySettings; change(part: Partial<DeliverySettings>): void }) {
  const { draft, change } = props
  const { quiet } = draft
  const clock = (name: string, value: string, set: (value: string) => void) => (
    <Input type="time" aria-label={name} value={value} onChange={event => set(event.target.value)} />
  )
  return (
    <section className="sheet">
      <div className="sheet-head delivery-head">
        <h2>{t('delivery.quiet')}</h2>
        <span className="small quiet">{t('delivery.quiet.what')}</span>
      </div>
      <div className="delivery-hours">
        <Checkbox
          checked={quiet.on}
          onChange={event => change({ quiet: { ...quiet, on: event.target.checked } })}
        >
          {t('delivery.quiet.on')}
        </Checkbox>
        <span className="delivery-span">
          {clock(t('delivery.quiet.from'), quiet.from, from => change({ quiet: { ...quiet, from } }))}
          {t('delivery.quiet.to')}
          {clock(t('delivery.quiet.to'), quiet.to, to => change({ quiet: { ...quiet, to } }))}
        </span>
        <Checkbox
          checked={quiet.daysOff}
          onChange={event => change({ quiet: { ...quiet, daysOff: event.target.checked } })}
        >
          {t('delivery.quiet.daysOff')}
        </Checkbox>
        <span className="delivery-span">
          {t('delivery.digest.at')}
          {clock(t('delivery.digest.at'), draft.digest.at, at => change({ digest: { at } }))}
        </span>
        <span className="delivery-span">
          {t('delivery.quote')}
          <Radio.Group
            value={draft.quote}
            onChange={event => change({ quote: event.target.value as DeliverySettings['quote'] })}
            options={[
              { value: 'none', label: t('delivery.quote.none') },
              { value: 'masked', label: t('delivery.quote.masked') },
            ]}
          />
        </span>
      </div>
    </section>
  )
}

function Field({ name, children }: { name: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/noLabelWithoutControl: the control is the child
    <label className="delivery-field">
      <span className="quiet small">{name}</span>
      {children}
    </label>
  )
}
