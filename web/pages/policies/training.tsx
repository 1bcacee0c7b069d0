import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input, InputNumber, Select } from 'antd'
import { useState } from 'react'
import type { TaskView } from '../../../src/policies/contract.ts'
import { post } from '../../api/client.ts'
import { policiesChanged, trainingQuery } from '../../api/policies.ts'
import { figure, t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'
import { Deadline, Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { useMe } from '../app/me.ts'
import { may } from '../app/places.ts'
import { PersonPicker } from '../archive/person-picker.tsx'
import { TASK_FILTERS } from './address.ts'

const DAYS = 3

/** Training tasks: open ones by urgency; a lead assigns more. */
export function Training({ state }: { state: (typeof TASK_FILTERS)[number] }) {
  const me = useMe()
  const query = useQuery(trainingQuery(state))
  if (query.isPending) return <Skeleton rows={6} kind="card" />
  if (query.error)
    return <ErrorNote what={t('training.failed')} error={query.error} again={() => void query.refetch()} />
  const { items, counts, courses } = query.data
  return (
    <>
      {may(me, 'case.lead') ? <Assign courses={courses} /> : null}
      <nav className="policy-chips" aria-label={t('policies.tab.training')}>
        {TASK_FILTERS.map(one => (
          <Link
            key={one}
            to="/policies"
            search={{ tab: 'training', state: one }}
            className={`chip${one === state ? ' on' : ''}`}
            aria-current={one === state}
          >
            {t(`training.state.${one}`)}
            {one === 'all' ? '' : ` ${figure(counts[one])}`}
          </Link>
        ))}
      </nav>
      <section className="sheet">
        {items.length === 0 ? (
          <Empty title={t('training.none')}>{t('training.none.how')}</Empty>
        ) : (
          <ul className="points-lines">
            {items.map(task => (
              <Task key={task.id} task={task} />
            ))}
          </ul>
        )}
      </section>
    </>
  )
}

function Task({ task }: { task: TaskView }) {
  const glyph = task.overdue ? 'P1' : task.state === 'done' ? 'good' : 'off'
  return (
    <li>
      <span className="line training-head">
        <Glyph of={glyph} />
        <Link to="/policies" search={{ tab: 'points', staff: task.staff.id }}>
          {task.staff.name}
        </Link>
        <span className="small quiet">{task.staff.department ?? ''}</span>
        <span className="cut">{task.course}</span>
        {task.state === 'assigned' ? (
          <Deadline at={task.dueAt} prefix={t('training.due')} />
        ) : (
          <span className="small quiet">
            {t(`training.state.${task.state}`)} {task.endedAt ? <Time at={task.endedAt} short /> : null}
          </span>
        )}
      </span>
      <span className="small quiet">
        {t(task.byHand ? 'training.byHand' : 'training.byViolation')} ·{' '}
        {t('training.by', { who: task.assignedBy })} ·{' '}
        {task.attempts === 0
          ? t('training.noAttempt')
          : t('training.attempts', { n: task.attempts, best: Math.round((task.best ?? 0) * 100) })}
        {task.reason ? ` · ${task.reason}` : ''}
      </span>
    </li>
  )
}

function Assign({ courses }: { courses: string[] }) {
  const [open, setOpen] = useState(false)
  const [staff, setStaff] = useState<string>()
  const [course, setCourse] = useState(courses[0])
  const [days, setDays] = useState(DAYS)
  const [reason, setReason] = useState('')
  const sending = useMutation({
    mutationFn: () => post('/api/training', { staff, course, days, reason: reason.trim() }),
    onSuccess: async () => {
      toast(t('training.assigned'))
      setOpen(false)
      setReason('')
      await policiesChanged()
    },
  })
  if (!open)
    return (
      <Button className="policy-propose" type="primary" onClick={() => setOpen(true)}>
        {t('training.assign')}
      </Button>
    )
  const ready = staff !== undefined && course !== undefined && reason.trim().length >= 4
  return (
    <section className="sheet">
      <div className="sheet-head">
        <h2>{t('training.assign')}</h2>
      </div>
      <form
        className="policy-form"
        onSubmit={event => {
          event.preventDefault()
          if (ready && !sending.isPending) sending.mutate()
        }}
      >
        <PersonPicker
          kinds={['staff']}
          value={staff}
          placeholder={t('training.assign.who')}
          choose={setStaff}
        />
        <Select
          value={course}
          aria-label={t('training.assign.course')}
          options={courses.map(value => ({ value, label: value }))}
          onChange={setCourse}
        />
        <InputNumber
          min={1}
          max={30}
          precision={0}
          value={days}
          aria-label={t('training.assign.days')}
          addonBefore={t('training.assign.days')}
          onChange={value => setDays(value ?? DAYS)}
        />
        <Input.TextArea
          autoSize={{ minRows: 2, maxRows: 6 }}
          maxLength={2000}
          value={reason}
          placeholder={t('training.assign.reason')}
          aria-label={t('training.assign.reason')}
          onChange={event => setReason(event.target.value)}
        />
        <div className="line">
          <Button type="primary" htmlType="submit" disabled={!ready} loading={sending.isPending}>
            {t('training.assign')}
          </Button>
          <Button onClick={() => setOpen(false)}>{t('confirm.back')}</Button>
        </div>
        {sending.error ? <ErrorNote what={t('training.assign')} error={sending.error} /> : null}
      </form>
    </section>
  )
}
