import { expect, test } from 'vitest'
import {
  dayOf,
  dueWords,
  endOfDay,
  exactTime,
  fullTime,
  lagWords,
  lengthWords,
  listTime,
  startOfDay,
  timeWords,
} from './time-words.ts'

const NOW = Date.parse('2026-11-23T14:09:00+08:00')
const MINUTE = 60_000
const HOUR = 60 * MINUTE

test('times are of Shanghai, whatever zone the browser is in', () => {
  expect(fullTime(Date.parse('2026-11-22T16:05:00Z'), NOW)).toBe('11月23日 00:05')
  expect(exactTime(NOW)).toBe('2026-11-23 14:09:00')
  expect(dayOf(startOfDay('2026-11-23'))).toBe('2026-11-23')
  expect(dayOf(endOfDay('2026-11-23'))).toBe('2026-11-23')
  expect(dayOf(endOfDay('2026-11-23') + 1)).toBe('2026-11-24')
})

test('within the hour a time says how long ago, later its day and minute', () => {
  expect(timeWords(NOW - 20_000, NOW)).toBe('刚刚')
  expect(timeWords(NOW + 3_000, NOW)).toBe('刚刚')
  expect(timeWords(NOW - 5 * MINUTE, NOW)).toBe('5 分钟前')
  expect(timeWords(NOW - 59 * MINUTE - 59_000, NOW)).toBe('59 分钟前')
  expect(timeWords(NOW - HOUR, NOW)).toBe('11月23日 13:09')
  expect(timeWords(Date.parse('2025-03-01T09:00:00+08:00'), NOW)).toBe('2025年3月1日 09:00')
})

test('a list says the minute today, yesterday with its minute, and else the day', () => {
  expect(listTime(NOW - HOUR, NOW)).toBe('13:09')
  expect(listTime(NOW - 24 * HOUR, NOW)).toBe('昨日 14:09')
  expect(listTime(NOW - 120 * HOUR, NOW)).toBe('11月18日')
})

test('a deadline turns red only in its last hour', () => {
  expect(dueWords(NOW + 3 * HOUR + 49 * MINUTE, NOW)).toEqual({ text: '剩 3 小时 49 分', tone: 'calm' })
  expect(dueWords(NOW + HOUR, NOW)).toEqual({ text: '剩 1 小时', tone: 'calm' })
  expect(dueWords(NOW + 41 * MINUTE, NOW)).toEqual({ text: '剩 41 分', tone: 'soon' })
  expect(dueWords(NOW + 6 * MINUTE + 48_000, NOW)).toEqual({ text: '剩 6 分 48 秒', tone: 'soon' })
  expect(dueWords(NOW - 2 * HOUR, NOW)).toEqual({ text: '已超时 2 小时', tone: 'late' })
})

test('lengths name their two largest units', () => {
  expect(lengthWords(0)).toBe('0 秒')
  expect(lengthWords(50 * HOUR)).toBe('2 天 2 小时')
  expect(lagWords(0.64)).toBe('0.6 秒')
  expect(lagWords(41)).toBe('41 秒')
  expect(lagWords(7_320)).toBe('2 小时 2 分')
})
