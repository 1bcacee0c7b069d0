import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { House } from '../../base/index.ts'
import { ROLES } from '../../people/contract.ts'
import { audience, escalated, isConcealed, mayHear, type Receiver, type Subject } from './audience.ts'
import { DEFAULT_SETTINGS } from './contract.ts'
import { isQuiet, nextDigest, quietEnds } from './hours.ts'

const ZONE = 'Asia/Shanghai'
const house = { zone: ZONE } as House
/** Wednesday 25 November 2026, 10:00 and 22:30 in Shanghai; Saturday the 28th at noon. */
const DAY = Date.parse('2026-11-25T10:00:00+08:00')
const NIGHT = Date.parse('2026-11-25T22:30:00+08:00')
const SATURDAY = Date.parse('2026-11-28T12:00:00+08:00')
const both = () => ({ card: true, mail: true })

const person = (role: string, more: Partial<Receiver> = {}): Receiver => ({
  house,
  kind: 'person',
  name: role,
  role,
  accountId: `00000000-0000-7000-8000-0000000000${String(ROLES.indexOf(role as 'lead') + 10)}`,
  userid: `user-${role}`,
  departments: role === 'supervisor' ? [11] : [],
  ...more,
})
const PEOPLE = ROLES.map(role => person(role))
const subject = (more: Partial<Subject> = {}): Subject => ({
  severity: 'P0',
  categories: ['GUAR'],
  departments: [11],
  staff: 'linyue',
  ...more,
})
const at = (now: number) => ({ settings: DEFAULT_SETTINGS, house, now })
const roles = (told: { receiver: string }[]) =>
  [...new Set(told.map(one => PEOPLE.find(p => p.accountId === one.receiver)?.role))].toSorted()

const anySubject = fc.record({
  severity: fc.constantFrom('P0', 'P1', 'P2', 'P3'),
  categories: fc.array(fc.constantFrom('GUAR', 'INSIDER', 'AML', 'ADVICE', null), {
    minLength: 1,
    maxLength: 3,
  }),
  departments: fc.array(fc.constantFrom(11, 12, 13), { maxLength: 2 }),
  staff: fc.constantFrom('linyue', ...ROLES.map(role => `user-${role}`)),
})

describe('who is told', () => {
  test('P0 goes to officers, leads and the supervisor of the department, at any hour, at once', () => {
    for (const now of [DAY, NIGHT, SATURDAY]) {
      const told = audience(subject(), PEOPLE, both, at(now))
      expect(roles(told)).toEqual(['lead', 'officer', 'supervisor'])
      expect(told.every(one => one.dueAt === now && one.channel !== 'digest')).toBe(true)
    }
  })

  test('P1 goes to officers now, to the others in the digest; at night all of it waits for the morning', () => {
    const told = audience(subject({ severity: 'P1' }), PEOPLE, both, at(DAY))
    expect(told.filter(one => one.channel === 'card')).toHaveLength(1)
    const night = audience(subject({ severity: 'P1' }), PEOPLE, both, at(NIGHT))
    expect(new Set(night.map(one => one.channel))).toEqual(new Set(['digest']))
    const morning = Date.parse('2026-11-26T08:00:00+08:00')
    expect(night.every(one => one.dueAt >= morning)).toBe(true)
  })

  test('property: nobody hears of himself, no chain of what is concealed, nobody who may not read it, nobody twice', () => {
    fc.assert(
      fc.property(anySubject, fc.constantFrom(DAY, NIGHT, SATURDAY), (of, now) => {
        const raised = audience(of, PEOPLE, both, at(now))
        const later = escalated(of, PEOPLE, [...ROLES], both, at(now))
        for (const told of [raised, later]) {
          const people = told.map(one => PEOPLE.find(p => p.accountId === one.receiver) as Receiver)
          expect(people.every(one => one.userid !== of.staff)).toBe(true)
          expect(people.every(one => mayHear(one, of))).toBe(true)
          expect(people.some(one => ['adviser', 'admin'].includes(one.role))).toBe(false)
          if (isConcealed(of)) expect(people.some(one => one.role === 'supervisor')).toBe(false)
          if (!of.departments.includes(11)) expect(people.some(one => one.role === 'supervisor')).toBe(false)
          expect(new Set(told.map(one => `${one.receiver} ${one.channel}`)).size).toBe(told.length)
        }
        const deciders = PEOPLE.filter(p => ['officer', 'lead'].includes(p.role) && p.userid !== of.staff)
        if (of.severity === 'P0')
          expect(
            deciders.every(p => raised.some(one => one.receiver === p.accountId && one.dueAt === now)),
          ).toBe(true)
      }),
    )
  })

  test('who has no way is not waited for: no row that never goes out', () => {
    expect(audience(subject(), PEOPLE, () => ({ card: false, mail: false }), at(DAY))).toEqual([])
    const told = audience(subject(), PEOPLE, () => ({ card: true, mail: false }), at(DAY))
    expect(told.every(one => one.channel === 'card')).toBe(true)
  })
})

describe('quiet hours and digest', () => {
  const settings = DEFAULT_SETTINGS
  test('by the clock of the institution and its calendar', () => {
    expect(isQuiet(settings, DAY, ZONE)).toBe(false)
    expect(isQuiet(settings, NIGHT, ZONE)).toBe(true)
    expect(isQuiet(settings, SATURDAY, ZONE)).toBe(true)
    // 1 October 2026 is a holiday although it is a Thursday.
    expect(isQuiet(settings, Date.parse('2026-10-01T10:00:00+08:00'), ZONE)).toBe(true)
    expect(quietEnds(settings, NIGHT, ZONE)).toBe(Date.parse('2026-11-26T08:00:00+08:00'))
    expect(quietEnds(settings, SATURDAY, ZONE)).toBe(Date.parse('2026-11-30T08:00:00+08:00'))
    expect(nextDigest(settings, DAY, ZONE)).toBe(Date.parse('2026-11-26T08:45:00+08:00'))
  })

  test('property: quiet always ends, and never at a quiet time', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }))
      .map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`)
    const instants = fc.integer({
      min: Date.parse('2026-01-01T00:00:00Z'),
      max: Date.parse('2026-12-20T00:00:00Z'),
    })
    fc.assert(
      fc.property(clock, clock, fc.boolean(), instants, (from, to, daysOff, now) => {
        const own = { ...settings, quiet: { on: true, from, to, daysOff } }
        const ends = quietEnds(own, now, ZONE)
        expect(ends).toBeGreaterThanOrEqual(now)
        expect(ends - now).toBeLessThan(15 * 86_400_000)
        expect(nextDigest(own, now, ZONE)).toBeGreaterThan(now)
      }),
    )
  })
})
