import { expect, test } from 'vitest'
import { KINDS } from '../../src/archive/contract.ts'
import { REVIEW_MOVES, REVIEW_STATES, TAGS } from '../../src/cases/contract.ts'
import { FACTS, SEVERITIES, STEPS } from '../../src/monitor/contract.ts'
import { ROLES } from '../../src/people/contract.ts'
import { TRAIL_VERBS } from '../../src/trail/contract.ts'
import { en } from './en/index.ts'
import { maybe, t } from './index.ts'
import { zhCN } from './zh-CN/index.ts'

const blanks = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(found => found[0]).toSorted()

test('English has exactly the keys of Chinese, with the same blanks to fill', () => {
  expect(Object.keys(en).toSorted()).toEqual(Object.keys(zhCN).toSorted())
  for (const [key, text] of Object.entries(zhCN)) {
    if (key === 'time.yearMonthDay' || key === 'time.monthDay') continue
    expect([key, blanks(en[key as keyof typeof zhCN])]).toEqual([key, blanks(text)])
  }
})

test('no word is empty and none exclaims', () => {
  for (const text of [...Object.values(zhCN), ...Object.values(en)]) {
    expect(text.trim()).not.toBe('')
    expect(text).not.toMatch(/[!！]/)
  }
})

test('every name the contracts know has words', () => {
  const EVENTS = ['revoke', 'agree', 'disagree', 'switch']
  const wanted = [
    ...SEVERITIES.map(severity => `severity.${severity}`),
    ...ROLES.map(role => `role.${role}`),
    ...TRAIL_VERBS.map(verb => `trail.${verb}`),
    ...REVIEW_STATES.map(state => `state.${state}`),
    ...Object.keys(TAGS).map(tag => `tag.${tag}`),
    ...Object.keys(REVIEW_MOVES).map(move => `${/^[vfw]/.test(move) ? 'conclude' : 'move'}.${move}`),
    ...KINDS.map(kind => (EVENTS.includes(kind) ? `event.${kind}` : `kind.${kind}`)),
  ]
  expect(wanted.filter(key => maybe(key) === null)).toEqual([])
})

test('a reason reads on the screen as in the answers of the server', () => {
  for (const [step, words] of Object.entries(STEPS)) expect(maybe(`path.${step}`)).toBe(words)
  for (const [fact, words] of Object.entries(FACTS)) expect(maybe(`fact.${fact}`)).toBe(words)
})

test('blanks are filled, and what is not given stays to be seen', () => {
  expect(t('hits.at', { at: 2, of: 3 })).toBe('命中 2 / 3')
  expect(t('hits.at', { at: 2 })).toBe('命中 2 / {of}')
})
