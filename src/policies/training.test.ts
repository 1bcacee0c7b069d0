import { unzipSync } from 'fflate'
import { beforeEach, expect, test } from 'vitest'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { furnishStaff, personAs } from '../../test/support/staff.ts'
import { inTransaction, newId, now, sql } from '../base/index.ts'
import { type Confirmed, confirmViolation, foreseen, reverseViolation } from './consequence.ts'
import { COURSES } from './course-content.ts'
import { courseOf, coursesFor } from './courses.ts'
import { readMyRecord } from './penalty-view.ts'
import { exportPoints } from './points-export.ts'
import { readAccount, readPoints } from './points-view.ts'
import { answer, assignByHand, listTasks, readMyTask } from './training.ts'

const DAY = 86_400_000
let premises: TestPremises
beforeEach(async () => {
  premises = await testPremises()
  await furnishStaff(premises)
})

const lead = () => personAs(premises, 'lead')
const zhang = () => personAs(premises, 'adviser', { userid: 'zhang' })

async function confirmed(over: Partial<Confirmed> = {}): Promise<Confirmed> {
  const one: Confirmed = {
    source: { kind: 'alert', id: newId() },
    ...{ staff: 'zhang', departments: [2], severity: 'P1', rules: ['EXAG-01'], happenedAt: now() - DAY },
    ...over,
  }
  await inTransaction(premises.db, tx => confirmViolation(tx, lead(), one))
  return one
}

const rightOf = (title: string): number[] => (courseOf(title)?.questions ?? []).map(one => one.right)

test('every course is whole: three to five questions, a right option that exists, reached by some rule', () => {
  for (const { questions, title } of COURSES) {
    expect(questions.length, title).toBeGreaterThanOrEqual(3)
    expect(questions.length, title).toBeLessThanOrEqual(5)
    for (const one of questions) {
      expect(one.options.length).toBeGreaterThanOrEqual(2)
      expect(one.options[one.right]).toBeDefined()
      expect(new Set(one.options).size).toBe(one.options.length)
    }
  }
  const reached = coursesFor(['GUAR-01', 'SUPER-01', 'REBATE-01', 'EVADE-01', 'LEAK-01', 'SUIT-01'])
  expect(reached.toSorted()).toEqual(COURSES.map(course => course.title).toSorted())
})

test('the adviser fails, then passes; both attempts stay; every open task of the course is done', async () => {
  await confirmed()
  await confirmed({ rules: ['GUAR-02'], severity: 'P0' })
  const { points } = await readMyRecord(premises.db, zhang())
  expect(points.total).toBe(9)
  const [task] = points.tasks
  if (!task) throw new Error('no task')
  const { course } = await readMyTask(premises.db, zhang(), task.id)
  expect(JSON.stringify(course)).not.toContain('right')
  const right = rightOf(task.course)
  const wrong = right.map(n => (n + 1) % 2)
  const failed = await answer(premises.db, zhang(), task.id, wrong)
  expect(failed).toMatchObject({ passed: false })
  // What is right is not told before it is passed.
  expect(failed.review.filter(one => !one.right).every(one => one.why === '')).toBe(true)
  await expect(answer(premises.db, zhang(), task.id, [0])).rejects.toMatchObject({ code: 'request.invalid' })
  expect(await answer(premises.db, zhang(), task.id, right)).toMatchObject({ passed: true })
  const list = await listTasks(premises.db, lead(), { state: 'all' })
  expect(list.counts).toEqual({ open: 0, overdue: 0, done: 2, cancelled: 0 })
  expect(list.items.find(one => one.id === task.id)).toMatchObject({ attempts: 2, best: 1 })
  await expect(answer(premises.db, zhang(), task.id, right)).rejects.toMatchObject({ code: 'training.ended' })
  const { rows } = await sql`SELECT 1 FROM training_attempt`.execute(premises.db)
  expect(rows).toHaveLength(2)
  await expect(sql`UPDATE training_attempt SET passed = true`.execute(premises.db)).rejects.toThrow(
    /permission denied/,
  )
})

test("nobody does another's training; an account without a member is told so", async () => {
  await confirmed()
  const [task] = (await listTasks(premises.db, lead(), { state: 'open' })).items
  const wang = personAs(premises, 'adviser', { userid: 'wang' })
  await expect(readMyTask(premises.db, wang, task?.id ?? '')).rejects.toMatchObject({ code: 'thing.missing' })
  await expect(answer(premises.db, wang, task?.id ?? '', [0])).rejects.toMatchObject({
    code: 'thing.missing',
  })
  await expect(readMyRecord(premises.db, personAs(premises, 'adviser'))).rejects.toMatchObject({
    code: 'account.no_member',
  })
  await expect(readMyRecord(premises.db, lead())).rejects.toMatchObject({ code: 'auth.denied' })
})

