import fc from 'fast-check'
import { expect, test } from 'vitest'
import { archiveAll, textMessage } from '../../../test/support/messages.ts'
import { testPremises, testServices } from '../../../test/support/premises.ts'
import { furnishStaff, personAs } from '../../../test/support/staff.ts'
import { type Actor, now, sql } from '../../base/index.ts'
import { loadRules } from '../../monitor/index.ts'
import { readAccount } from '../../policies/index.ts'
import { openReviews } from '../purge.ts'
import { readBefore, readSignals } from './before.ts'
import { dayOfClock, deadlineOf, isOverdue } from './clock.ts'
import {
  COMPLAINT_ACTS,
  COMPLAINT_MOVES,
  type ComplaintAct,
  type ComplaintState,
  registerComplaint,
} from './contract.ts'
import { act, answer, askExtension, decideExtension, grade } from './handle.ts'
import { register } from './register.ts'
import { listComplaints, readComplaint, readDistribution, revealComplainant } from './view.ts'

const DAY = 86_400_000
const RULES = loadRules()
const NOTE = '按程序办理'

async function scene() {
  const premises = await testPremises()
  await furnishStaff(premises)
  const officer = personAs(premises, 'officer')
  const other = personAs(premises, 'officer', { name: 'other' })
  const lead = personAs(premises, 'lead')
  const fresh = (over: object = {}) =>
    register(
      premises.db,
      officer,
      registerComplaint.parse({
        ...{ source: 'h12378', kind: 'mis_selling', product: 'wealth', channel: 'wecom', staff: 'zhang' },
        ...{
          name: '王建国',
          contact: '13812342046',
          text: '客户称被承诺保本，要求退回本金',
          receivedAt: now(),
        },
        ...over,
      }),
    )
  return { premises, db: premises.db, officer, other, lead, fresh }
}

test('the clock: 15, 30 and 60 days by the calendar, the last day to its end; an answer stops it', () => {
  const zone = 'Asia/Shanghai'
  const receivedAt = Date.parse('2026-09-20T23:50:00+08:00')
  const due = (of: { grade: 'normal' | 'complex'; extended: boolean }): string =>
    new Date(deadlineOf({ ...of, receivedAt }, zone) + 8 * 3_600_000).toISOString()
  // Across the National Day holiday: calendar days, not business days.
  expect(due({ grade: 'normal', extended: false })).toBe('2026-10-05T23:59:59.999Z')
  expect(due({ grade: 'complex', extended: false })).toBe('2026-10-20T23:59:59.999Z')
  expect(due({ grade: 'complex', extended: true })).toBe('2026-11-19T23:59:59.999Z')
  const row = { grade: 'normal', extended: false, receivedAt, answeredAt: null, endedAt: null } as const
  const dueAt = deadlineOf(row, zone)
  expect(dayOfClock({ ...row, dueAt }, receivedAt + 3_600_000, zone)).toBe(1)
  expect([dueAt, dueAt + 1].map(at => isOverdue({ ...row, dueAt }, at))).toEqual([false, true])
  expect(isOverdue({ ...row, dueAt, answeredAt: dueAt - 1 }, dueAt + 90 * DAY)).toBe(false)
})

test('from registration to the answer: graded, extended by a lead who is not the handler, upheld, points; all sealed', async () => {
  const { premises, db, officer, other, lead, fresh } = await scene()
  const id = await fresh({ receivedAt: now() - 10 * DAY })
  await act(db, officer, id, { act: 'accept', note: NOTE })
  await expect(act(db, other, id, { act: 'investigate', note: NOTE })).rejects.toMatchObject({
    code: 'auth.denied',
  })
  await act(db, officer, id, { act: 'investigate', note: NOTE })
  await expect(askExtension(db, officer, id, '需调取柜面录音')).rejects.toMatchObject({
    code: 'complaint.moved',
  })
  await grade(db, officer, id, '涉及多份合同，情况复杂')
  expect((await readComplaint(db, officer, id)).complaint).toMatchObject({
    days: 30,
    day: 10,
    grade: 'complex',
  })
  await askExtension(db, officer, id, '需调取柜面录音')
  await expect(askExtension(db, officer, id, '再问一次可否')).rejects.toMatchObject({
    code: 'complaint.moved',
  })
  const verdict = { verdict: 'approved', reason: '同意延长' } as const
  await expect(decideExtension(db, officer, id, verdict)).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(
    decideExtension(db, personAs(premises, 'lead', { name: 'officer' }), id, verdict),
  ).rejects.toMatchObject({ code: 'complaint.moved' })
  await decideExtension(db, lead, id, verdict)
  expect((await readComplaint(db, officer, id)).complaint).toMatchObject({ days: 60, extended: true })
  const found = { text: '经查属实，退回本金并致歉', outcome: 'upheld', rules: ['GUAR-01'] } as const
  const given = { ...found, rules: [...found.rules] }
  await expect(answer(db, officer, id, { ...given, severity: null })).rejects.toMatchObject({
    code: 'request.invalid',
  })
  await answer(db, officer, id, { ...given, severity: 'P0' })
  expect((await readAccount(db, lead, 'zhang')).total).toBe(6)
  await act(db, officer, id, { act: 'reopen', note: '客户不认可金额' })
  expect((await readAccount(db, lead, 'zhang')).total).toBe(0)
  await answer(db, officer, id, { ...given, severity: 'P1' })
  await act(db, officer, id, { act: 'close', note: '客户书面确认' })
  const done = await readComplaint(db, officer, id)
  expect(done).toMatchObject({ can: [], answer: found.text, severity: 'P1', complaint: { state: 'closed' } })
  expect((await readAccount(db, lead, 'zhang')).total).toBe(3)
  const { rows } = await sql<{ bytes: string }>`
    SELECT (SELECT string_agg(c::text, '') FROM complaint c) || (SELECT string_agg(s::text, '') FROM complaint_step s)
      || (SELECT string_agg(e::text, '') FROM complaint_extension e) AS bytes`.execute(premises.owner)
  for (const word of ['王建国', '保本', '录音', '致歉', '13812342046'])
    expect(rows[0]?.bytes.includes(Buffer.from(word).toString('hex')) || rows[0]?.bytes.includes(word)).toBe(
      false,
    )
  await expect(
    sql`UPDATE complaint_extension SET decided_by = handler WHERE verdict = 'approved'`.execute(
      premises.owner,
    ),
  ).rejects.toThrow(/complaint_extension_two_people/)
})

