import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Input } from 'antd'
import { useState } from 'react'
import type { StepInView } from '../../../src/cases/contract.ts'
import { post } from '../../api/client.ts'
import { queries } from '../../api/queries.ts'
import { t } from '../../i18n/index.ts'
import { Empty, ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Time } from '../../ui/time.tsx'
import { toast } from '../../ui/toast.tsx'
import { stepInsQuery } from './queries.ts'

/** What compliance asks a supervisor to do, and where he says what was done. */
export function StepIns() {
  const query = useQuery(stepInsQuery)
  return (
    <div className="page">
      <header className="page-head">
        <h1>{t('stepins.title')}</h1>
      </header>
      <p className="small quiet">{t('stepins.what')}</p>
      {query.isPending ? <Skeleton rows={4} kind="card" /> : null}
      {query.error ? (
        <ErrorNote what={t('stepins.failed')} error={query.error} again={() => void query.refetch()} />
      ) : null}
      {query.data?.items.length === 0 ? (
        <Empty title={t('stepins.none')}>{t('stepins.noneWhy')}</Empty>
      ) : null}
      <ol className="stepins">
        {query.data?.items.map(one => (
          <li key={one.id} className="sheet stepin">
            <Asked one={one} />
            {one.answeredAt === null ? <Answer id={one.id} /> : <Answered one={one} />}
          </li>
        ))}
      </ol>
    </div>
  )
}

function Asked({ one }: { one: StepInView }) {
  return (
    <>
      <div className="line">
        <b className="cut">
          {one.staff.name} → {one.counterpart.name}
        </b>
        <span className="grow" />
        <span className="small quiet">
          {t('stepins.by', { by: one.askedBy })} · <Time at={one.askedAt} />
        </span>
      </div>
      <p>{one.reason}</p>
      <Link
        className="small"
        to="/conversations/$convId"
        params={{ convId: one.convId }}
        search={{ around: one.key.sentAt, msgid: one.key.msgid }}
      >
        {t('stepins.talk')}
      </Link>
    </>
  )
}

function Answered({ one }: { one: StepInView }) {
  return (
    <p className="small">
      <span className="tag">{t('stepins.answered')}</span>{' '}
      {t('wall.stepin.done', { by: one.answeredBy ?? '', done: one.done ?? '' })}{' '}
      <span className="quiet">
        <Time at={one.answeredAt ?? one.askedAt} />
      </span>
    </p>
  )
}

const SHORTEST = 2

function Answer({ id }: { id: string }) {
  const [done, setDone] = useState('')
  const sending = useMutation({
    mutationFn: (words: string) => post<StepInView>(`/api/stepins/${id}/answer`, { done: words }),
    onSuccess: () => toast(t('stepins.answered')),
    onSettled: () => void queries.invalidateQueries({ queryKey: ['stepins'] }),
  })
  const submit = () => {
    if (done.trim().length >= SHORTEST && !sending.isPending) sending.mutate(done.trim())
  }
  return (
    <form
      className="stepin-answer"
      onSubmit={event => {
        event.preventDefault()
        submit()
      }}
    >
      <Input.TextArea
        rows={2}
        value={done}
        maxLength={1000}
        placeholder={t('stepins.hint')}
        aria-label={t('stepins.done')}
        onChange={event => setDone(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit()
        }}
      />
      {sending.error ? <ErrorNote what={t('stepins.answerFailed')} error={sending.error} /> : null}
      <Button
        type="primary"
        loading={sending.isPending}
        disabled={done.trim().length < SHORTEST}
        onClick={submit}
      >
        {t('stepins.answer')}
      </Button>
    </form>
  )
}
