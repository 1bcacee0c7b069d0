import { expect, test } from 'vitest'
import { archiveAll, CUSTOMER, textMessage } from '../../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../../test/support/premises.ts'
import { until } from '../../../test/support/simulated.ts'
import { type Actor, now, sql } from '../../base/index.ts'
import { loadRules } from '../../monitor/index.ts'
import { answer, askToStepIn, listStepIns, noteOnWall, readWatched } from './step-in.ts'
import { readWall, sampleOf, weigh } from './wall.ts'

const RULES = loadRules()

function person(premises: TestPremises, role: string, departments: number[] = []): Actor {
  return {
    house: premises.house,
    kind: 'person',
    name: role,
    role,
    accountId: null,
    userid: null,
    departments,
  }
}

async function staged(...texts: string[]) {
  const premises = await testPremises()
  const services = await testServices(premises)
  const at = now() - 60_000
  const said = texts.map((text, i) => textMessage(text, { msgtime: at + i * 1000 }))
  await archiveAll(premises, services, said)
  const officer = person(premises, 'officer')
  const wall = () => readWall(premises.db, officer, RULES)
  await until('the wall shows it', async () => (await wall()).items.some(card => card.alerts.length > 0))
  const [card] = (await wall()).items
  if (!card) throw new Error('no card')
  const place = { sentAt: card.key.sentAt, msgid: card.key.msgid }
  return { premises, services, officer, wall, card, place, deps: { db: premises.db, jobs: services.jobs } }
}

const PROMISE = '您放一百个心，这款保本保息，亏了算我的'

test('a conversation at risk is on the wall with its reasons, masked names and the words that count', async () => {
  const { card, wall } = await staged(PROMISE, '明天上午十点网点见')
  expect(card).toMatchObject({ worst: 'P0', sampled: 'must', share: 100, risk: 100, stepIn: null, notes: 0 })
  expect(card.weights).toEqual([{ of: 'P0', n: 1, points: 100 }])
  expect(card.excerpt.text).toContain('保本保息')
  expect(card.counterpart.id).toBe(CUSTOMER)
  expect(card.counterpart.name).toMatch(/^客户·|\*\*/)
  expect((await wall()).items.map(one => one.convId)).toEqual([card.convId])
})

test('what is seen again is no new look; what is new is one', async () => {
  const { premises, wall } = await staged(PROMISE)
  const looks = async () =>
    (await sql`SELECT FROM trail_entry WHERE verb = 'wall.watched'`.execute(premises.db)).rows.length
  const before = await looks()
  expect(before).toBeGreaterThan(0)
  await wall()
  await wall()
  expect(await looks()).toBe(before)
})

test('a note is sealed and in the trail, and so is the opening', async () => {
  const { premises, officer, card, place } = await staged(PROMISE)
  const after = await noteOnWall(premises.db, officer, RULES, card.convId, { ...place, note: '已电话核实' })
  expect(after.notes.map(one => [one.note, one.by])).toEqual([['已电话核实', 'officer']])
  const { rows } = await sql<{ sealed: Buffer }>`SELECT note_sealed AS sealed FROM wall_note`.execute(
    premises.db,
  )
  expect(rows[0]?.sealed.includes(Buffer.from('核实'))).toBe(false)
  const verbs = await sql<{
    verb: string
  }>`SELECT DISTINCT verb FROM trail_entry WHERE thing_id = ${card.convId}`.execute(premises.db)
  expect(verbs.rows.map(row => row.verb)).toEqual(expect.arrayContaining(['wall.noted', 'wall.opened']))
})

test('the supervisor is asked once, answers once, and only in his own departments', async () => {
  const { premises, officer, card, place, deps, wall } = await staged(PROMISE)
  const alert = card.alerts[0]?.id ?? null
  const ask = () => askToStepIn(deps, officer, RULES, card.convId, { ...place, reason: '请当场更正', alert })
  const asked = await ask()
  expect(asked.stepIns).toMatchObject([{ reason: '请当场更正', askedBy: 'officer', done: null, alert }])
  await expect(ask()).rejects.toMatchObject({ code: 'stepin.asked' })
  expect((await wall()).items[0]).toMatchObject({ stepIn: { answeredAt: null }, risk: 140 })
  // The test's directory knows nobody: the department is given here.
  await sql`UPDATE step_in SET departments = '{7}'`.execute(premises.owner)
  const id = asked.stepIns[0]?.id ?? ''
  const own = person(premises, 'supervisor', [7])
  const other = person(premises, 'supervisor', [8])
  expect((await listStepIns(premises.db, own)).map(one => one.id)).toEqual([id])
  expect(await listStepIns(premises.db, other)).toEqual([])
  const input = { done: '已联系员工更正' }
  await expect(answer(premises.db, other, id, input)).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(answer(premises.db, officer, id, input)).rejects.toMatchObject({ code: 'auth.denied' })
  expect(await answer(premises.db, own, id, input)).toMatchObject({
    done: '已联系员工更正',
    answeredBy: 'supervisor',
  })
  await expect(answer(premises.db, own, id, input)).rejects.toMatchObject({ code: 'stepin.answered' })
  expect((await readWatched(premises.db, officer, RULES, card.convId)).stepIns[0]?.done).toBe(
    '已联系员工更正',
  )
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM pgboss.job WHERE name = 'cases.moved' AND data ->> 'move' = 'stepin'`.execute(
    premises.owner,
  )
  expect(rows[0]?.n).toBe(1)
})

test('where an alert is hidden from supervisors, none can be asked', async () => {
  const { officer, card, place, deps, premises } = await staged(
    '我这有内部消息，他们重组还没公告，赶紧先建仓',
  )
  const input = { ...place, reason: '请介入', alert: null }
  await expect(askToStepIn(deps, officer, RULES, card.convId, input)).rejects.toMatchObject({
    code: 'stepin.concealed',
  })
  expect((await readWatched(premises.db, officer, RULES, card.convId)).concealed).toBe(true)
  expect((await sql`SELECT FROM step_in`.execute(premises.db)).rows).toEqual([])
})

test('an alert of another conversation, or a message that is not there, starts nothing', async () => {
  const { officer, card, place, deps, premises } = await staged(PROMISE)
  const alert = '00000000-0000-7000-8000-000000000000'
  await expect(
    askToStepIn(deps, officer, RULES, card.convId, { ...place, reason: '请介入', alert }),
  ).rejects.toMatchObject({ code: 'thing.missing' })
  await expect(
    askToStepIn(deps, officer, RULES, card.convId, {
      sentAt: 1,
      msgid: 'none',
      reason: '请介入',
      alert: null,
    }),
  ).rejects.toMatchObject({ code: 'thing.missing' })
  expect((await sql`SELECT FROM step_in`.execute(premises.db)).rows).toEqual([])
})

test('the draw depends on the day and the conversation alone, and comes out near its share', () => {
  const weights = [{ of: 'P2' as const, n: 1, points: 20 }]
  const drawn = Array.from({ length: 2000 }, (_, i) => sampleOf(String(i), '2026-11-30', weights))
  const share = drawn.filter(one => one.sampled === 'share').length / drawn.length
  expect(share).toBeGreaterThan(0.26)
  expect(share).toBeLessThan(0.34)
  expect(sampleOf('5', '2026-11-30', weights)).toEqual(drawn[5])
  expect(sampleOf('5', '2026-11-30', [{ of: 'vulnerable', n: 1, points: 30 }]).sampled).toBe('vulnerable')
  expect(weigh(RULES, { alerts: [], risks: [], stepIns: [] })).toEqual([])
})
