import { useMutation } from '@tanstack/react-query'
import { Button, Input, Radio, Select } from 'antd'
import { useState } from 'react'
import {
  type DraftView,
  MOST_GROWTH,
  type PublishAsk,
  type RulebookView,
} from '../../../../src/monitor/rulebook/contract.ts'
import { post } from '../../../api/client.ts'
import { rulebookChanged } from '../../../api/rulebook.ts'
import { figure, t } from '../../../i18n/index.ts'
import { ErrorNote } from '../../../ui/notes.tsx'
import { toast } from '../../../ui/toast.tsx'
import { useMe } from '../../app/me.ts'
import { may } from '../../app/places.ts'
import { percent } from './backtest-pane.tsx'
import { Field } from './field.tsx'
import { RollbackForm } from './rollback.tsx'

type Props = { draft: DraftView; book: RulebookView }
const TRIAL = new Set(['shadow', 'staged'])

/** Handing over, the second person's decision, and what can be done with a version afterwards. */
export function PublishPane({ draft, book }: Props) {
  const me = useMe()
  const own = draft.authors.includes(me.username)
  const mayPublish = may(me, 'rule.publish')
  const decides = draft.state === 'submitted' || TRIAL.has(draft.state)
  return (
    <section className="sheet rb-form">
      <Findings draft={draft} />
      {draft.state === 'draft' || draft.state === 'tested' || draft.state === 'backtested' ? (
        <Submit draft={draft} />
      ) : null}
      {draft.state === 'submitted' ? (
        <p>{t('rulebook.pub.waits', { who: draft.submitted?.by ?? '' })}</p>
      ) : null}
      {draft.shadow ? (
        <p>
          {t('rulebook.pub.shadowCount', {
            hits: figure(draft.shadow.hits),
            alerts: figure(draft.shadow.alerts),
          })}
        </p>
      ) : null}
      {decides && mayPublish && own ? <p className="rb-note">{t('rulebook.pub.own')}</p> : null}
      {decides && mayPublish && !own ? <Publish key={draft.state} draft={draft} book={book} /> : null}
      {draft.state === 'submitted' && (own || mayPublish) ? <Return draft={draft} own={own} /> : null}
      {draft.state === 'in_force' ? <Apply draft={draft} mayPublish={mayPublish} /> : null}
      {draft.version !== null && mayPublish && (draft.state === 'in_force' || TRIAL.has(draft.state)) ? (
        <RollbackForm
          file={draft.file}
          to={earlier(draft, book)}
          words={TRIAL.has(draft.state) ? t('rulebook.pub.stop') : undefined}
        />
      ) : null}
    </section>
  )
}

/** The version a draft's own took the place of: that in force while it is on trial, the one before it afterwards. */
function earlier(draft: DraftView, book: RulebookView): number {
  const acts = book.acts.filter(
    act => act.file === draft.file && (act.act === 'in_force' || act.act === 'rolled_back'),
  )
  const before = TRIAL.has(draft.state) ? acts[0] : acts.find(act => act.version !== draft.version)
  return before?.version ?? 0
}

/** What the second person looks at first: test and backtest in one line each. */
function Findings({ draft }: { draft: DraftView }) {
  const { test, backtest } = draft
  const summary = backtest?.summary
  return (
    <ul className="rb-findings">
      <li className={test && test.failed === 0 ? 'good' : 'bad'}>
        {test && test.failed === 0
          ? t('rulebook.test.passed', {
              n: test.rules,
              examples: test.fires + test.clean,
              seen: test.seen,
              disguised: test.disguised,
            })
          : t('rulebook.pub.lacks.test')}
      </li>
      <li className={summary && !backtest?.stale ? 'good' : 'bad'}>
        {summary && backtest?.state === 'done'
          ? `${t('rulebook.bt.after')} ${figure(summary.after)}（${t('rulebook.bt.fresh')} ${figure(summary.fresh)}，${t('rulebook.bt.gone')} ${figure(summary.gone)}）· ${t('rulebook.bt.growth')} ${summary.growth === null ? t('rulebook.bt.growthNew') : percent(summary.growth)}`
          : t('rulebook.pub.lacks.backtest')}
        {backtest?.stale ? ` · ${t('rulebook.bt.stale')}` : ''}
      </li>
    </ul>
  )
}

function Submit({ draft }: { draft: DraftView }) {
  const sending = useMutation({
    mutationFn: () => post<void>(`/api/rulebook/drafts/${draft.id}/submit`, {}),
    onSuccess: async () => {
      toast(t('rulebook.pub.submitted'))
      await rulebookChanged()
    },
  })
  if (!may(useMe(), 'rule.draft')) return null
  return (
    <>
      <p className="small quiet">{t('rulebook.pub.submitWhy')}</p>
      <div className="rb-foot">
        <Button
          type="primary"
          disabled={draft.state !== 'backtested' || draft.test?.failed !== 0}
          loading={sending.isPending}
          onClick={() => sending.mutate()}
        >
          {t('rulebook.pub.submit')}
        </Button>
      </div>
      {sending.error ? <ErrorNote what={t('rulebook.pub.failed')} error={sending.error} /> : null}
    </>
  )
}

/** Beyond the line on which the publisher says why (regulation.md §3.0). */
function changesMuch({ backtest }: DraftView): boolean {
  const summary = backtest?.summary
  if (!summary) return false
  return summary.growth === null ? summary.hitsAfter > 0 : Math.abs(summary.growth) > MOST_GROWTH
}

