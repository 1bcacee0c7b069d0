import { expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { type Actor, sql } from '../base/index.ts'
import { loadRules } from '../monitor/index.ts'
import { listAlerts, readAlert } from './board.ts'
import { alertQuery, type Conclusion, REVIEW_MOVES, type ReviewState } from './contract.ts'
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
  return { premises, officer, alert }
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
  const { premises, officer, alert } = await oneAlert()
  const done = await decide(premises.db, officer, RULES, alert.id, {
    conclusion: 'violation',
    note: '承诺保本，已电话更正',
  })
  expect(done.alert).toMatchObject({ state: 'violation', decidedBy: 'officer' })
  expect(done.decisions.map(d => d.note)).toEqual(['承诺保本，已电话更正'])
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*) AS n FROM trail_entry WHERE verb = 'alert.decided' AND thing_id = ${alert.id}`.execute(
    premises.db,
  )
  expect(rows[0]?.n).toBe(1)
  const kept = await sql<{ note: Buffer }>`SELECT note_sealed AS note FROM decision`.execute(premises.db)
  expect(kept.rows[0]?.note.includes(Buffer.from('承诺'))).toBe(false)
})

test('only the moves of the table are legal, and none leaves half a decision behind', async () => {
  const { premises, officer, alert } = await oneAlert()
  const conclusions: Conclusion[] = ['violation', 'false_positive', 'watch']
  for (const [state, moves] of Object.entries(REVIEW_MOVES) as [ReviewState, readonly string[]][]) {
    for (const conclusion of conclusions) {
      await sql`UPDATE review SET state = ${state}`.execute(premises.owner)
      const before = await sql`SELECT 1 FROM decision`.execute(premises.db)
      const attempt = decide(premises.db, officer, RULES, alert.id, { conclusion, note: '理由如上' })
      if (moves.includes(conclusion))
        await expect(attempt).resolves.toMatchObject({ alert: { state: conclusion } })
      else {
        await expect(attempt).rejects.toMatchObject({ code: 'alert.decided' })
        expect((await sql`SELECT 1 FROM decision`.execute(premises.db)).rows.length).toBe(before.rows.length)
      }
    }
  }
})

test('two officers at once: one decides, the other is told', async () => {
  const { premises, officer, alert } = await oneAlert()
  const lead = person(premises, 'lead')
  const both = await Promise.allSettled([
    decide(premises.db, officer, RULES, alert.id, { conclusion: 'violation', note: '确认' }),
    decide(premises.db, lead, RULES, alert.id, { conclusion: 'false_positive', note: '误报' }),
  ])
  expect(both.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect((await sql`SELECT 1 FROM decision`.execute(premises.db)).rows).toHaveLength(1)
})

test('who may not decide, or not see, is refused; an unknown alert is missing', async () => {
  const { premises, officer, alert } = await oneAlert()
  const input = { conclusion: 'watch' as const, note: '再看看' }
  await expect(
    decide(premises.db, person(premises, 'auditor'), RULES, alert.id, input),
  ).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(
    decide(premises.db, person(premises, 'adviser'), RULES, alert.id, input),
  ).rejects.toMatchObject({ code: 'auth.denied' })
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
