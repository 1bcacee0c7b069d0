import { expect, test } from 'vitest'
import { after, monotonic, now, nowDate, setClock, withClock } from './clock.ts'

test('the clock tells the time of the machine', () => {
  expect(Math.abs(now() - Date.now())).toBeLessThan(1000)
})

test('a test can hold the clock and it comes back even after a failure', async () => {
  const at = Date.UTC(2026, 1, 14, 1)
  await withClock(at, () => {
    expect(now()).toBe(at)
    expect(nowDate().toISOString()).toBe('2026-02-14T01:00:00.000Z')
  })
  await expect(
    withClock(new Date(at), () => {
      throw new Error('broken')
    }),
  ).rejects.toThrow('broken')
  expect(now()).not.toBe(at)
})

test('a clock set by a function moves when the function does', () => {
  let at = 5
  const restore = setClock(() => at)
  expect(now()).toBe(5)
  at = 6
  expect(now()).toBe(6)
  restore()
})

test('a wait ends early when it is aborted', async () => {
  const begun = monotonic()
  const stop = new AbortController()
  const waiting = after(60_000, stop.signal)
  stop.abort()
  await waiting
  await after(60_000, stop.signal)
  await after(1)
  expect(monotonic() - begun).toBeLessThan(5000)
})
