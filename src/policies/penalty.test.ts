import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type TestPremises, testPremises } from '../../test/support/premises.ts'
import { furnishStaff, personAs } from '../../test/support/staff.ts'
import { type Actor, inTransaction, newId, now, sql } from '../base/index.ts'
import { type Confirmed, confirmViolation, reverseViolation } from './consequence.ts'
import { PENALTY_MOVES, PENALTY_STATES, type PenaltyState } from './contract.ts'
import { decide, propose, stateFor, stateOwn, withdraw } from './penalty.ts'
import { listPenalties, readMyRecord } from './penalty-view.ts'

const EVIDENCE = 'YJ-2026-0001'
const known = async (_: unknown, number: string): Promise<boolean> => number === EVIDENCE

async function violation(premises: TestPremises, over: Partial<Confirmed> = {}): Promise<string> {
  const one: Confirmed = {
    source: { kind: 'alert', id: newId() },
    ...{ staff: 'zhang', departments: [2], severity: 'P0', rules: ['GUAR-01'], happenedAt: now() },
    ...over,
  }
  await inTransaction(premises.db, tx => confirmViolation(tx, personAs(premises, 'lead'), one))
  const { rows } = await sql<{ id: string }>`
    SELECT id::text FROM violation WHERE source_id = ${one.source.id} AND reversed_at IS NULL`.execute(
    premises.db,
  )
  return rows[0]?.id ?? ''
}

const input = (violations: string[], staff = 'zhang') => ({
  ...{ staff, kind: 'suspension' as const, violations, evidence: EVIDENCE },
  grounds: '向客户承诺保本保息，证据确凿',
})

async function scene() {
  const premises = await testPremises()
  await furnishStaff(premises)
  const lead = personAs(premises, 'lead')
  const risk = personAs(premises, 'risk')
  const zhang = personAs(premises, 'adviser', { name: 'zz', userid: 'zhang' })
  return { premises, lead, risk, zhang, db: premises.db }
}

test('proposed, spoken to by the person, signed by another; every word is sealed and every step in the trail', async () => {
  const { premises, lead, risk, zhang, db } = await scene()
  const ground = await violation(premises)
  const id = await propose(db, lead, known, input([ground]))
  await expect(decide(db, risk, id, { verdict: 'signed', reason: '同意处罚' })).rejects.toMatchObject({
    code: 'penalty.unheard',
  })
  await stateOwn(db, zhang, id, '当时口误，已当场更正')
  await stateOwn(db, zhang, id, '补充：客户已书面表示理解')
  await expect(
    decide(db, personAs(premises, 'risk', { name: 'lead' }), id, { verdict: 'signed', reason: '同意处罚' }),
  ).rejects.toMatchObject({ code: 'approval.own' })
  await expect(
    decide(db, personAs(premises, 'risk', { name: 'r2', userid: 'zhang' }), id, {
      ...{ verdict: 'signed', reason: '同意处罚' },
    }),
  ).rejects.toMatchObject({ code: 'approval.own' })
  await decide(db, risk, id, { verdict: 'signed', reason: '事实清楚，同意' })
  const [view] = (await listPenalties(db, lead, { state: 'all' })).items
  expect(view).toMatchObject({
    state: 'signed',
    own: true,
    heard: true,
    number: expect.stringMatching(/^CF-\d{4}-0001$/),
  })
  expect(view?.statements.map(one => one.how)).toEqual(['self', 'self'])
  expect(view?.decision).toMatchObject({ by: 'risk', reason: '事实清楚，同意' })
  expect((await readMyRecord(db, zhang)).penalties[0]?.state).toBe('signed')
  const { rows } = await sql<{ bytes: string }>`
    SELECT (SELECT string_agg(p::text, '') FROM penalty p) || (SELECT string_agg(s::text, '') FROM penalty_statement s) AS bytes`.execute(
    premises.owner,
  )
  for (const word of ['保本', '口误', '同意'])
    expect(rows[0]?.bytes.includes(Buffer.from(word).toString('hex'))).toBe(false)
  const trail = await sql<{ verb: string }>`
    SELECT verb FROM trail_entry WHERE thing_kind = 'penalty' AND thing_id = ${id} ORDER BY at, id`.execute(
    db,
  )
  expect(trail.rows.map(row => row.verb)).toEqual([
    ...['penalty.proposed', 'penalty.stated', 'penalty.stated', 'penalty.decided'],
  ])
})

