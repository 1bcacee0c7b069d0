import { dayOf, instantOn, isBusinessDay, minuteOfDay } from '../../base/index.ts'
import type { DeliverySettings } from './contract.ts'

const DAY_MS = 86_400_000
const LAST_MINUTE = 1439
/** The longest stretch of days off in a year's calendar is nine days. */
const LONGEST_REST_DAYS = 20

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3))

/** Is it a time at which nobody is to be disturbed for less than P0? */
export function isQuiet(settings: DeliverySettings, at: number, zone: string): boolean {
  const { quiet } = settings
  if (!quiet.on) return false
  if (quiet.daysOff && !isBusinessDay(dayOf(at, zone))) return true
  const [from, to, minute] = [minutes(quiet.from), minutes(quiet.to), minuteOfDay(at, zone)]
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to
}

/** When the quiet of `at` is over; `at` itself when there is none. */
export function quietEnds(settings: DeliverySettings, at: number, zone: string): number {
  if (!isQuiet(settings, at, zone)) return at
  const to = minutes(settings.quiet.to)
  for (let day = 0; day <= LONGEST_REST_DAYS; day++) {
    const ends = instantOn(dayOf(at + day * DAY_MS, zone), to, zone)
    if (ends > at && !isQuiet(settings, ends, zone)) return ends
  }
  return at + DAY_MS
}

/** The next digest: on the next working day at the time that is set, never within quiet hours. */
export function nextDigest(settings: DeliverySettings, at: number, zone: string): number {
  const minute = Math.min(minutes(settings.digest.at), LAST_MINUTE)
  for (let day = 0; day <= LONGEST_REST_DAYS; day++) {
    const date = dayOf(at + day * DAY_MS, zone)
    const due = instantOn(date, minute, zone)
    if (due > at && isBusinessDay(date)) return quietEnds(settings, due, zone)
  }
  return at + DAY_MS
}
