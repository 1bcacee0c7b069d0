import { expect, test } from 'vitest'
import { PackError } from '../../detect/index.ts'
import { loadRules } from '../rules.ts'
import { runBehaviourExamples } from './judge.ts'
import { parseBehaviours } from './pack.ts'

const SET = loadRules()

test('every behaviour rule fires on its own histories, and stays silent where it must', () => {
  const rows = runBehaviourExamples(SET)
  expect(rows.flatMap(row => row.failed.map(miss => `${row.rule} ${miss.expected} ${miss.text}`))).toEqual([])
  expect(rows.length).toBeGreaterThanOrEqual(14)
})

const RULE = `rules:
  - id: TEST-01
    name: 试
    category: TEST
    category_name: 试
    severity: P2
    verdict: high_risk
    clause: M-03
    basis: [银发316]
    owner: 合规部
    version: 1
    why: 试
    words: 试
    on: { kinds: [text] }
    by: [staff]
    within: 30m
    at_least: { events: 1 }
    fires: [{ name: 是, history: ['10:00 s1 > c1: 好'] }]
    clean: [{ name: 否, history: ['10:00 c1 > s1: 好'] }]
`

test.each([
  ['a window that is no length of time', '30m', '30 minutes', /test\.yaml:16: TEST-01: "30 minutes"/],
  ['a condition with an unknown name', 'at_least:', "when: 'foo > 1'\n    at_least:", /test\.yaml:17: .*foo/],
  ['a condition that backtracks', 'at_least:', `when: '"a".matches("a")'\n    at_least:`, /matches\(\)/],
  ['a field nobody knows', 'by: [staff]', 'by: [staff]\n    bye: 1', /test\.yaml:/],
  ['a signal that is not there', 'kinds: [text]', 'signals: [nothing]', /TEST-01: signal nothing/],
  ['a clause that is not there', 'M-03', 'M-99', /clause M-99/],
  ['a law no rule cites', '银发316', '银发999', /银发999/],
  ['no threshold', '{ events: 1 }', '{}', /no threshold/],
  [
    'then with unless',
    'by: [staff]',
    'then: { recall: true }\n    unless: any\n    by: [staff]',
    /both then/,
  ],
])('%s is refused with file, line and remedy', (_, from, to, problem) => {
  let error: unknown
  try {
    parseBehaviours({ name: 'behaviour/test.yaml', text: RULE.replace(from, to) }, SET.packs)
  } catch (caught) {
    error = caught
  }
  expect(error).toBeInstanceOf(PackError)
  expect((error as PackError).message).toMatch(problem)
  expect((error as PackError).remedy).not.toBe('')
})

test('the rule those are made of is sound', () => {
  expect(parseBehaviours({ name: 'behaviour/test.yaml', text: RULE }, SET.packs)).toHaveLength(1)
})