test('what may not be proposed: unknown, not his, taken back, concealed, not grave, without evidence, twice', async () => {
  const { premises, lead, db } = await scene()
  const refused = (given: ReturnType<typeof input>, actor = lead) => propose(db, actor, known, given)
  await expect(refused(input([newId()]))).rejects.toMatchObject({ code: 'thing.missing' })
  const small = await violation(premises, { severity: 'P2', rules: ['SUPER-01'] })
  await expect(refused(input([small]))).rejects.toMatchObject({ code: 'penalty.not_grave' })
  const hidden = await violation(premises, { rules: ['INSIDER-01'] })
  await expect(refused(input([hidden]))).rejects.toMatchObject({ code: 'penalty.concealed' })
  const grave = await violation(premises)
  await expect(refused(input([grave], 'wang'))).rejects.toMatchObject({ code: 'thing.missing' })
  await expect(refused({ ...input([grave]), evidence: 'YJ-2026-9999' })).rejects.toMatchObject({
    code: 'penalty.no_evidence',
  })
  for (const role of ['officer', 'risk', 'supervisor', 'adviser', 'auditor'])
    await expect(refused(input([grave]), personAs(premises, role))).rejects.toMatchObject({
      code: 'auth.denied',
    })
  await expect(
    refused(input([grave]), personAs(premises, 'lead', { userid: 'zhang' })),
  ).rejects.toMatchObject({ code: 'approval.own' })
  // Two at once rest on one violation: one of them is told.
  const both = await Promise.allSettled([refused(input([grave])), refused(input([grave]))])
  expect(both.map(one => one.status).sort()).toEqual(['fulfilled', 'rejected'])
  await expect(refused(input([grave]))).rejects.toMatchObject({ code: 'penalty.twice' })
})

test('points over a line are grave too, whatever the severity', async () => {
  const { premises, lead, db } = await scene()
  const first = await violation(premises, { severity: 'P1', rules: ['EXAG-01'] })
  await expect(propose(db, lead, known, input([first]))).rejects.toMatchObject({ code: 'penalty.not_grave' })
  const second = await violation(premises, { severity: 'P1', rules: ['EXAG-01'] })
  await expect(propose(db, lead, known, input([first, second]))).resolves.toBeTypeOf('string')
})

test('a ground taken back meanwhile: it cannot be signed any more, but rejected', async () => {
  const { premises, lead, risk, db } = await scene()
  const source = { kind: 'alert', id: newId() } as const
  const ground = await violation(premises, { source })
  const id = await propose(db, lead, known, input([ground]))
  await stateFor(db, lead, id, { how: 'waived', text: '本人当面表示不申辩' })
  await inTransaction(db, tx => reverseViolation(tx, lead, source, '复核后认定为误报'))
  const verdict = (to: 'signed' | 'rejected') => decide(db, risk, id, { verdict: to, reason: '见复核结论' })
  await expect(verdict('signed')).rejects.toMatchObject({ code: 'penalty.ground_gone' })
  await verdict('rejected')
})

test("somebody else's is missing to an adviser, and the database itself demands two people and a hearing", async () => {
  const { premises, lead, db } = await scene()
  const id = await propose(db, lead, known, input([await violation(premises)]))
  const wang = personAs(premises, 'adviser', { userid: 'wang' })
  await expect(stateOwn(db, wang, id, '与我无关的事项')).rejects.toMatchObject({ code: 'thing.missing' })
  const sign = (by: string) =>
    sql`UPDATE penalty SET state = 'signed', decided_by = ${by}, decided_at = now(),
    decision_sealed = 'x' WHERE id = ${id}::uuid`.execute(premises.owner)
  await expect(sign('risk')).rejects.toThrow(/penalty_heard/)
  await sql`UPDATE penalty SET statement_due_at = now() - interval '1 day'`.execute(premises.owner)
  await expect(sign('lead')).rejects.toThrow(/penalty_two_people/)
})