type WordsProps = { label: string; hint?: string; value: string; set: (value: string) => void }

function Words({ label, hint, value, set }: WordsProps) {
  return (
    <Field label={label} {...(hint === undefined ? {} : { hint })}>
      <Input.TextArea
        value={value}
        maxLength={1000}
        autoSize={{ minRows: 2, maxRows: 6 }}
        aria-label={label}
        onChange={event => set(event.target.value)}
      />
    </Field>
  )
}

const ACTS = ['in_force', 'staged', 'shadow'] as const

function Publish({ draft, book }: Props) {
  const [act, setAct] = useState<PublishAsk['act']>('in_force')
  const [departments, setDepartments] = useState<number[]>(draft.departments)
  const [reason, setReason] = useState('')
  const [acknowledged, setAcknowledged] = useState('')
  const first = draft.state === 'submitted'
  const much = first && changesMuch(draft)
  const sending = useMutation({
    mutationFn: () =>
      post<{ version: number }>(`/api/rulebook/drafts/${draft.id}/publish`, {
        act,
        departments: act === 'staged' ? departments : [],
        reason,
        ...(much ? { acknowledged } : {}),
      }),
    onSuccess: async done => {
      toast(t('rulebook.pub.published', { n: done.version }))
      await rulebookChanged()
    },
  })
  const lacks = [
    ...(reason.trim().length < 4 ? ['reason' as const] : []),
    ...(much && acknowledged.trim().length < 4 ? ['acknowledged' as const] : []),
    ...(act === 'staged' && departments.length === 0 ? ['departments' as const] : []),
  ]
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        sending.mutate()
      }}
    >
      <Field label={t('rulebook.pub.how')}>
        <Radio.Group
          className="rb-acts"
          value={act}
          onChange={event => setAct(event.target.value)}
          options={ACTS.filter(one => first || one !== 'shadow').map(value => ({
            value,
            label: t(`rulebook.pub.${value}`),
          }))}
        />
      </Field>
      {act === 'staged' ? (
        <Field label={t('rulebook.pub.departments')}>
          <Select
            className="rb-wide"
            mode="multiple"
            value={departments}
            aria-label={t('rulebook.pub.departments')}
            onChange={setDepartments}
            options={book.departments.map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Field>
      ) : null}
      <Words label={t('rulebook.pub.reason')} value={reason} set={setReason} />
      {much ? (
        <Words
          label={t('rulebook.pub.acknowledged')}
          hint={t('rulebook.bt.growthLine')}
          value={acknowledged}
          set={setAcknowledged}
        />
      ) : null}
      {sending.error ? <ErrorNote what={t('rulebook.pub.failed')} error={sending.error} /> : null}
      <div className="rb-foot">
        <span className="small lacks">{lacks.map(one => t(`rulebook.pub.lacks.${one}`)).join('；')}</span>
        <Button type="primary" htmlType="submit" disabled={lacks.length > 0} loading={sending.isPending}>
          {t(first ? 'rulebook.pub.go' : 'rulebook.pub.goOn')}
        </Button>
      </div>
    </form>
  )
}

function Return({ draft, own }: { draft: DraftView; own: boolean }) {
  const [reason, setReason] = useState('')
  const sending = useMutation({
    mutationFn: () => post<void>(`/api/rulebook/drafts/${draft.id}/return`, { reason }),
    onSuccess: async () => {
      toast(t('rulebook.pub.returned'))
      await rulebookChanged()
    },
  })
  const word = t(own ? 'rulebook.pub.takeBack' : 'rulebook.pub.return')
  return (
    <form
      className="rb-aside"
      onSubmit={event => {
        event.preventDefault()
        sending.mutate()
      }}
    >
      <Input
        value={reason}
        maxLength={1000}
        placeholder={t('rulebook.pub.returnReason')}
        aria-label={t('rulebook.pub.returnReason')}
        onChange={event => setReason(event.target.value)}
      />
      <Button htmlType="submit" disabled={reason.trim().length < 4} loading={sending.isPending}>
        {word}
      </Button>
      {sending.error ? <ErrorNote what={t('rulebook.pub.failed')} error={sending.error} /> : null}
    </form>
  )
}

function Apply({ draft, mayPublish }: { draft: DraftView; mayPublish: boolean }) {
  const application = draft.backtest?.application
  const sending = useMutation({
    mutationFn: () => post<void>(`/api/rulebook/drafts/${draft.id}/apply`, {}),
    onSuccess: rulebookChanged,
  })
  if (application)
    return (
      <p role="status">
        {application.endedAt === null
          ? t('rulebook.pub.applying', {
              done: application.done,
              of: draft.backtest?.chunks ?? 0,
              n: figure(application.raised),
            })
          : t('rulebook.pub.applied', { n: figure(application.raised) })}
      </p>
    )
  if (!mayPublish || !draft.backtest?.summary) return null
  return (
    <div className="rb-apply">
      <p className="small quiet">{t('rulebook.pub.applyWhy')}</p>
      <Button loading={sending.isPending} onClick={() => sending.mutate()}>
        {t('rulebook.pub.apply')}
      </Button>
      {sending.error ? <ErrorNote what={t('rulebook.pub.failed')} error={sending.error} /> : null}
    </div>
  )
}