test('nobody with an interest handles it: the person, his department, whom he leads', async () => {
  const { premises, db, fresh } = await scene()
  const id = await fresh()
  for (const [userid, departments] of [
    ['zhang', []],
    ['li', []],
    [undefined, [2]],
  ] as [string | undefined, number[]][]) {
    const who = personAs(premises, 'officer', { name: 'near', ...(userid ? { userid } : {}), departments })
    expect(await readComplaint(db, who, id)).toMatchObject({ interest: true, can: [] })
    await expect(act(db, who, id, { act: 'accept', note: NOTE })).rejects.toMatchObject({
      code: 'complaint.interest',
    })
  }
  const wang = personAs(premises, 'officer', { name: 'far', userid: 'wang' })
  await act(db, wang, id, { act: 'accept', note: NOTE })
  await expect(sql`UPDATE complaint SET handler_userid = 'zhang'`.execute(premises.owner)).rejects.toThrow(
    /complaint_no_interest/,
  )
})

test('masked by default, clear for a reason; a supervisor sees his own department; bad input is refused', async () => {
  const { premises, db, officer, fresh } = await scene()
  const id = await fresh()
  const seen = await readComplaint(db, officer, id)
  expect([seen.complaint.complainant, seen.contact]).toEqual(['王**', '138****46'])
  expect(await revealComplainant(db, officer, id, '电话回访')).toEqual({
    name: '王建国',
    contact: '13812342046',
  })
  await expect(revealComplainant(db, personAs(premises, 'auditor'), id, '看看')).rejects.toMatchObject({
    code: 'auth.denied',
  })
  const near = personAs(premises, 'supervisor', { departments: [2] })
  const far = personAs(premises, 'supervisor', { departments: [3] })
  expect((await listComplaints(db, near, 'bank', { state: 'open' })).items).toHaveLength(1)
  expect((await listComplaints(db, far, 'bank', { state: 'open' })).items).toHaveLength(0)
  await expect(readComplaint(db, far, id)).rejects.toMatchObject({ code: 'auth.denied' })
  await expect(fresh({ staff: 'nobody' })).rejects.toMatchObject({ code: 'thing.missing' })
  await expect(fresh({ receivedAt: now() + DAY })).rejects.toMatchObject({ code: 'request.invalid' })
  await expect(
    register(
      db,
      near,
      registerComplaint.parse({
        source: 'direct',
        kind: 'fees',
        product: 'card',
        channel: 'app',
        text: '年费乱收，未事先告知',
        receivedAt: 1,
      }),
    ),
  ).rejects.toMatchObject({ code: 'auth.denied' })
  const { byLaw, kinds } = await listComplaints(db, officer, 'micro_loan', { state: 'all' })
  expect(byLaw).toBe(false)
  expect(kinds).toContain('collection')
  expect(kinds).not.toContain('claims')
  const { months } = await readDistribution(db, officer)
  expect(months[0]).toMatchObject({ n: 1, staff: [{ name: '张子昂', n: 1 }], channel: [{ id: 'wecom' }] })
})