test('by hand: a lead with a reason, once while it waits; overdue shows; a supervisor sees his own people only', async () => {
  const input = {
    staff: 'zhang',
    course: COURSES[4]?.title ?? '',
    days: 3,
    reason: '新入职，补学客户信息保护',
  }
  await assignByHand(premises.db, lead(), input)
  await expect(assignByHand(premises.db, lead(), input)).rejects.toMatchObject({ code: 'training.waits' })
  await expect(assignByHand(premises.db, lead(), { ...input, staff: 'nobody' })).rejects.toMatchObject({
    code: 'thing.missing',
  })
  await expect(assignByHand(premises.db, lead(), { ...input, course: '没有这门课' })).rejects.toMatchObject({
    code: 'thing.missing',
  })
  await expect(assignByHand(premises.db, personAs(premises, 'officer'), input)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await sql`UPDATE training_task SET due_at = now() - interval '1 day'`.execute(premises.owner)
  const list = await listTasks(premises.db, lead(), { state: 'overdue' })
  expect(list.items).toMatchObject([{ byHand: true, overdue: true, reason: input.reason }])
  const own = personAs(premises, 'supervisor', { departments: [2] })
  const other = personAs(premises, 'supervisor', { departments: [3] })
  expect((await listTasks(premises.db, own, { state: 'all' })).items).toHaveLength(1)
  expect((await listTasks(premises.db, other, { state: 'all' })).items).toHaveLength(0)
})

test('points in view: sum of the lines, ranking, trend; reversal takes its own away and cancels what is not done', async () => {
  await confirmed({ happenedAt: now() - 100 * DAY })
  const last = await confirmed({ severity: 'P0', rules: ['LEAK-01'] })
  await confirmed({ staff: 'wang', departments: [3], severity: 'P2' })
  const view = await readPoints(premises.db, lead())
  expect(view.people.map(one => [one.staff.name, one.points, one.line, one.before])).toEqual([
    ['张子昂', 7.5, 'talk', 3],
    ['王梓涵', 1, null, 0],
  ])
  expect(view.departments.map(one => [one.name, one.points, one.people, one.staff])).toEqual([
    ['财富一部', 7.5, 1, 2],
    ['财富二部', 1, 1, 1],
  ])
  expect(view.trend).toHaveLength(12)
  expect(view.trend.reduce((sum, one) => sum + one.violations, 0)).toBe(3)
  await inTransaction(premises.db, tx => reverseViolation(tx, lead(), last.source, '复核后认定为误报'))
  const account = await readAccount(premises.db, lead(), 'zhang')
  expect(account.total).toBe(1.5)
  expect(account.entries.reduce((sum, one) => sum + one.counts, 0)).toBe(account.total)
  expect(account.entries.find(one => one.severity === 'P0')?.reversed?.reason).toBe('复核后认定为误报')
  expect(account.tasks.map(one => one.state).sort()).toEqual(['assigned', 'cancelled'])
})

test('insider matters: no course, and neither the person nor his supervisor learns of them', async () => {
  expect(foreseen(premises.house, { severity: 'P0', rules: ['INSIDER-01'] }).courses).toEqual([])
  await confirmed({ severity: 'P0', rules: ['INSIDER-01'] })
  await confirmed({ severity: 'P2' })
  expect((await readAccount(premises.db, lead(), 'zhang')).total).toBe(7)
  const supervisor = personAs(premises, 'supervisor', { departments: [2] })
  expect((await readAccount(premises.db, supervisor, 'zhang')).total).toBe(1)
  expect((await readPoints(premises.db, supervisor)).people[0]?.points).toBe(1)
  const own = await readMyRecord(premises.db, zhang())
  expect(own.points.entries.map(one => one.severity)).toEqual(['P2'])
  const stranger = personAs(premises, 'supervisor', { departments: [3] })
  await expect(readAccount(premises.db, stranger, 'zhang')).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(readAccount(premises.db, lead(), 'nobody')).rejects.toMatchObject({ code: 'thing.missing' })
})

test('export: a workbook and CSV of the period, scoped, each in the trail', async () => {
  await confirmed()
  await confirmed({ staff: 'wang', departments: [3], severity: 'P0', rules: ['GUAR-01'] })
  const period = { from: '2020-01-01', to: '2099-12-31' }
  const csv = await exportPoints(premises.db, lead(), { ...period, format: 'csv' })
  const rows = csv.bytes.toString('utf8').trim().split('\r\n')
  expect(rows.map(row => row.split(',').slice(0, 2).join())).toEqual([
    '成员,编号',
    '王梓涵,wang',
    '张子昂,zhang',
  ])
  const own = personAs(premises, 'supervisor', { departments: [2] })
  const workbook = await exportPoints(premises.db, own, { ...period, format: 'xlsx' })
  const sheet = Buffer.from(unzipSync(workbook.bytes)['xl/worksheets/sheet1.xml'] ?? []).toString('utf8')
  expect(sheet).toContain('张子昂')
  expect(sheet).not.toContain('王梓涵')
  const past = await exportPoints(premises.db, lead(), {
    from: '2020-01-01',
    to: '2020-12-31',
    format: 'csv',
  })
  expect(past.bytes.toString('utf8').trim().split('\r\n')).toHaveLength(1)
  await expect(
    exportPoints(premises.db, lead(), { from: '2026-02-01', to: '2026-01-01', format: 'csv' }),
  ).rejects.toMatchObject({ code: 'request.invalid' })
  const { rows: entries } = await sql`SELECT 1 FROM trail_entry WHERE verb = 'points.exported'`.execute(
    premises.db,
  )
  expect(entries).toHaveLength(3)
})
