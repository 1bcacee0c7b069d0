import fc from 'fast-check'
import { expect, test } from 'vitest'
import { POINTS } from './contract.ts'
import { ageInDays, countsAt, lineOf, nextDropOf, shareAt, totalAt } from './points.ts'

const ZONE = 'Asia/Shanghai'
const DAY = 86_400_000
const START = Date.UTC(2026, 0, 1)

const violation = fc.record({
  points: fc.constantFrom(...Object.values(POINTS)),
  happenedAt: fc.integer({ min: START, max: START + 700 * DAY }),
  reversedAt: fc.option(fc.integer({ min: START, max: START + 900 * DAY }), { freq: 4 }),
})
const moment = fc.integer({ min: START, max: START + 1500 * DAY })

test('the sum is the sum of its lines, never negative, and no more than the points themselves', () => {
  fc.assert(
    fc.property(fc.array(violation, { maxLength: 40 }), moment, (all, at) => {
      const total = totalAt(all, at, ZONE)
      const lines = all.map(one => countsAt(one, at, ZONE))
      expect(total).toBe(lines.reduce((a, b) => a + b, 0))
      expect(total).toBeGreaterThanOrEqual(0)
      expect(total).toBeLessThanOrEqual(all.reduce((sum, one) => sum + one.points, 0))
      expect(total * 4).toBe(Math.round(total * 4))
    }),
  )
})

test('time alone never adds a point', () => {
  fc.assert(
    fc.property(fc.array(violation, { maxLength: 20 }), moment, moment, (all, a, b) => {
      const [early, late] = a < b ? [a, b] : [b, a]
      // What was done after the first moment is new, not time.
      const known = all.filter(one => one.happenedAt <= early)
      expect(totalAt(known, late, ZONE)).toBeLessThanOrEqual(totalAt(known, early, ZONE))
    }),
  )
})

test('taking one back removes exactly its own line', () => {
  fc.assert(
    fc.property(fc.array(violation, { minLength: 1, maxLength: 20 }), fc.nat(), moment, (all, pick, at) => {
      const index = pick % all.length
      const without = all.map((one, i) => (i === index ? { ...one, reversedAt: at } : one))
      const own = countsAt(all[index] as (typeof all)[number], at, ZONE)
      expect(totalAt(without, at, ZONE)).toBe(totalAt(all, at, ZONE) - own)
    }),
  )
})

test('the next drop is the first day on which it counts less', () => {
  fc.assert(
    fc.property(violation, moment, (one, at) => {
      const counts = countsAt(one, at, ZONE)
      const drop = nextDropOf(one, at, ZONE)
      if (drop === null) {
        expect(counts).toBe(0)
        return
      }
      const morning = Date.parse(`${drop}T00:00:00+08:00`)
      expect(countsAt(one, morning, ZONE)).toBeLessThan(counts)
      if (morning - 1 > at) expect(countsAt(one, morning - 1, ZONE)).toBe(counts)
    }),
  )
})

test('the edges of the rule: 90, 180 and 365 days, on the clock of the institution', () => {
  expect([0, 90, 91, 180, 181, 365, 366].map(shareAt)).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25, 0])
  // 23:30 in Shanghai and 00:30 the day after are a day apart, though an hour passed.
  const late = Date.parse('2026-03-01T23:30:00+08:00')
  expect(ageInDays(late, late + 3_600_000, ZONE)).toBe(1)
  expect(ageInDays(late, late - DAY, ZONE)).toBe(0)
})

test('lines: from six on a talk, from twelve on a suspension is considered', () => {
  expect([0, 5.75, 6, 11.75, 12, 60].map(lineOf)).toEqual([null, null, 'talk', 'talk', 'suspend', 'suspend'])
})
