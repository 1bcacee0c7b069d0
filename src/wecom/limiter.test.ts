import { expect, test } from 'vitest'
import { withClock } from '../base/clock.ts'
import { createLimiter } from './limiter.ts'

/** A world whose time passes only by waiting; remembers when each call went out. */
function world() {
  let at = 0
  const went: number[] = []
  const limiter = createLimiter(
    async ms => {
      at += ms
    },
    () => at,
  )
  const call = (path: string, perMinute?: number) =>
    limiter.run(
      { path, perMinute },
      async () => void went.push(at),
      () => false,
    )
  return { limiter, went, call, pass: (ms: number) => (at += ms) }
}

/** The most calls within any sixty seconds. */
function busiestMinute(went: number[]): number {
  let first = 0
  let most = 0
  went.forEach((at, last) => {
    while ((went[first] ?? 0) <= at - 60_000) first++
    most = Math.max(most, last - first + 1)
  })
  return most
}

test('no minute holds more calls than the platform allows, after a rest or without', async () => {
  const { went, call, pass } = world()
  for (let i = 0; i < 1500; i++) await call('msgaudit/get_permit_user_list', 600)
  pass(300_000)
  for (let i = 0; i < 1500; i++) await call('msgaudit/get_permit_user_list', 600)
  expect(busiestMinute(went)).toBeLessThanOrEqual(600)
  expect(busiestMinute(went)).toBeGreaterThan(590)
})

test('the hour and the address have limits of their own', async () => {
  const { went, call } = world()
  for (let i = 0; i < 40_000; i++) await call('user/get')
  expect(busiestMinute(went)).toBeLessThanOrEqual(10_000)
  const minutes = ((went.at(-1) ?? 0) - (went[0] ?? 0)) / 60_000
  // 15,000 at once of the hour's 150,000, the rest at 2,250 a minute.
  expect(minutes).toBeGreaterThan((40_000 - 15_000) / 2250 - 1)
  const many = world()
  for (let i = 0; i < 30_000; i++) await many.call(`path/${i % 10}`)
  expect(busiestMinute(many.went)).toBeLessThanOrEqual(20_000)
})

test('too many at once lets fewer through, and an API that wants one at a time gets one', async () => {
  const limiter = createLimiter(async () => {})
  let running = 0
  let most = 0
  const one = (path: string, serial: boolean, many: boolean) =>
    limiter.run(
      { path, serial },
      async () => {
        running++
        most = Math.max(most, running)
        await new Promise(setImmediate)
        running--
        return many
      },
      answer => answer,
    )
  await Promise.all(Array.from({ length: 40 }, () => one('a', false, true)))
  expect(most).toBe(40)
  most = 0
  await Promise.all(Array.from({ length: 40 }, () => one('a', false, false)))
  expect(most).toBe(1)
  most = 0
  await Promise.all(Array.from({ length: 5 }, () => one('customer_strategy/edit', true, false)))
  expect(most).toBe(1)
})

test('a call that failed gives its place back', async () => {
  const limiter = createLimiter(async () => {})
  const broken = async (): Promise<never> => {
    throw new Error('gone')
  }
  const serial = { path: 's', serial: true }
  await expect(limiter.run(serial, broken, () => false)).rejects.toThrow('gone')
  expect(
    await limiter.run(
      serial,
      async () => 1,
      () => false,
    ),
  ).toBe(1)
})

test('"too often" is waited for by the minute, then the hour, then until midnight in China, then a month', async () => {
  const limiter = createLimiter(async () => {})
  const start = Date.UTC(2026, 0, 5, 3)
  const what = { path: 'media/uploadimg', window: 'month' } as const
  const refusedAt = (at: number, one: { path: string } = { path: 'user/get' }) =>
    withClock(at, () => limiter.refused(one))
  expect(await refusedAt(start)).toBe(60)
  expect(await refusedAt(start + 10_000)).toBe(60)
  expect(await refusedAt(start + 71_000)).toBe(3600)
  // 12:01:11 and an hour in China: until midnight.
  expect(await refusedAt(start + 3_672_000)).toBe(13 * 3600 - 3672)
  expect(await refusedAt(start + 86_400_000 * 2)).toBe(60)
  expect(await refusedAt(start, what)).toBe(60)
  expect(await refusedAt(start + 61_000, what)).toBe(30 * 86_400)
  expect(await refusedAt(start, { path: 'media/uploadimg2', window: 'day' } as { path: string })).toBe(
    13 * 3600,
  )
})
