import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ANCHORS, type Anchor, INSTITUTION_TYPES, MATERIALS, type Material } from './contract.ts'
import { addYears, anchorsInForce, dueOf, type OpenClass, recordDay } from './due.ts'
import { longestFor, materialsOf, SCHEDULE, scheduleOf } from './schedule.ts'

const day = fc
  .integer({ min: Date.UTC(1995, 0, 1), max: Date.UTC(2040, 11, 31) })
  .map(at => new Date(at).toISOString().slice(0, 10))
const institution = fc.constantFrom(...INSTITUTION_TYPES)
const materials = fc.subarray([...MATERIALS], { minLength: 1, maxLength: 3 })
const anchors = fc
  .dictionary(fc.constantFrom(...ANCHORS), day)
  .map(found => new Map(Object.entries(found) as [Anchor, string][]))
const classes = fc.array(
  fc.record({
    id: fc.constant('x'),
    material: fc.constantFrom(...MATERIALS),
    years: fc.integer({ min: 1, max: 60 }),
  }),
  { maxLength: 6 },
)
const question = fc.record({
  rules: institution.map(scheduleOf),
  materials,
  classes,
  anchors,
  recordedOn: day,
  today: day,
})

test('nothing is ever over without a class in force for every material: kept for ever by default', () => {
  fc.assert(
    fc.property(question, asked => {
      expect(dueOf({ ...asked, classes: [] }).why).not.toBe('over')
      const due = dueOf(asked)
      const covered = asked.materials.every(m => asked.classes.some(open => open.material === m))
      if (!covered) expect(due.why).not.toBe('over')
    }),
  )
})

test('the longest wins: over means that every line that hits is over, by its own start, and never a day early', () => {
  fc.assert(
    fc.property(question, asked => {
      const due = dueOf(asked)
      if (due.why !== 'over') return
      for (const rule of asked.rules.filter(r => r.materials.some(m => asked.materials.includes(m)))) {
        const start = rule.start === 'record' ? asked.recordedOn : asked.anchors.get(rule.start)
        expect(start).toBeDefined()
        expect(asked.today > addYears(start ?? '', rule.years)).toBe(true)
        expect(asked.today > addYears(asked.recordedOn, rule.years)).toBe(true)
      }
    }),
    { numRuns: 1000 },
  )
})

test('only upwards: no class, however short, brings a due day before the one of the schedule alone', () => {
  fc.assert(
    fc.property(question, asked => {
      const plain = dueOf({ ...asked, classes: [] })
      const raised = dueOf(asked)
      if (plain.dueOn !== null && raised.dueOn !== null) expect(raised.dueOn >= plain.dueOn).toBe(true)
      raised.hits.forEach(
        (hit, i) => void expect(hit.years).toBeGreaterThanOrEqual(plain.hits[i]?.years ?? 0),
      )
    }),
  )
})

test('one more class, one more year, one more material or a later event never makes anything due earlier', () => {
  fc.assert(
    fc.property(question, fc.constantFrom(...MATERIALS), fc.nat({ max: 30 }), (asked, material, more) => {
      const later = (
        due: { why: string; dueOn: string | null },
        than: { why: string; dueOn: string | null },
      ) => due.why !== 'over' || than.why === 'over'
      const wider: Material[] = [...new Set([...asked.materials, material])]
      expect(later(dueOf({ ...asked, materials: wider }), dueOf(asked))).toBe(true)
      const raised: OpenClass[] = asked.classes.map(open => ({ ...open, years: open.years + more }))
      expect(later(dueOf({ ...asked, classes: raised }), dueOf(asked))).toBe(true)
    }),
  )
})

test('an event that has not come keeps: without its anchor no line that waits for one is ever over', () => {
  fc.assert(
    fc.property(question, asked => {
      const waits = asked.rules.some(
        r => r.start !== 'record' && r.materials.some(m => asked.materials.includes(m)),
      )
      if (waits) expect(dueOf({ ...asked, anchors: new Map() }).why).not.toBe('over')
    }),
  )
})

test('an anchor: later days win, and a relation taken up again takes back what was recorded before', () => {
  const at = (startsOn: string, resumed = false) => ({ anchor: 'contract_end' as const, startsOn, resumed })
  expect(anchorsInForce([at('2010-01-01'), at('2008-01-01')]).get('contract_end')).toBe('2010-01-01')
  expect(anchorsInForce([at('2010-01-01'), at('2012-01-01', true)]).size).toBe(0)
  expect(
    anchorsInForce([at('2010-01-01'), at('2012-01-01', true), at('2011-01-01')]).get('contract_end'),
  ).toBe('2011-01-01')
})

test('a time that cannot be true does not make a message look old', () => {
  const captured = Date.UTC(2026, 10, 30)
  const utc = (at: number) => new Date(at).toISOString().slice(0, 10)
  expect(recordDay(0, captured, utc)).toBe('2026-11-30')
  expect(recordDay(Date.UTC(2099, 0, 1), captured, utc)).toBe('2099-01-01')
  expect(recordDay(Date.UTC(2005, 5, 1), captured, utc)).toBe('2005-06-01')
  expect(addYears('2004-02-29', 5)).toBe('2009-03-01')
})

test('the schedule: every institution keeps what was said to customers, as long as the reference says', () => {
  const years = (of: (typeof INSTITUTION_TYPES)[number], material: Material) =>
    longestFor(scheduleOf(of), material)?.years
  expect(Object.fromEntries(INSTITUTION_TYPES.map(of => [of, years(of, 'communication')]))).toEqual({
    bank: 20,
    wmc: 20,
    insurance: 10,
    securities: 20,
    fund: 20,
    private_fund: 10,
    futures: 20,
    micro_loan: 10,
    guarantee: 10,
    payment: 5,
  })
  for (const of of INSTITUTION_TYPES) {
    expect(years(of, 'consent'), of).toBe(years(of, 'communication'))
    expect(years(of, 'kyc'), of).toBeGreaterThanOrEqual(10)
  }
  expect(SCHEDULE.filter(rule => rule.source !== 'D' && rule.basis === '')).toEqual([])
  expect(new Set(SCHEDULE.map(rule => rule.id)).size).toBe(SCHEDULE.length)
})

test('what a message is: by who speaks to whom, consent apart, and what later rooms mark', () => {
  const told = (kind: string, direction: string, marks: string[] = []) =>
    materialsOf({ kind, direction, marks })
  expect(told('text', 'staff')).toEqual(['communication'])
  expect(told('text', 'internal')).toEqual(['internal'])
  expect(told('agree', 'customer')).toEqual(['consent'])
  expect(told('switch', 'system')).toEqual([])
  expect(told('file', 'staff', ['kyc', 'nonsense'])).toEqual(['communication', 'kyc'])
})
