import { expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../test/support/messages.ts'
import { type TestPremises, testPremises, testServices } from '../../test/support/premises.ts'
import { type Actor, inTransaction, sql } from '../base/index.ts'
import { loadRules } from '../monitor/index.ts'
import { listAlerts } from './board.ts'
import { alertQuery, caseQuery } from './contract.ts'
import { readCase } from './file-view.ts'
import { listCases, moveCase, openByHand } from './files.ts'
import { makeMove } from './move.ts'

const RULES = loadRules()

function person(premises: TestPremises, name: string, role = name, fields: Partial<Actor> = {}): Actor {
  const { house } = premises
  return {
    ...{ house, kind: 'person', name, role, accountId: null, userid: null, departments: [] },
    ...fields,
  }
}

/** Two alerts of one person, under review. */
async function twoAlerts() {
  const premises = await testPremises()
  const services = await testServices(premises)
  await archiveAll(premises, services, [
    textMessage('这款稳不稳呀', { from: 'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw', tolist: ['linyue'] }),
    textMessage('您放一百个心，这款保本保息，亏了算我的'),
    textMessage('您把钱先转我个人卡，我帮您买'),
  ])
  const officer = person(premises, 'officer')
  const list = () => listAlerts(premises.db, officer, RULES, alertQuery.parse({ state: 'all' }))
  while ((await list()).items.length < 2) await new Promise(resolve => setTimeout(resolve, 50))
  const [a, b] = (await list()).items
  if (!a || !b) throw new Error('no alerts')
  const deps = { db: premises.db, jobs: services.jobs }
  const moveOf = (actor: Actor, id: string, move: 'rectify' | 'close' | 'reopen', note = '理由如上') =>
    inTransaction(premises.db, tx => moveCase(tx, actor, id, { move, note }))
  return { premises, services, deps, officer, lead: person(premises, 'lead'), a, b, moveOf }
}

test('a case gathers the alerts of one person and closes by another hand once all are concluded', async () => {
  const { premises, deps, officer, lead, a, b, moveOf } = await twoAlerts()
  const { db } = premises
  const { id } = await openByHand(db, officer, a.id)
  expect(await openByHand(db, lead, b.id), 'the second joins the first').toEqual({ id })
  expect(await openByHand(db, officer, a.id), 'and stays where it is').toEqual({ id })
  await expect(moveOf(lead, id, 'close')).rejects.toMatchObject({ code: 'case.undecided' })
  for (const alert of [a, b])
    await makeMove(deps, officer, alert.id, { move: 'violation', note: '已核实，记分并培训' })
  await moveOf(officer, id, 'rectify')
  await expect(moveOf(officer, id, 'close')).rejects.toMatchObject({ code: 'case.own' })
  await moveOf(lead, id, 'close', '整改完成，客户已回访')
  await expect(moveOf(lead, id, 'reopen')).rejects.toMatchObject({ code: 'case.undo_own' })
  await expect(moveOf(officer, id, 'reopen')).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(moveOf(lead, id, 'rectify')).rejects.toMatchObject({ code: 'case.moved' })
  await moveOf(person(premises, 'lead-b', 'lead'), id, 'reopen')
  const { rows } = await sql<{ moves: number; entries: number }>`
    SELECT (SELECT count(*) FROM case_move) AS moves, (SELECT count(*) FROM trail_entry WHERE verb LIKE 'case.%') AS entries`.execute(
    db,
  )
  expect(rows[0]).toEqual({ moves: 5, entries: 5 })
  const closed = sql`UPDATE case_file SET state = 'closed', closed_by = opened_by, closed_at = now()`
  await expect(closed.execute(premises.owner)).rejects.toMatchObject({ code: '23514' })
})

test('the timeline tells what was said, raised, done and what followed, in order', async () => {
  const { premises, services, deps, officer, lead, a } = await twoAlerts()
  await makeMove(deps, officer, a.id, { move: 'escalate', note: '客户拟转账五十万' })
  const [file] = (await listCases(premises.db, lead, caseQuery.parse({}))).items
  expect(file).toMatchObject({ origin: 'escalation', openedBy: 'officer', alerts: 1, undecided: 1 })
  await makeMove(deps, lead, a.id, { move: 'violation', note: '承诺保本属实' })
  await services.sealer.flush()
  const detail = await readCase(premises.db, lead, RULES, file?.id ?? '')
  const told = detail.timeline.map(({ kind, what }) => `${kind} ${what}`)
  for (const line of [
    'alert P0',
    'move escalate',
    'case open',
    'move violation',
    'points counted',
    'training assigned',
  ])
    expect(told).toContain(line)
  expect(detail.timeline.filter(line => line.kind === 'message').map(line => line.hit)).toContain(true)
  expect(detail.timeline.find(line => line.what === 'escalate')?.text).toBe('客户拟转账五十万')
  const times = detail.timeline.map(line => line.at)
  expect(times).toEqual(times.toSorted((x, y) => x - y))
  expect(detail.convs).toHaveLength(1)
  expect(detail.can).toEqual([
    { move: 'rectify', refused: null },
    { move: 'close', refused: null },
  ])
})

test('nobody opens or moves a case about himself or his own, and who may not see it does not find it', async () => {
  const { premises, officer, a, moveOf } = await twoAlerts()
  const { db, owner } = premises
  const himself = person(premises, 'lin', 'lead', { userid: 'linyue' })
  await expect(openByHand(db, himself, a.id)).rejects.toMatchObject({ code: 'alert.own' })
  await expect(openByHand(db, person(premises, 'auditor'), a.id)).rejects.toMatchObject({
    code: 'auth.denied',
  })
  const { id } = await openByHand(db, officer, a.id)
  await sql`UPDATE case_file SET departments = '{7}'`.execute(owner)
  const ofSeven = person(premises, 'seven', 'lead', { departments: [7] })
  await expect(moveOf(himself, id, 'rectify')).rejects.toMatchObject({ code: 'alert.own' })
  await expect(moveOf(ofSeven, id, 'rectify')).rejects.toMatchObject({ code: 'alert.department' })
  await sql`UPDATE case_file SET concealed = true`.execute(owner)
  for (const hidden of [himself, ofSeven, person(premises, 'sup', 'supervisor', { departments: [7] })]) {
    await expect(readCase(db, hidden, RULES, id)).rejects.toMatchObject({ code: 'thing.missing' })
    expect((await listCases(db, hidden, caseQuery.parse({}))).items).toEqual([])
  }
})