test('opened from what the customer wrote: once, with whom and the talk before it', async () => {
  const { premises, db, officer } = await scene()
  const services = await testServices(premises)
  const customer = 'wmJ7ijBwAAcomplains000000000001'
  const at = now() - 3_600_000
  await archiveAll(premises, services, [
    textMessage('您放心，这款保本保息', { from: 'zhang', tolist: [customer], msgtime: at - DAY }),
    textMessage('你们没告诉我会亏，我要投诉你们', { from: customer, tolist: ['zhang'], msgtime: at }),
  ])
  const signals = async () => (await readSignals(db, officer)).items
  while ((await signals()).length === 0) await new Promise(resolve => setTimeout(resolve, 50))
  const [found] = await signals()
  expect(found).toMatchObject({ staff: { id: 'zhang' }, customer: { id: customer } })
  const input = registerComplaint.parse({
    ...{
      source: 'wecom',
      kind: 'mis_selling',
      product: 'wealth',
      channel: 'wecom',
      text: '客户在会话中投诉',
    },
    ...{ receivedAt: at, message: found?.key },
  })
  const id = await register(db, officer, input)
  await expect(register(db, officer, input)).rejects.toMatchObject({ code: 'complaint.known' })
  expect(await signals()).toEqual([])
  const before = await readBefore(db, officer, RULES, id)
  expect(before.messages.map(one => one.text)).toEqual([
    '您放心，这款保本保息',
    '你们没告诉我会亏，我要投诉你们',
  ])
  expect((await readComplaint(db, officer, id)).complaint).toMatchObject({ staff: { id: 'zhang' } })
  // Words of the same conversation: what is in dispute is not destroyed until the complaint is settled.
  const words = [{ convId: found?.key.convId ?? '', sentAt: at - DAY, msgid: 'said before' }]
  expect((await openReviews(db, premises.house, words)).size).toBe(1)
  await act(db, officer, id, { act: 'withdraw', note: '客户本人撤回' })
  expect((await openReviews(db, premises.house, words)).size).toBe(0)
})

type Move = { who: 'officer' | 'other' | 'lead' | 'near' | 'risk'; act: ComplaintAct }
const move = fc.record<Move>({
  who: fc.constantFrom('officer', 'officer', 'other', 'lead', 'near', 'risk'),
  act: fc.constantFrom(...COMPLAINT_ACTS),
})
/** One way to each state of the table, then each act that leaves it. */
const WAYS: Record<ComplaintState, ComplaintAct[]> = {
  registered: [],
  accepted: ['accept'],
  investigating: ['accept', 'investigate'],
  escalated: ['accept', 'escalate'],
  answered: ['accept', 'investigate', 'answer'],
  closed: ['accept', 'investigate', 'answer', 'close'],
  withdrawn: ['withdraw'],
}

test('random moves by anybody: no illegal state, no change without a trail entry, every move of the table walked', {
  timeout: 180_000,
}, async () => {
  const { premises, db, officer, other, lead, fresh } = await scene()
  const actors: Record<Move['who'], Actor> = {
    ...{ officer, other, lead, risk: personAs(premises, 'risk') },
    near: personAs(premises, 'officer', { name: 'near', userid: 'li' }),
  }
  const walked = new Set<string>()
  let tried = 0
  let accepted = 0
  const look = async (
    id: string,
  ): Promise<{ state: ComplaintState; told: number; handler: string | null }> => {
    const { rows } = await sql<{ state: ComplaintState; told: number; handler: string | null }>`
      SELECT state, handler, (SELECT count(*) FROM trail_entry WHERE thing_kind = 'complaint' AND thing_id = ${id}
        AND verb IN ('complaint.moved', 'complaint.answered')) AS told FROM complaint WHERE id = ${id}::uuid`.execute(
      db,
    )
    return rows[0] ?? { state: 'withdrawn', told: 0, handler: null }
  }
  const make = (id: string, step: Move): Promise<void> =>
    step.act === 'answer'
      ? answer(db, actors[step.who], id, {
          text: '经查不属实',
          outcome: 'unfounded',
          severity: null,
          rules: [],
        })
      : act(db, actors[step.who], id, { act: step.act, note: NOTE })
  const walk = async (moves: Move[]): Promise<void> => {
    const id = await fresh()
    for (const step of moves) {
      const before = await look(id)
      tried += 1
      const ok = await make(id, step).then(
        () => true,
        () => false,
      )
      const after = await look(id)
      expect(after.told - before.told).toBe(ok ? 1 : 0)
      if (!ok) {
        expect(after).toEqual(before)
        continue
      }
      accepted += 1
      expect(['near', 'risk']).not.toContain(step.who)
      expect((COMPLAINT_MOVES[before.state] as Record<string, string>)[step.act]).toBe(after.state)
      if (before.handler !== null && step.who !== 'lead') expect(before.handler).toBe(step.who)
      walked.add(`${before.state}.${step.act}`)
    }
  }
  const all = Object.entries(COMPLAINT_MOVES).flatMap(([state, acts]) =>
    Object.keys(acts).map(name => [state, name] as [ComplaintState, ComplaintAct]),
  )
  for (const [state, name] of all)
    await walk([...WAYS[state], name].map(one => ({ who: one === 'take' ? 'lead' : 'officer', act: one })))
  await fc.assert(fc.asyncProperty(fc.array(move, { minLength: 2, maxLength: 8 }), walk), { numRuns: 20 })
  expect([...walked].sort()).toEqual(all.map(([state, name]) => `${state}.${name}`).sort())
  expect(accepted / tried).toBeGreaterThan(0)
})
