import type { z } from 'zod'
import {
  type Actor,
  addBusinessDays,
  type Db,
  fail,
  inTransaction,
  newId,
  now,
  seal,
  type Tx,
} from '../base/index.ts'
import { authorise, departmentsOf, directoryOf, scopeOf } from '../people/index.ts'
import { record } from '../trail/index.ts'
import {
  type AttemptResult,
  type assignTask,
  type CourseView,
  type MyTask,
  PASS_SHARE,
  type TaskList,
  type TaskView,
  type taskQuery,
} from './contract.ts'
import type { Course } from './course-content.ts'
import { COURSE_TITLES, courseOf, versionOf } from './courses.ts'
import { sightOf } from './points-view.ts'
import {
  finishTasks,
  insertAttempt,
  insertTask,
  lockOpenTasks,
  selectTasks,
  type TaskRow,
} from './training-store.ts'
import { taskContext, taskViews } from './training-view.ts'

/** Everybody's tasks for those who look after them: open ones by urgency. The look is in the trail. */
export async function listTasks(db: Db, actor: Actor, query: z.infer<typeof taskQuery>): Promise<TaskList> {
  authorise(actor, 'points.read')
  return inTransaction(db, async tx => {
    const rows = await inScope(tx, actor, await selectTasks(tx, actor.house.corp, sightOf(actor)))
    const views = await taskViews(tx, actor.house, rows)
    const of = (state: z.infer<typeof taskQuery>['state']): TaskView[] =>
      views.filter(task => {
        if (state === 'all') return true
        if (state === 'open') return task.state === 'assigned'
        return state === 'overdue' ? task.overdue : task.state === state
      })
    const items = of(query.state)
    await record(tx, actor, {
      verb: 'training.listed',
      thing: { kind: 'training', id: query.state },
      detail: { shown: items.length },
    })
    const [open, overdue, done, cancelled] = [of('open'), of('overdue'), of('done'), of('cancelled')]
    return {
      items,
      counts: {
        ...{ open: open.length, overdue: overdue.length, done: done.length, cancelled: cancelled.length },
      },
      courses: [...COURSE_TITLES],
    }
  })
}

async function inScope(tx: Tx, actor: Actor, rows: TaskRow[]): Promise<TaskRow[]> {
  const scope = scopeOf(actor)
  if (scope.length === 0) return rows
  const { people } = await directoryOf(tx, actor.house)
  return rows.filter(row => people.get(row.staff)?.departments.some(id => scope.includes(id)) ?? false)
}

/** A lead assigns a course with a reason. `thing.missing` for an unknown person or course, `training.waits` when it waits already. */
export async function assignByHand(db: Db, actor: Actor, input: z.infer<typeof assignTask>): Promise<void> {
  await inTransaction(db, async tx => {
    const { house } = actor
    const departments = await departmentsOf(tx, house, [input.staff])
    authorise(actor, 'case.lead', { departments })
    const { people } = await directoryOf(tx, house)
    if (!people.has(input.staff)) throw fail('thing.missing', { staff: input.staff })
    if (!courseOf(input.course)) throw fail('thing.missing', { course: input.course })
    const { key } = await house.keys.own(tx)
    const id = newId()
    const at = now()
    const fresh = await insertTask(tx, house.corp, {
      ...{ id, violationId: null, staff: input.staff, course: input.course, assignedAt: at },
      dueAt: addBusinessDays(at, input.days, house.zone),
      assignedBy: actor.name,
      reasonSealed: seal(key, input.reason, taskContext(house.corp, id)),
    })
    if (!fresh) throw fail('training.waits', { staff: input.staff })
    await record(tx, actor, {
      verb: 'training.assigned',
      thing: { kind: 'training', id },
      detail: { staff: input.staff, course: input.course, reason: input.reason },
    })
  })
}

/** The member behind this account; advisers without one have no training of their own. */
export function ownStaff(actor: Actor): string {
  authorise(actor, 'training.do')
  if (actor.userid === null) throw fail('account.no_member', { account: actor.name })
  return actor.userid
}

/** One of my own tasks with its course: what to read and what is asked. Right answers are not in it. */
export async function readMyTask(db: Db, actor: Actor, id: string): Promise<MyTask> {
  const row = await myTask(db, actor, id)
  const [task] = await taskViews(db, actor.house, [row])
  if (!task) throw fail('thing.missing', { task: id })
  return { task, course: courseView(courseIn(row)) }
}

/**
 * Answer the questions of a task. Every attempt stays; one that passes ends every open task of the same course.
 * `training.ended` when it waits no more, `request.invalid` when answers are missing.
 */
export async function answer(db: Db, actor: Actor, id: string, answers: number[]): Promise<AttemptResult> {
  const staff = ownStaff(actor)
  return inTransaction(db, async tx => {
    const { house } = actor
    const row = await myTask(tx, actor, id)
    const waiting = await lockOpenTasks(tx, house.corp, staff, row.course)
    if (!waiting.includes(id)) throw fail('training.ended', { task: id })
    const course = courseIn(row)
    const { questions } = course
    if (answers.length !== questions.length) throw fail('request.invalid', { hint: 'one answer a question' })
    const right = questions.map((question, index) => question.right === answers[index])
    const correct = right.filter(Boolean).length
    const passed = correct / questions.length >= PASS_SHARE
    const at = now()
    await insertAttempt(tx, house.corp, {
      ...{ id: newId(), taskId: id, staff, course: row.course, version: versionOf(course) },
      ...{ answers, correct, asked: questions.length, passed, at },
    })
    if (passed) await finishTasks(tx, house.corp, waiting, at)
    await record(tx, actor, {
      verb: 'training.answered',
      thing: { kind: 'training', id },
      detail: { course: row.course, correct, asked: questions.length, passed },
    })
    const why = (index: number): string => questions[index]?.why ?? ''
    const review = right.map((ok, index) => ({ right: ok, why: passed || ok ? why(index) : '' }))
    return { passed, correct, asked: questions.length, review }
  })
}

/** Mine, or missing: whose else it is, is nobody's business. */
async function myTask(db: Db, actor: Actor, id: string): Promise<TaskRow> {
  const staff = ownStaff(actor)
  const [row] = await selectTasks(db, actor.house.corp, { staff: [staff], id, concealed: false })
  if (!row) throw fail('thing.missing', { task: id })
  return row
}

function courseIn(row: TaskRow): Course {
  const course = courseOf(row.course)
  if (!course) throw fail('thing.missing', { course: row.course })
  return course
}

function courseView(course: Course): CourseView {
  return {
    ...{
      title: course.title,
      version: versionOf(course),
      minutes: course.minutes,
      sections: course.sections,
    },
    questions: course.questions.map(({ ask, options }) => ({ ask, options })),
  }
}