type Move = { who: 'lead' | 'risk' | 'zhang' | 'officer'; act: PenaltyState; late: boolean }
const move = fc.record<Move>({
  who: fc.constantFrom('lead', 'risk', 'zhang', 'officer'),
  act: fc.constantFrom(...PENALTY_STATES.filter(state => state !== 'proposed')),
  late: fc.boolean(),
})
/** Every arrow of the table, so that a lucky draw is not needed to walk it. */
const ARROWS: Move[][] = [
  [{ who: 'risk', act: 'signed', late: true }],
  [{ who: 'risk', act: 'rejected', late: true }],
  [{ who: 'lead', act: 'withdrawn', late: false }],
  ...(['signed', 'rejected'] as const).map((act): Move[] => [
    { who: 'zhang', act: 'stated', late: false },
    { who: 'risk', act, late: false },
  ]),
  [
    { who: 'lead', act: 'stated', late: false },
    { who: 'lead', act: 'withdrawn', late: false },
  ],
]

test('random moves by anybody: no illegal state, no change without a trail entry, every arrow of the table walked', {
  timeout: 120_000,
}, async () => {
  const { premises, db } = await scene()
  const actors: Record<Move['who'], Actor> = {
    lead: personAs(premises, 'lead'),
    risk: personAs(premises, 'risk'),
    officer: personAs(premises, 'officer'),
    zhang: personAs(premises, 'adviser', { name: 'zz', userid: 'zhang' }),
  }
  const walked = new Set<string>()
  let tried = 0
  let accepted = 0
  const stateOf = async (id: string): Promise<PenaltyState> => {
    const { rows } = await sql<{
      state: PenaltyState
    }>`SELECT state FROM penalty WHERE id = ${id}::uuid`.execute(db)
    return rows[0]?.state ?? 'withdrawn'
  }
  const entries = async (id: string): Promise<number> => {
    const { rows } = await sql<{ n: number }>`
      SELECT count(*) AS n FROM trail_entry WHERE thing_kind = 'penalty' AND thing_id = ${id}`.execute(db)
    return rows[0]?.n ?? 0
  }
  const make = (id: string, { who, act }: Move): Promise<void> => {
    const actor = actors[who]
    if (act === 'withdrawn') return withdraw(db, actor, id, '情况有变，撤回')
    if (act === 'signed' || act === 'rejected')
      return decide(db, actor, id, { verdict: act, reason: '经研究决定' })
    return who === 'zhang'
      ? stateOwn(db, actor, id, '请求从轻处理')
      : stateFor(db, actor, id, { how: 'oral', text: '当面陈述：请求从轻' })
  }
  const walk = async (moves: Move[]): Promise<void> => {
    const id = await propose(db, actors.lead, known, input([await violation(premises)]))
    for (const step of moves) {
      if (step.late)
        await sql`UPDATE penalty SET statement_due_at = now() - interval '1 minute' WHERE id = ${id}::uuid`.execute(
          premises.owner,
        )
      const [before, told] = [await stateOf(id), await entries(id)]
      tried += 1
      const ok = await make(id, step).then(
        () => true,
        () => false,
      )
      const [after, said] = [await stateOf(id), await entries(id)]
      expect(said - told).toBe(ok ? 1 : 0)
      if (!ok) {
        expect(after).toBe(before)
        continue
      }
      accepted += 1
      // Adding to a statement leaves the state as it is; all else is an arrow of the table.
      if (after === before) expect(step.act).toBe('stated')
      else {
        expect(PENALTY_MOVES[before]).toContain(after)
        walked.add(`${before}→${after}`)
      }
      if (step.who === 'officer') throw new Error('an officer moved a penalty')
      if (after === 'signed' || after === 'rejected') expect(step.who).toBe('risk')
    }
  }
  for (const arrow of ARROWS) await walk(arrow)
  await fc.assert(fc.asyncProperty(fc.array(move, { minLength: 1, maxLength: 6 }), walk), { numRuns: 25 })
  const arrows = Object.entries(PENALTY_MOVES).flatMap(([from, to]) => to.map(state => `${from}→${state}`))
  expect([...walked].sort()).toEqual(arrows.sort())
  expect(accepted / tried).toBeGreaterThan(0)
})
