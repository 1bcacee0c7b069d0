import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fail, messageOf } from './errors.ts'

const DEFAULT_ZONE = 'Asia/Shanghai'
const DAY_MS = 86_400_000
/** Marketing at 21:00–8:00 is counted as night outreach (reference/regulation.md, indicator 夜间外发). */
const NIGHT = { from: 21, to: 8 }

const day = z.iso.date()
const calendarYear = z
  .object({
    year: z.number().int().min(2000).max(2100),
    source: z.string().optional(),
    confidence: z.string().optional(),
    holidays: z.array(day).min(1),
    /** 调休: weekend days that are worked. */
    workdays: z.array(day),
  })
  .superRefine((calendar, context) => {
    for (const problem of problems(calendar)) context.addIssue({ code: 'custom', message: problem })
  })
export type CalendarYear = z.infer<typeof calendarYear>

const years = new Map<number, { holidays: Set<string>; workdays: Set<string> }>()
const SHIPPED = join(import.meta.dirname, 'calendar-data')
for (const name of readdirSync(SHIPPED)) importCalendar(JSON.parse(readFileSync(join(SHIPPED, name), 'utf8')))

/**
 * Take in a year from the State Council's notice (国务院办公厅关于…年部分节假日安排的通知), replacing what was known of it.
 * A notice may begin in the December before.
 */
export function importCalendar(json: unknown): CalendarYear {
  const calendar = calendarYear.parse(json)
  years.set(calendar.year, { holidays: new Set(calendar.holidays), workdays: new Set(calendar.workdays) })
  return calendar
}

/** The operator's own years: `<folder>/*.json`, each of the shape of calendar-data. A bad one names its file. */
export function loadCalendars(folder: string): void {
  if (!existsSync(folder)) return
  for (const name of readdirSync(folder).filter(file => file.endsWith('.json'))) {
    try {
      importCalendar(JSON.parse(readFileSync(join(folder, name), 'utf8')))
    } catch (error) {
      throw fail('config.invalid', { hint: `${join(folder, name)}: ${messageOf(error)}` }, error)
    }
  }
}

function problems(calendar: { year: number; holidays: string[]; workdays: string[] }): string[] {
  const all = [...calendar.holidays, ...calendar.workdays]
  const found = all
    .filter(date => !date.startsWith(`${calendar.year}-`) && !date.startsWith(`${calendar.year - 1}-12-`))
    .map(date => `${date} is not of ${calendar.year}`)
  const twice = all.filter((date, index) => all.indexOf(date) !== index).map(date => `${date} stands twice`)
  const weekday = calendar.workdays
    .filter(date => !isWeekend(date))
    .map(date => `${date} is worked anyway: workdays lists only weekend days`)
  return [...found, ...twice, ...weekday]
}

/** Whether the year's notice is known. When it is not, only weekends count as days off: say so where it matters. */
export function calendarKnown(year: number): boolean {
  return years.has(year)
}

/** 工作日, for deadlines. Not a trading day: exchanges stay closed on a worked weekend. */
export function isBusinessDay(date: string): boolean {
  const year = Number(date.slice(0, 4))
  // The notice of the next year may speak of this December.
  const notices = [years.get(year), years.get(year + 1)]
  if (notices.some(notice => notice?.workdays.has(date))) return true
  if (notices.some(notice => notice?.holidays.has(date))) return false
  return !isWeekend(date)
}

function isWeekend(date: string): boolean {
  const weekday = new Date(`${date}T00:00:00Z`).getUTCDay()
  return weekday === 0 || weekday === 6
}

/** The local date, as YYYY-MM-DD. */
export function dayOf(at: number, zone: string = DEFAULT_ZONE): string {
  return wallClock(at, zone).toISOString().slice(0, 10)
}

/**
 * The instant `n` business days later (earlier when negative) at the same local time. The day of `at` is day 0 even
 * when nobody works on it, as periods counted in working days begin on the day after (民法典 第二百零一条).
 */
export function addBusinessDays(at: number, n: number, zone: string = DEFAULT_ZONE): number {
  const wall = wallClock(at, zone)
  let date = wall.getTime()
  for (let left = Math.abs(n); left > 0; ) {
    date += Math.sign(n) * DAY_MS
    if (isBusinessDay(new Date(date).toISOString().slice(0, 10))) left -= 1
  }
  return instantOf(date, zone)
}

/** 营业时间, the product's default: no law says when an answer is due within a day. */
const WORKED = { from: 9, to: 18 }
const HOUR_MS = 3_600_000

/** The instant `n` worked hours later: they pass on business days between nine and six, local time. */
export function addBusinessHours(at: number, n: number, zone: string = DEFAULT_ZONE): number {
  let wall = wallClock(at, zone).getTime()
  for (let left = n * HOUR_MS; ; ) {
    const midnight = Math.floor(wall / DAY_MS) * DAY_MS
    const open = midnight + WORKED.from * HOUR_MS
    const close = midnight + WORKED.to * HOUR_MS
    if (isBusinessDay(new Date(midnight).toISOString().slice(0, 10)) && wall < close) {
      const from = Math.max(wall, open)
      if (left <= close - from) return instantOf(from + left, zone)
      left -= close - from
    }
    wall = midnight + DAY_MS
  }
}

/** The hour a clock on the wall shows, 0–23. */
export function hourOf(at: number, zone: string = DEFAULT_ZONE): number {
  return wallClock(at, zone).getUTCHours()
}

/**
 * The last moment of the day that is `n` days later by the calendar. The day of `at` is day 0: a period counted in days
 * begins on the day after and ends at midnight (民法典 第二百零一条、第二百零三条). Holidays do not lengthen it.
 */
export function endOfDayAfter(at: number, n: number, zone: string = DEFAULT_ZONE): number {
  const wall = wallClock(at, zone)
  const midnight = Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate() + n + 1)
  return instantOf(midnight, zone) - 1
}

export function isNight(at: number, zone: string = DEFAULT_ZONE): boolean {
  const hour = wallClock(at, zone).getUTCHours()
  return hour >= NIGHT.from || hour < NIGHT.to
}

/** Minutes since midnight, as a clock on the wall shows them. */
export function minuteOfDay(at: number, zone: string = DEFAULT_ZONE): number {
  const wall = wallClock(at, zone)
  return wall.getUTCHours() * 60 + wall.getUTCMinutes()
}

/** The instant at which the wall of that day (YYYY-MM-DD) shows so many minutes after midnight. */
export function instantOn(date: string, minute: number, zone: string = DEFAULT_ZONE): number {
  return instantOf(Date.parse(`${date}T00:00:00Z`) + minute * 60_000, zone)
}

/** Start of the month in UTC, by which messages are partitioned and data keys are cut. */
export function monthStartUtc(at: number): number {
  const date = new Date(at)
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1)
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a clock on the wall of that zone shows, written down as if it were UTC. */
function wallClock(at: number, zone: string): Date {
  let format = formats.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      calendar: 'gregory',
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
    formats.set(zone, format)
  }
  const shown: Record<string, number> = {}
  for (const part of format.formatToParts(at)) shown[part.type] = Number(part.value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown
  const millisecond = ((at % 1000) + 1000) % 1000
  return new Date(Date.UTC(year, month - 1, day, hour, minute, second, millisecond))
}

/** The instant at which the wall shows this; where clocks jump over it, the same time by the offset before the jump. */
function instantOf(wall: number, zone: string): number {
  let at = wall
  for (let step = 0; step < 2; step += 1) at += wall - wallClock(at, zone).getTime()
  return at
}
