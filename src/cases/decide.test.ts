import { expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { type Actor, sql } from '../base/index.ts'
import { loadRules } from '../monitor/index.ts'
import { listAlerts, readAlert } from './board.ts'
import { alertQuery } from './contract.ts'
import { decide } from './decide.ts'

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

async function oneAlert() {
  const premises = await testPremises()
  const services = await testServices(premises)
  await archiveAll(premises, services, [
    textMessage('您放一百个心，这款保本保息，亏了算我的'),
    textMessage('明天上午十点网点见'),
  ])
  const officer = person(premises, 'officer')
  const list = () => listAlerts(premises.db, officer, RULES, alertQuery.parse({ state: 'all' }))
  while ((await list()).items.length === 0) await new Promise(resolve => setTimeout(resolve, 50))
  const [alert] = (await list()).items
  if (!alert) throw new Error('no alert')
  return { premises, deps: { db: premises.db, jobs: services.jobs }, officer, alert }
}

test('an alert carries rule, clause, exact span and the deadline of its severity', async () => {
  const { premises, officer, alert } = await oneAlert()
  expect(alert).toMatchObject({ severity: 'P0', state: 'open', recalled: false })
  expect(alert.dueAt - alert.raisedAt).toBe(4 * 3_600_000)
  expect(alert.number).toMatch(/^A-\d{4}-0001$/)
  const detail = await readAlert(premises.db, officer, RULES, alert.id)
  expect(detail.hits.map(hit => hit.matched)).toContain('保本保息')
  for (const hit of detail.hits)
    expect('您放一百个心，这款保本保息，亏了算我的'.slice(hit.start, hit.end)).toBe(hit.matched)
  expect(detail.rules.every(rule => rule.clause !== null && rule.basis.length > 0)).toBe(true)
})

test('a decision changes the state and writes the trail in one transaction; the note is sealed', async () => {
  const { premises, deps, officer, alert } = await oneAlert()
  const done = await decide(deps, officer, RULES, alert.id, {
    conclusion: 'violation',
    note: '承诺保本，已电话更正',
    tags: ['corrected'],
  })
  expect(done.alert).toMatchObject({ state: 'violation', decidedBy: 'officer', tags: ['corrected'] })
  expect(done.moves.map(m => [m.move, m.note])).toEqual([['violation', '承诺保本，已电话更正']])
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*) AS n FROM trail_entry WHERE verb = 'alert.decided' AND thing_id = ${alert.id}`.execute(
    premises.db,
  )
  expect(rows[0]?.n).toBe(1)
  const kept = await sql<{ note: Buffer }>`SELECT note_sealed AS note FROM decision`.execute(premises.db)
  expect(kept.rows[0]?.note.includes(Buffer.from('承诺'))).toBe(false)
})

test('a tag that asks for reasons gets them, and who acts on an old picture is told', async () => {
  const { premises, deps, officer, alert } = await oneAlert()
  const violation = { conclusion: 'violation' as const, note: '已核实', tags: ['harmed' as const] }
  await expect(decide(deps, officer, RULES, alert.id, violation)).rejects.toMatchObject({
    code: 'alert.note',
    details: { need: 10 },
  })
  await expect(
    decide(deps, officer, RULES, alert.id, { ...violation, tags: [], seen: 7 }),
  ).rejects.toMatchObject({
    code: 'alert.moved',
  })
  expect((await sql`SELECT 1 FROM review_move`.execute(premises.db)).rows).toEqual([])
})

test('two officers at once: one decides, the other is told', async () => {
  const { premises, deps, officer, alert } = await oneAlert()
  const lead = person(premises, 'lead')
  const both = await Promise.allSettled([
    decide(deps, officer, RULES, alert.id, { conclusion: 'violation', note: '确认', tags: [] }),
    decide(deps, lead, RULES, alert.id, { conclusion: 'false_positive', note: '误报', tags: [] }),
  ])
  expect(both.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await sql`SELECT 1 FROM decision`.execute(premises.db)).rows).toHaveLength(1)
})

test('who may not decide, or not see, is refused; an unknown alert is missing', async () => {
  const { premises, deps, officer, alert } = await oneAlert()
  const input = { conclusion: 'watch' as const, note: '再看看', tags: [] }
  await expect(decide(deps, person(premises, 'auditor'), RULES, alert.id, input)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(decide(deps, person(premises, 'adviser'), RULES, alert.id, input)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await expect(
    readAlert(premises.db, person(premises, 'supervisor', [99]), RULES, alert.id),
  ).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(
    readAlert(premises.db, officer, RULES, '00000000-0000-7000-8000-000000000000'),
  ).rejects.toMatchObject({ code: 'thing.missing' })
  expect(
    (await listAlerts(premises.db, person(premises, 'supervisor', [99]), RULES, alertQuery.parse({}))).items,
  ).toEqual([])
})
