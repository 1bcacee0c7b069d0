import { useMutation, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { MyRecord, PenaltyView, TaskView } from '../../../src/policies/contract.ts'
import { ApiError, post } from '../../api/client.ts'
import { mineQuery, policiesChanged } from '../../api/policies.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { Watermark } from '../../ui/watermark.tsx'
import { useMe } from '../app/me.ts'
import { Entries } from './account.tsx'
import { Course } from './course.tsx'
import { LineTag } from './line-tag.tsx'
import { PenaltyFacts } from './penalty-facts.tsx'
import './policies.css'

const route = getRouteApi('/shell/mine')

/** The adviser's own page: what to do first, then what stands in his record and why. Made for a phone. */
export function MinePage() {
  const me = useMe()
  const { task } = route.useSearch()
  return (
    <div className="page mine">
      {task ? <Course key={task} id={task} /> : <Own />}
      <Watermark name={me.name} />
    </div>
  )
}

function Own() {
  const query = useQuery(mineQuery)
  if (query.isPending) return <Skeleton rows={4} kind="card" />
  if (query.error instanceof ApiError && query.error.code === 'account.no_member')
    return <Empty title={t('mine.noMember')}>{t('mine.noMember.how')}</Empty>
  if (query.error)
    return <ErrorNote what={t('mine.failed')} error={query.error} again={() => void query.refetch()} />
  const { points, penalties } = query.data
  const open = points.tasks.filter(task => task.state === 'assigned')
  const done = points.tasks.filter(task => task.state === 'done')
  const speak = penalties.filter(one => one.state === 'proposed' && !one.heard)
  return (
    <>
      <header className="page-head">
        <h1>{t('mine.title')}</h1>
      </header>
      <p className="policy-lead">{headline(open)}</p>
      {speak.length > 0 ? <p className="mine-speak">{t('mine.speak')}</p> : null}
      {penalties.map(view => (
        <Penalty key={view.id} view={view} />
      ))}
      {open.map(task => (
        <Todo key={task.id} task={task} />
      ))}
      <Record points={points} />
      {done.length > 0 ? <Done tasks={done} /> : null}
    </>
  )
}

function headline(open: TaskView[]): string {
  if (open.length === 0) return t('mine.clear')
  const late = open.filter(task => task.overdue).length
  return late > 0 ? t('mine.todo.overdue', { n: open.length, late }) : t('mine.todo', { n: open.length })
}

function Todo({ task }: { task: TaskView }) {
  return (
    <section className="sheet mine-task">
      <span className="line">
        <Glyph of={task.overdue ? 'P1' : 'off'} />
        <b className="cut">{task.course}</b>
      </span>
      <span className="small">
        <Deadline at={task.dueAt} prefix={t('training.due')} />
        {task.attempts > 0 ? (
          <span className="quiet">
            {' · '}
            {t('training.attempts', { n: task.attempts, best: Math.round((task.best ?? 0) * 100) })}
          </span>
        ) : null}
      </span>
      {task.reason ? <span className="small quiet">{task.reason}</span> : null}
      <Link to="/mine" search={{ task: task.id }} className="btn primary">
        {t('mine.start')}
      </Link>
    </section>
  )
}

function Record({ points }: { points: MyRecord['points'] }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('mine.points')}</h2>
        <span className="small quiet">{t('mine.points.what', { n: figure(points.total) })}</span>
        <span className="grow" />
        <LineTag line={points.line} />
      </div>
      <Entries account={points} />
      <p className="small quiet mine-rule">{t('points.rule')}</p>
    </section>
  )
}

function Done({ tasks }: { tasks: TaskView[] }) {
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('mine.done')}</h2>
      </div>
      <ul className="points-lines">
        {tasks.map(task => (
          <li key={task.id}>
            <span className="line">
              <Glyph of="good" />
              <span className="cut">{task.course}</span>
              {task.endedAt ? <Time at={task.endedAt} short /> : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Penalty({ view }: { view: PenaltyView }) {
  return (
    <section className="sheet">
      <PenaltyFacts view={view} own />
      {view.state === 'proposed' || view.state === 'stated' ? <Speak view={view} /> : null}
    </section>
  )
}

function Speak({ view }: { view: PenaltyView }) {
  const [text, setText] = useState('')
  const sending = useMutation({
    mutationFn: () => post(`/api/mine/penalties/${view.id}/statement`, { text: text.trim() }),
    onSuccess: async () => {
      setText('')
      toast(t('mine.statement.sent'))
      await policiesChanged()
    },
  })
  return (
    <form
      className="policy-form"
      onSubmit={event => {
        event.preventDefault()
        if (text.trim().length >= 4 && !sending.isPending) sending.mutate()
      }}
    >
      {view.heard ? null : (
        <span className="small">
          <Deadline at={view.statementDueAt} prefix={t('mine.statement.due')} />
        </span>
      )}
      <Input.TextArea
        autoSize={{ minRows: 3, maxRows: 10 }}
        maxLength={2000}
        value={text}
        placeholder={t('mine.statement.hint')}
        aria-label={t('mine.statement')}
        onChange={event => setText(event.target.value)}
      />
      <Button type="primary" htmlType="submit" disabled={text.trim().length < 4} loading={sending.isPending}>
        {t(view.statements.length === 0 ? 'mine.statement.send' : 'mine.statement.more')}
      </Button>
      {sending.error ? <ErrorNote what={t('mine.statement')} error={sending.error} /> : null}
    </form>
  )
}
