import { expect, test } from 'vitest'
import { createNotify, NOTIFY_MS } from './notify.ts'
import { createTime, type SimTime } from './time.ts'

let machine = 1_000_000
const base = (): number => machine

test('by itself it is the clock that drives it', () => {
  const time = createTime({ base })
  expect(time.now()).toBe(machine)
  machine += 5000
  expect(time.now()).toBe(machine)
})

test('it can begin elsewhere, run faster, stand still and be moved on', () => {
  const time = createTime({ base, start: 50_000, speed: 60 })
  expect(time.now()).toBe(50_000)
  machine += 1000
  expect(time.now()).toBe(110_000)
  time.setSpeed(0)
  machine += 1000
  expect(time.now()).toBe(110_000)
  time.setSpeed(1)
  time.advance(86_400_000)
  machine += 1
  expect(time.now()).toBe(110_000 + 86_400_001)
  time.set(5)
  expect(time.now()).toBe(5)
})

test('what waits is done in order when its moment has come, once, unless called off', () => {
  const time = createTime({ base })
  const done: string[] = []
  time.after(2000, () => done.push('second'))
  time.after(1000, () => done.push('first'))
  const callOff = time.after(1500, () => done.push('never'))
  time.advance(999)
  expect(done).toEqual([])
  callOff()
  time.advance(5000)
  expect(done).toEqual(['first', 'second'])
  time.advance(5000)
  expect(done).toHaveLength(2)
  time.close()
})

test('a fast clock shortens the wait on the machine', async () => {
  const time = createTime({ speed: 100_000 })
  await new Promise<void>(resolve => void time.after(3_600_000, resolve))
  time.close()
})

test('a notice comes at once, then at most every 15 seconds, and none when nobody spoke', () => {
  const time: SimTime = createTime({ base })
  const told: number[] = []
  const archived = createNotify(time, event => told.push(event.at))
  const start = time.now()
  for (let i = 0; i < 5; i++) archived()
  expect(told).toEqual([start])
  time.advance(NOTIFY_MS - 1)
  expect(told).toHaveLength(1)
  time.advance(1)
  expect(told).toEqual([start, start + NOTIFY_MS])
  time.advance(NOTIFY_MS * 10)
  expect(told).toHaveLength(2)
  archived()
  expect(told).toHaveLength(3)
  time.close()
})
