import { dayOf, endOfDayAfter } from '../../base/index.ts'
import { COMPLAINT_DAYS } from './contract.ts'
import type { Stored } from './store.ts'

const DAY = 86_400_000
type Timed = Pick<Stored, 'grade' | 'extended' | 'receivedAt' | 'dueAt' | 'answeredAt' | 'endedAt'>

/** Days this complaint has, all told. */
export function daysOf({ grade, extended }: Pick<Timed, 'grade' | 'extended'>): number {
  return COMPLAINT_DAYS[grade] + (extended ? COMPLAINT_DAYS.extension : 0)
}

/** The last moment of the last day, by the calendar: holidays do not lengthen it. */
export function deadlineOf(row: Pick<Timed, 'grade' | 'extended' | 'receivedAt'>, zone: string): number {
  return endOfDayAfter(row.receivedAt, daysOf(row), zone)
}

/** Which day of the clock it is: 0 the day it came. An answer, or the end, stops it. */
export function dayOfClock(row: Timed, at: number, zone: string): number {
  const until = Math.min(at, row.answeredAt ?? at, row.endedAt ?? at)
  return Math.round((Date.parse(dayOf(until, zone)) - Date.parse(dayOf(row.receivedAt, zone))) / DAY)
}

export function isOverdue(row: Timed, at: number): boolean {
  return (row.answeredAt ?? row.endedAt ?? at) > row.dueAt
}
