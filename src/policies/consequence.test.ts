import { expect, test } from 'vitest'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { type Actor, inTransaction, sql } from '../base/index.ts'
import { type Confirmed, confirmViolation, foreseen, reverseViolation } from './index.ts'

function lead(premises: TestPremises): Actor {
  return {
    house: premises.house,
    ...{ kind: 'person', name: 'lead', role: 'lead', accountId: null, userid: null, departments: [] },
  }
}

const source = { kind: 'alert', id: '019ad000-0000-7000-8000-000000000001' } as const
const said: Confirmed = {
  source,
  ...{ staff: 'zhang', departments: [2], severity: 'P1', rules: ['EXAG-01', 'EXAG-02', 'REBATE-01'] },
  happenedAt: Date.UTC(2026, 10, 20),
}

async function states(premises: TestPremises): Promise<{ violations: boolean[]; tasks: string[] }> {
  const violations = await sql<{ counts: boolean }>`
    SELECT reversed_at IS NULL AS counts FROM violation ORDER BY confirmed_at, id`.execute(premises.db)
  const tasks = await sql<{ state: string }>`SELECT state FROM training_task ORDER BY state, course`.execute(
    premises.db,
  )
  return { violations: violations.rows.map(r => r.counts), tasks: tasks.rows.map(r => r.state) }
}

async function trail(premises: TestPremises): Promise<string[]> {
  const { rows } = await sql<{ verb: string }>`
    SELECT verb FROM trail_entry WHERE thing_kind = 'violation' ORDER BY at, id`.execute(premises.db)
  return rows.map(row => row.verb)
}

test('confirmed once, refused twice, taken back, confirmed again: each step is in the trail', async () => {
  const premises = await testPremises()
  const actor = lead(premises)
  const confirm = () => inTransaction(premises.db, tx => confirmViolation(tx, actor, said))
  const follows = await confirm()
  expect(follows).toMatchObject({ points: 3, penalty: false })
  expect(follows.courses.map(c => c.course)).toHaveLength(2)
  await expect(confirm()).rejects.toMatchObject({ code: 'violation.counted' })
  expect(await states(premises)).toEqual({ violations: [true], tasks: ['assigned', 'assigned'] })

  await inTransaction(premises.db, tx => reverseViolation(tx, actor, source, '复核后认定为引用客户原话'))
  expect(await states(premises)).toEqual({ violations: [false], tasks: ['cancelled', 'cancelled'] })
  await confirm()
  expect((await states(premises)).violations).toEqual([false, true])
  expect(await trail(premises)).toEqual(['violation.confirmed', 'violation.reversed', 'violation.confirmed'])
})

test('training already done stays done when the violation is taken back; the reason is sealed', async () => {
  const premises = await testPremises()
  const actor = lead(premises)
  await inTransaction(premises.db, tx => confirmViolation(tx, actor, said))
  await sql`UPDATE training_task SET state = 'done', ended_at = now() WHERE course LIKE '%收益%'`.execute(
    premises.owner,
  )
  await inTransaction(premises.db, tx => reverseViolation(tx, actor, source, '复核后认定为引用客户原话'))
  expect((await states(premises)).tasks).toEqual(['cancelled', 'done'])
  const { rows } = await sql<{ sealed: Buffer }>`SELECT reason_sealed AS sealed FROM violation`.execute(
    premises.db,
  )
  expect(rows[0]?.sealed.includes(Buffer.from('引用'))).toBe(false)
})

test('taking back what never counted changes nothing and leaves no entry', async () => {
  const premises = await testPremises()
  await inTransaction(premises.db, tx => reverseViolation(tx, lead(premises), source, '无'))
  expect(await trail(premises)).toEqual([])
})

test('what is foreseen is what follows; P3 has no points, no training and no penalty', async () => {
  const premises = await testPremises()
  const actor = lead(premises)
  const before = foreseen(premises.house, said)
  const after = await inTransaction(premises.db, tx => confirmViolation(tx, actor, said))
  expect({ ...after, courses: after.courses.map(c => c.course) }).toEqual({
    ...before,
    courses: before.courses.map(c => c.course),
  })
  expect(foreseen(premises.house, { severity: 'P3', rules: ['GUAR-01'] })).toEqual({
    ...{ points: 0, courses: [], penalty: false },
  })
  expect(foreseen(premises.house, { severity: 'P0', rules: ['GUAR-01'] }).penalty).toBe(true)
})
