import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, Radio } from 'antd'
import { useState } from 'react'
import type { AttemptResult, CourseView, TaskView } from '../../../src/policies/contract.ts'
import { post } from '../../api/client.ts'
import { myTaskQuery, policiesChanged } from '../../api/policies.ts'
import { t } from '../../i18n/index.ts'
import { Icon } from '../../ui/icons.tsx'
import { ErrorNote, Skeleton } from '../../ui/notes.tsx'
import { Glyph } from '../../ui/severity.tsx'

/** A course: read, answer, see what was right. */
export function Course({ id }: { id: string }) {
  const query = useQuery({ ...myTaskQuery(id), staleTime: Number.POSITIVE_INFINITY })
  if (query.isPending) return <Skeleton rows={4} kind="card" />
  if (query.error)
    return <ErrorNote what={t('mine.failed')} error={query.error} again={() => void query.refetch()} />
  const { course, task } = query.data
  return (
    <>
      <Link to="/mine" className="btn small">
        <Icon name="back" size={14} />
        {t('mine.back')}
      </Link>
      <header className="page-head">
        <h1>{course.title}</h1>
        <span className="small quiet">{t('mine.minutes', { n: course.minutes })}</span>
      </header>
      <section className="sheet course">
        {course.sections.map(section => (
          <article key={section.title}>
            <h2>{section.title}</h2>
            <p>{section.text}</p>
          </article>
        ))}
      </section>
      <Questions course={course} task={task} />
    </>
  )
}

function Questions({ course, task }: { course: CourseView; task: TaskView }) {
  const [answers, setAnswers] = useState<Record<number, number>>({})
  const sending = useMutation({
    mutationFn: () =>
      post<AttemptResult>(`/api/mine/training/${task.id}/attempt`, {
        answers: course.questions.map((_, index) => answers[index]),
      }),
    onSuccess: () => policiesChanged(),
  })
  const result = sending.data
  const left = course.questions.filter((_, index) => answers[index] === undefined).length
  const ended = task.state !== 'assigned' || result?.passed === true
  return (
    <form
      className="course-questions"
      onSubmit={event => {
        event.preventDefault()
        if (left === 0 && !sending.isPending) sending.mutate()
      }}
    >
      <h2>{t('mine.questions')}</h2>
      <p className="small quiet">{t('mine.pass')}</p>
      {course.questions.map((question, index) => (
        <fieldset key={question.ask} className="sheet" disabled={ended}>
          <legend>
            {index + 1}. {question.ask}
          </legend>
          <Radio.Group
            vertical
            value={answers[index] ?? null}
            disabled={ended}
            onChange={event => {
              setAnswers(before => ({ ...before, [index]: Number(event.target.value) }))
              if (result && !result.passed) sending.reset()
            }}
            options={question.options.map((label, value) => ({ value, label }))}
          />
          {result ? <Review of={result.review[index]} /> : null}
        </fieldset>
      ))}
      {result ? (
        <p className={result.passed ? 'course-passed' : 'course-failed'} role="status">
          <Glyph of={result.passed ? 'good' : 'P2'} />
          {t(result.passed ? 'mine.passed' : 'mine.notPassed', {
            correct: result.correct,
            asked: result.asked,
          })}
        </p>
      ) : null}
      {sending.error ? <ErrorNote what={t('mine.questions')} error={sending.error} /> : null}
      {ended ? (
        <Link to="/mine" className="btn primary">
          {t('mine.back')}
        </Link>
      ) : (
        <Button type="primary" size="large" htmlType="submit" disabled={left > 0} loading={sending.isPending}>
          {left > 0 ? t('mine.left', { n: left }) : t('mine.submit')}
        </Button>
      )}
    </form>
  )
}

function Review({ of }: { of: AttemptResult['review'][number] | undefined }) {
  if (!of) return null
  return (
    <p className="small quiet course-review">
      <Glyph of={of.right ? 'good' : 'P2'} />
      {t(of.right ? 'mine.right' : 'mine.wrong')}
      {of.why === '' ? '' : `：${of.why}`}
    </p>
  )
}
