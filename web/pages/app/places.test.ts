import { expect, test } from 'vitest'
import type { Me, Verb } from '../../../src/people/contract.ts'
import { homeOf, mayOpen, placesOf } from './places.ts'

const who = (...can: Verb[]): Me => ({
  username: 'x',
  name: '某人',
  role: 'officer',
  can,
  departments: [],
  institution: '',
  demo: null,
})

test('everybody begins the day on the first page of his own', () => {
  expect(homeOf(who('rule.read', 'message.search', 'alert.read', 'message.read'))).toBe('/alerts')
  expect(homeOf(who('system.read', 'quarantine.read', 'rule.read'))).toBe('/system')
  expect(homeOf(who('rule.read'))).toBe('/rules')
  expect(homeOf(who())).toBe('/me')
  expect(placesOf(who()).map(place => place.to)).toEqual(['/me'])
})

test('a page is opened by any of its verbs, a conversation by reading messages, what is unknown by anybody', () => {
  const admin = who('system.read', 'quarantine.read', 'rule.read')
  expect(['/system', '/rules', '/me', '/', '/nowhere'].map(path => mayOpen(admin, path))).not.toContain(false)
  expect(['/alerts', '/search', '/conversations/7'].map(path => mayOpen(admin, path))).not.toContain(true)
  expect(mayOpen(who('message.read'), '/conversations/7')).toBe(true)
})
