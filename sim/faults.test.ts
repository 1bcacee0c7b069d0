import { expect, test } from 'vitest'
import { createFaults, FAULT_KINDS, faultsFromSeed } from './faults.ts'

let now = 1_000_000
const clock = (): number => now

test('the same seed gives the same bad stretch and another seed another', () => {
  const week = 7 * 86_400_000
  const first = faultsFromSeed('bad week', week)
  expect(faultsFromSeed('bad week', week)).toEqual(first)
  expect(faultsFromSeed('another', week)).not.toEqual(first)
  const kinds = new Set(first.map(one => one.kind))
  expect([...kinds].sort()).toEqual(FAULT_KINDS.filter(kind => kind !== 'key_rotation').toSorted())
  for (const one of first) expect(one.afterMs).toBeLessThanOrEqual(week)
  expect(faultsFromSeed('x', week, { kinds: ['cut'], timesEach: 7 }).map(one => one.kind)).toEqual(
    Array(7).fill('cut'),
  )
})

test('a fault is met from its moment on, as often as asked, and counted when it is met', () => {
  const faults = createFaults(clock)
  faults.schedule([
    { kind: '-1', afterMs: 1000, times: 2 },
    { kind: 'http500', at: now + 5000 },
  ])
  expect(faults.take('/cgi-bin/message/getchatdata')).toBeUndefined()
  now += 1000
  expect(faults.take('/cgi-bin/message/getchatdata')?.kind).toBe('-1')
  expect(faults.take('/cgi-bin/gettoken')?.kind).toBe('-1')
  expect(faults.take('/cgi-bin/gettoken')).toBeUndefined()
  now += 4000
  expect(faults.take('/cgi-bin/gettoken')?.kind).toBe('http500')
  expect(faults.injected()).toEqual({ '-1': 2, http500: 1 })
  expect(faults.list()).toEqual([])
})

test('one with an end lasts until then, however often it is met', () => {
  const faults = createFaults(clock)
  faults.add({ kind: 'down', forMs: 60_000 })
  for (let i = 0; i < 50; i++) expect(faults.take('/cgi-bin/gettoken')?.kind).toBe('down')
  now += 60_000
  expect(faults.take('/cgi-bin/gettoken')).toBeUndefined()
  expect(faults.injected()).toEqual({ down: 50 })
})

test('a kind is met only where WeCom has it', () => {
  const places = {
    '301042': ['/cgi-bin/message/getchatdata', '/cgi-bin/gettoken'],
    '60020': ['/cgi-bin/externalcontact/get', '/cgi-bin/message/getchatdata'],
    '301058': ['/cgi-bin/message/getchatdata', '/cgi-bin/message/getchatmediadata'],
    '10003': ['/cgi-bin/message/getchatmediadata', '/cgi-bin/user/get'],
    token_expiry: ['/cgi-bin/user/get', '/cgi-bin/gettoken'],
  } as const
  for (const [kind, [here, elsewhere]] of Object.entries(places)) {
    const faults = createFaults(clock)
    faults.add({ kind: kind as keyof typeof places })
    expect(faults.take(elsewhere)).toBeUndefined()
    expect(faults.take(here)?.kind).toBe(kind)
  }
  const callbacks = createFaults(clock)
  callbacks.add({ kind: 'callback_lost' })
  expect(callbacks.take('/cgi-bin/user/get')).toBeUndefined()
  expect(callbacks.takeOf(['callback_lost'])?.kind).toBe('callback_lost')
})

test('a change of keys needs the key', () => {
  expect(() => createFaults(clock).add({ kind: 'key_rotation' })).toThrow('public key')
})
