import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addBusinessDays,
  calendarKnown,
  dayOf,
  importCalendar,
  isBusinessDay,
  isNight,
  monthStartUtc,
} from './calendar.ts'

const at = (local: string) => Date.parse(`${local}+08:00`)

test('the local day is that of Shanghai, not of UTC', () => {
  expect(dayOf(Date.parse('2026-02-13T16:00:00Z'))).toBe('2026-02-14')
  expect(dayOf(Date.parse('2026-02-13T15:59:59.999Z'))).toBe('2026-02-13')
  expect(dayOf(Date.parse('2026-02-13T16:00:00Z'), 'UTC')).toBe('2026-02-13')
  expect(dayOf(-1, 'UTC')).toBe('1969-12-31')
})

test('holidays are off and the weekends that make up for them are worked', () => {
  expect(isBusinessDay('2026-02-16')).toBe(false)
  expect(isBusinessDay('2026-02-14')).toBe(true)
  expect(isBusinessDay('2026-02-24')).toBe(true)
  expect(isBusinessDay('2026-09-19')).toBe(false)
  expect(isBusinessDay('2026-09-20')).toBe(true)
  expect(isBusinessDay('2025-10-08')).toBe(false)
})

test('the shipped notices give 248 business days in 2025 and in 2026', () => {
  const days = (year: number) =>
    Array.from({ length: 365 }, (_, i) => new Date(Date.UTC(year, 0, 1 + i)).toISOString().slice(0, 10))
  // 365 days less 104 weekend days less the weekdays off, plus the weekends worked: 248 in both years.
  expect(days(2025).filter(isBusinessDay).length).toBe(248)
  expect(days(2026).filter(isBusinessDay).length).toBe(248)
})

test('in a year whose notice is unknown only weekends are off, and that can be asked', () => {
  expect(calendarKnown(2026)).toBe(true)
  expect(calendarKnown(2099)).toBe(false)
  expect(isBusinessDay('2099-10-01')).toBe(true)
  expect(isBusinessDay('2099-10-03')).toBe(false)
})

test('business days are counted over the Spring Festival at the same local time', () => {
  expect(addBusinessDays(at('2026-02-13T15:30:00'), 1)).toBe(at('2026-02-14T15:30:00'))
  expect(addBusinessDays(at('2026-02-13T15:30:00'), 2)).toBe(at('2026-02-24T15:30:00'))
  expect(addBusinessDays(at('2026-02-18T00:10:00'), 1)).toBe(at('2026-02-24T00:10:00'))
  expect(addBusinessDays(at('2026-02-24T09:00:00'), -2)).toBe(at('2026-02-13T09:00:00'))
  expect(addBusinessDays(at('2026-02-18T09:00:00'), 0)).toBe(at('2026-02-18T09:00:00'))
})

test('counting keeps the local time where clocks change', () => {
  const zone = 'America/New_York'
  const friday = Date.parse('2027-03-12T09:00:00-05:00')
  expect(addBusinessDays(friday, 1, zone)).toBe(Date.parse('2027-03-15T09:00:00-04:00'))
})

test('a business day later is a business day and going back finds the start', () => {
  const start = fc.date({
    min: new Date('2025-01-02T00:00:00Z'),
    max: new Date('2026-11-01T00:00:00Z'),
    noInvalidDate: true,
  })
  fc.assert(
    fc.property(start, fc.integer({ min: 1, max: 20 }), (date, n) => {
      const later = addBusinessDays(date.getTime(), n)
      expect(isBusinessDay(dayOf(later))).toBe(true)
      if (isBusinessDay(dayOf(date.getTime()))) expect(addBusinessDays(later, -n)).toBe(date.getTime())
    }),
  )
})

test('night is nine in the evening to eight in the morning', () => {
  expect(isNight(at('2026-03-02T20:59:59'))).toBe(false)
  expect(isNight(at('2026-03-02T21:00:00'))).toBe(true)
  expect(isNight(at('2026-03-02T00:00:00'))).toBe(true)
  expect(isNight(at('2026-03-02T07:59:59'))).toBe(true)
  expect(isNight(at('2026-03-02T08:00:00'))).toBe(false)
})

test('months start in UTC', () => {
  expect(monthStartUtc(at('2026-03-01T07:59:59'))).toBe(Date.UTC(2026, 1, 1))
  expect(monthStartUtc(at('2026-03-01T08:00:00'))).toBe(Date.UTC(2026, 2, 1))
})

test('an imported notice counts at once, even for the December before it', () => {
  expect(isBusinessDay('2089-12-30')).toBe(true)
  importCalendar({ year: 2090, holidays: ['2089-12-30', '2090-01-02'], workdays: ['2090-01-07'] })
  expect(calendarKnown(2090)).toBe(true)
  expect(isBusinessDay('2089-12-30')).toBe(false)
  expect(isBusinessDay('2090-01-02')).toBe(false)
  expect(isBusinessDay('2090-01-07')).toBe(true)
})

test('a notice that cannot be right is refused with the dates named', () => {
  const good = { year: 2091, holidays: ['2091-01-01'], workdays: [] }
  expect(() => importCalendar({ ...good, holidays: ['2092-01-01'] })).toThrow('2092-01-01 is not of 2091')
  expect(() => importCalendar({ ...good, holidays: ['2091-02-30'] })).toThrow()
  expect(() => importCalendar({ ...good, workdays: ['2091-01-01'] })).toThrow('stands twice')
  expect(() => importCalendar({ ...good, workdays: ['2091-01-03'] })).toThrow('worked anyway')
  expect(() => importCalendar({ ...good, holidays: [] })).toThrow()
  expect(calendarKnown(2091)).toBe(false)
})
