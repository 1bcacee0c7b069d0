import { language, t } from '../i18n/index.ts'

/** Business days, deadlines and the archive are in the institution's time, whatever the browser's zone is. */
const ZONE = 'Asia/Shanghai'
/** China has had no summer time since 1991, so a day's edges need no zone database. */
const OFFSET = '+08:00'
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const parts = new Intl.DateTimeFormat('en-GB', {
  timeZone: ZONE,
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
})

type Clock = { year: string; month: string; day: string; hour: string; minute: string; second: string }

function clockOf(ms: number): Clock {
  const clock: Clock = { year: '', month: '', day: '', hour: '', minute: '', second: '' }
  for (const { type, value } of parts.formatToParts(ms)) if (type in clock) clock[type as keyof Clock] = value
  return clock
}

/** The day as `2026-11-23`, as it stands in addresses and filters. */
export function dayOf(ms: number): string {
  const { year, month, day } = clockOf(ms)
  return `${year}-${month}-${day}`
}

export const startOfDay = (day: string): number => Date.parse(`${day}T00:00:00${OFFSET}`)
export const endOfDay = (day: string): number => Date.parse(`${day}T23:59:59.999${OFFSET}`)

export function hourMinute(ms: number): string {
  const { hour, minute } = clockOf(ms)
  return `${hour}:${minute}`
}

function monthDay(ms: number, now: number): string {
  const { year, month, day } = clockOf(ms)
  const values = { month: Number(month), day: Number(day), year }
  return clockOf(now).year === year ? t('time.monthDay', values) : t('time.yearMonthDay', values)
}

/** `11月23日 14:05`; with the year when it is not this one. */
export function fullTime(ms: number, now: number): string {
  return `${monthDay(ms, now)} ${hourMinute(ms)}`
}

/** For tooltips: to the second. */
export function exactTime(ms: number): string {
  return `${dayOf(ms)} ${hourMinute(ms)}:${clockOf(ms).second}`
}

/** For watermarks: `11-23 14:09`. */
export function stampTime(ms: number): string {
  return `${dayOf(ms).slice(5)} ${hourMinute(ms)}`
}

/** `5 分钟前` within the hour, the full time otherwise. */
export function timeWords(ms: number, now: number): string {
  const age = now - ms
  // The ticking clock may stand a few seconds behind what has just happened.
  if (age > -MINUTE && age < MINUTE) return t('time.justNow')
  if (age >= 0 && age < HOUR) return t('time.minutesAgo', { n: Math.floor(age / MINUTE) })
  return fullTime(ms, now)
}

/** For lists: `13:58`, `昨日 14:50`, `11月18日`. */
export function listTime(ms: number, now: number): string {
  const day = dayOf(ms)
  if (day === dayOf(now)) return hourMinute(ms)
  if (day === dayOf(now - DAY)) return t('time.yesterday', { time: hourMinute(ms) })
  return monthDay(ms, now)
}

export function daySeparator(ms: number, now: number): string {
  const weekday = new Intl.DateTimeFormat(language(), { timeZone: ZONE, weekday: 'short' }).format(ms)
  return `${monthDay(ms, now)} ${weekday}`
}

/** A length of time in its two largest units: `3 小时 49 分`. */
export function lengthWords(ms: number): string {
  const whole = Math.max(0, ms)
  if (whole >= DAY)
    return two('time.days', Math.floor(whole / DAY), 'time.hours', Math.floor((whole % DAY) / HOUR))
  if (whole >= HOUR)
    return two('time.hours', Math.floor(whole / HOUR), 'time.minutes', Math.floor((whole % HOUR) / MINUTE))
  if (whole >= 10 * MINUTE) return t('time.minutes', { n: Math.floor(whole / MINUTE) })
  return two('time.minutes', Math.floor(whole / MINUTE), 'time.seconds', Math.floor((whole % MINUTE) / 1000))
}

type Unit = 'time.days' | 'time.hours' | 'time.minutes' | 'time.seconds'

function two(big: Unit, bigN: number, small: Unit, smallN: number): string {
  const words = [bigN > 0 ? t(big, { n: bigN }) : '', smallN > 0 || bigN === 0 ? t(small, { n: smallN }) : '']
  return words.filter(word => word !== '').join(' ')
}

export type DueTone = 'calm' | 'soon' | 'late'

/** What is left until a deadline. `soon` is the last hour, the only time a countdown may turn red. */
export function dueWords(dueAt: number, now: number): { text: string; tone: DueTone } {
  const left = dueAt - now
  if (left < 0) return { text: t('time.overdue', { length: lengthWords(-left) }), tone: 'late' }
  return { text: t('time.left', { length: lengthWords(left) }), tone: left < HOUR ? 'soon' : 'calm' }
}

/** `0.6 秒`, `41 秒`, `3 小时 2 分`: how far behind something is. */
export function lagWords(seconds: number): string {
  if (seconds < 0.1) return t('time.underTenth')
  if (seconds < 10) return t('time.secondsExact', { n: seconds.toFixed(1) })
  if (seconds < 60) return t('time.seconds', { n: Math.round(seconds) })
  return lengthWords(seconds * 1000)
}
