import { expect, test } from 'vitest'
import { type Actor, type House, shellActor, systemActor } from '../base/index.ts'
import { allowed, authorise, can } from './can.ts'
import { VERBS } from './contract.ts'

const house = {} as House

function person(role: string, departments: number[] = []): Actor {
  return { house, kind: 'person', name: role, role, accountId: role, userid: null, departments }
}

test('nothing that is not listed is allowed: no unknown verb, role or kind', () => {
  for (const actor of [person('lead'), shellActor(house, 'root')]) {
    expect(can(actor, 'alert.delete')).toBe(false)
    expect(can(actor, 'constructor')).toBe(false)
  }
  for (const role of ['', 'root', 'constructor', '__proto__', 'shell', 'system']) {
    expect(allowed(person(role))).toEqual([])
  }
  expect(can({ ...person('lead'), kind: 'robot' as 'person' }, 'rule.read')).toBe(false)
})

test('the administrator sees no content, the adviser his own training only, and nobody who only reads may decide', () => {
  expect(allowed(person('admin'))).toEqual(['rule.read', 'system.read', 'quarantine.read', 'delivery.manage'])
  expect(allowed(person('adviser'))).toEqual(['training.do'])
  for (const role of ['risk', 'supervisor', 'auditor', 'inspector']) {
    expect(can(person(role, [1]), 'alert.decide')).toBe(false)
    expect(can(person(role, [1]), 'contact.reveal')).toBe(false)
  }
})

test('a supervisor is held to his departments, and one without departments to none', () => {
  const chen = person('supervisor', [3, 5])
  expect(can(chen, 'alert.read')).toBe(true)
  expect(can(chen, 'alert.read', { departments: [5, 9] })).toBe(true)
  expect(can(chen, 'alert.read', { departments: [9] })).toBe(false)
  expect(can(chen, 'message.read', { departments: [] })).toBe(false)
  const nobody = person('supervisor')
  expect(can(nobody, 'alert.read')).toBe(false)
  expect(can(nobody, 'alert.read', { departments: [3] })).toBe(false)
  expect(can(person('officer'), 'alert.read', { departments: [9] })).toBe(true)
})

test('a shell may read and import, the system may everything, and a refusal names the verb only', () => {
  const shell = shellActor(house, 'root')
  expect(can(shell, 'archive.import')).toBe(true)
  expect(can(shell, 'alert.decide')).toBe(false)
  expect(allowed(systemActor(house, 'capture'))).toEqual([...VERBS])
  expect(() => authorise(person('adviser'), 'message.read', { departments: [3] })).toThrow(
    expect.objectContaining({ code: 'auth.denied', details: { verb: 'message.read' } }),
  )
})
