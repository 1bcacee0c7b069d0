import fc from 'fast-check'
import { expect, test } from 'vitest'
import { drawn, openSampleHouse, person } from '../../../test/support/sample.ts'
import { sql } from '../../base/index.ts'
import { loadRules } from '../../monitor/index.ts'
import { listAlerts, readAlert } from '../board.ts'
import { alertQuery } from '../contract.ts'
import { decide } from '../decide.ts'
import { reportFinding } from '../inspection/findings.ts'
import { planInput } from '../sampling/contract.ts'
import { registerPlan } from '../sampling/register.ts'
import { concludeClean, openUnit } from '../sampling/review.ts'
import { readPlan } from '../sampling/view.ts'
import { kappa, type Pair } from './kappa.ts'
import { assign, concludeLook, listLooks, openLook } from './looks.ts'
import { busiest, needed, readQuality } from './view.ts'

const RULES = loadRules()

test("Cohen's kappa of the example every textbook has: 20 and 15 agreed, 5 and 10 not, is 0.4", () => {
  const times = (n: number, first: Pair['first'], second: Pair['second']): Pair[] =>
    Array.from({ length: n }, () => ({ first, second }))
  const pairs = [
    ...times(20, 'violation', 'violation'),
    ...times(5, 'violation', 'clean'),
    ...times(10, 'clean', 'violation'),
    ...times(15, 'clean', 'clean'),
  ]
  expect(kappa(pairs)).toBeCloseTo(0.4, 10)
  // Cohen's own limits: 1 for full agreement on two kinds, 0 for chance, nothing to say of one kind alone.
  expect(kappa([...times(3, 'clean', 'clean'), ...times(2, 'violation', 'violation')])).toBe(1)
  expect(kappa([...times(1, 'clean', 'clean'), ...times(1, 'clean', 'violation')])).toBe(0)
  expect(kappa(times(5, 'clean', 'clean'))).toBeNull()
  expect(kappa([])).toBeNull()
})

test('the busiest hour is that of any sixty minutes, and reading takes a second a message at least', () => {
  const naive = (times: number[]): number =>
    Math.max(0, ...times.map(from => times.filter(at => at >= from && at - from < 3_600_000).length))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20_000_000 }), { maxLength: 40 }), times => {
      expect(busiest(times)).toBe(naive(times))
    }),
  )
  expect(needed({ messages: 4 }, 0)).toBe(4000)
  expect(needed({ messages: 1 }, 150)).toBe(10_000)
})

test('a blind second look: of another, without the first conclusion; the pair, the speed and what was never read are told to the lead alone', async () => {
  const stage = await openSampleHouse()
  const { premises, services } = stage
  const { db, owner } = premises
  const lead = person(stage, 'lead')
  const officer = person(stage, 'officer')
  const second = person(stage, 'officer', { name: 'officer2' })
  const input = planInput.parse({ title: '周期检查', from: '2026-11-02', to: '2026-11-02' })
  const { id: plan } = await registerPlan(db, lead, services.jobs, input)
  await drawn(stage, plan)
  const { units } = await readPlan(db, lead, plan)
  for (const [i, { unit }] of units.slice(0, 4).entries()) {
    await openUnit(db, officer, { plan, unit })
    if (i === 0)
      await reportFinding(db, officer, plan, { unit, severity: 'P1', rule: 'GUAR-01', note: '承诺保本' })
    else await concludeClean(db, officer, { plan, unit }, '')
  }
  // One alert decided after a look, at once; it cannot have been read.
  const [alert] = (await listAlerts(db, officer, RULES, alertQuery.parse({}))).items
  await readAlert(db, officer, RULES, alert!.id)
  await decide({ db, jobs: services.jobs }, officer, RULES, alert!.id, {
    ...{ conclusion: 'violation', note: '确认违规', tags: [] },
  })
  await services.sealer.flush()

  await expect(assign(db, officer, { share: 1000, known: 0 })).rejects.toMatchObject({ code: 'auth.denied' })
  const given = await assign(db, lead, { share: 600, known: 2 })
  expect(given.blind).toBe(3)
  // The same again gives nothing twice.
  await assign(db, lead, { share: 1000, known: 0 })
  expect((await listLooks(db, officer)).items).toEqual([])
  const { items } = await listLooks(db, second)
  expect(items).toHaveLength(5)
  expect(Object.keys(items[0]!).join()).not.toMatch(/verdict|kind|first/)
  const verdict = { verdict: 'clean' as const, note: '未见问题' }
  await expect(concludeLook(db, second, items[0]!.id, verdict)).rejects.toMatchObject({
    code: 'sample.unread',
  })
  await expect(openLook(db, officer, items[0]!.id)).rejects.toMatchObject({ code: 'approval.own' })
  for (const { id } of items) {
    await openLook(db, second, id)
    await concludeLook(db, second, id, verdict)
  }
  await expect(concludeLook(db, second, items[0]!.id, verdict)).rejects.toMatchObject({ code: 'look.moved' })
  await expect(sql`UPDATE second_look SET concluded_by = first_by`.execute(owner)).rejects.toThrow(
    'second_look_another',
  )

  await expect(readQuality(db, officer)).rejects.toMatchObject({ code: 'auth.denied' })
  const quality = await readQuality(db, lead)
  expect(quality.waiting).toBe(0)
  const own = quality.reviewers.find(row => row.name === 'officer')
  expect(own).toMatchObject({ decisions: 5, busiestHour: 5, unread: 0, timed: 5 })
  // All five were decided within milliseconds.
  expect(own?.fast).toBe(5)
  const other = quality.reviewers.find(row => row.name === 'officer2')
  expect(other?.decisions).toBe(0)
  expect((other?.known ?? 0) + (other?.blind ?? 0)).toBe(5)
  // Two violations were called clean: as a known one missed, or as a pair that differs.
  expect((other?.knownMissed ?? 0) + (other?.blind ?? 0) - (other?.agreed ?? 0)).toBe(2)
})

test('an alert decided without a look before it is counted as unread', async () => {
  const stage = await openSampleHouse()
  const { db } = stage.premises
  const officer = person(stage, 'officer')
  const [alert] = (await listAlerts(db, officer, RULES, alertQuery.parse({}))).items
  await decide({ db, jobs: stage.services.jobs }, officer, RULES, alert!.id, {
    ...{ conclusion: 'false_positive', note: '误报', tags: [] },
  })
  const [row] = (await readQuality(db, person(stage, 'lead'))).reviewers
  expect(row).toMatchObject({ name: 'officer', decisions: 1, unread: 1, timed: 0 })
  expect(row?.hours).toMatchObject([{ decisions: 1, falsePositives: 1 }])
})
