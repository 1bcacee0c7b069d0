import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { housePacks } from '../../../bench/detect-samples.ts'
import { clauses, packOf } from '../../../test/support/pack.ts'
import { categoryNames, compile, isAlert, listRules, openEngine, parsePacks, runExamples } from '../index.ts'
import { PackError } from './error.ts'

const packs = housePacks()

test('every rule fires on its own examples and stays silent on its clean ones, and so do all the others', () => {
  expect(runExamples(packs).flatMap(row => row.failed.map(f => ({ rule: row.rule, ...f })))).toEqual([])
})

test('all categories of the taxonomy are there, and the high-risk conversations', () => {
  const categories = new Set(listRules(packs).map(rule => rule.category))
  expect(categories.size).toBe(34)
  const highRisk = listRules(packs).filter(rule => rule.verdict === 'high_risk')
  expect(highRisk.map(rule => rule.id)).toEqual(['ADVICE-01', 'ADVICE-02', 'ADVICE-99'])
})

test('a staff rule has at least two lines that must fire and one that must not', () => {
  for (const rule of listRules(packs).filter(
    r =>
      r.direction !== 'customer' &&
      r.verdict !== 'advisory' &&
      r.terms.length + r.patterns.length + r.near.length > 0,
  )) {
    expect([rule.id, rule.fires.length >= 2, rule.clean.length >= 1]).toEqual([rule.id, true, true])
  }
})

test('every rule names a clause and a legal basis that says how sure it is', () => {
  for (const rule of listRules(packs)) {
    expect(rule.clause).toMatch(/^M-\d\d$/)
    expect(rule.basis.length).toBeGreaterThan(0)
    for (const basis of rule.basis) expect(basis.confidence).toBeTruthy()
  }
})

const rule = (body: string) => packOf(body, '保本')
const error = (body: string): PackError => {
  try {
    parsePacks([clauses, rule(body)])
  } catch (e) {
    if (e instanceof PackError) return e
  }
  throw new Error('no error')
}

test.each([
  ['    patterns: ["(?<!a)b"]', 'pack.pattern', 15, 'look-around'],
  ['    patterns: [".{0,3}"]', 'pack.pattern', 15, 'empty'],
  ['    patterns: [".{3}"]', 'pack.pattern', 15, 'no word'],
  ['    terms: [保本]\n    clause: M-99', 'pack.reference', 11, 'M-99'],
  ['    terms: [保本]\n    colour: red', 'pack.schema', 11, 'colour'],
  ['    terms: [{term: 保本, not_in: [别的]}]', 'pack.term', 15, 'does not contain'],
  ['    terms: ["\u200b"]', 'pack.term', 15, 'folds to nothing'],
  ['    terms: [保本\n  - b: c', 'pack.yaml', 15, 'not YAML'],
  ['', 'pack.term', 11, 'neither'],
])('a faulty pack %j is refused with file, line and remedy', (body, code, line, word) => {
  const e = error(body)
  expect(e).toMatchObject({ code, file: 'x.yaml' })
  expect(Math.abs(e.line - line)).toBeLessThanOrEqual(1)
  expect(e.message).toContain(word)
  expect(e.remedy.length).toBeGreaterThan(5)
})

test('a rule that says the same id twice is refused', () => {
  const one = rule('    terms: [保本]')
  expect(() => parsePacks([clauses, one, { ...one, name: 'y.yaml' }])).toThrow('X-01 is already in')
})

test('the compiled image is plain data and works in another thread', () => {
  const image = structuredClone(compile(packs).image)
  const hits = openEngine(image).detect({ text: '这款产品稳赚不赔' })
  expect(isAlert(hits)).toBe(true)
})

test('every category has a name for the screens', () => {
  const names = categoryNames(housePacks())
  expect(names.GUAR).toBe('保本保收益/刚兑承诺')
  expect(Object.values(names).every(name => name.length > 0)).toBe(true)
})

test('a pattern that only waits for everyday characters is refused, with a remedy', () => {
  const text = readFileSync(new URL('../../../rules/guar.yaml', import.meta.url), 'utf8')
  const clauses = readFileSync(new URL('../../../rules/clauses.yaml', import.meta.url), 'utf8')
  const dear = text.replace(/patterns:\n/, "patterns:\n      - '(的|了|是|我|您).{0,8}(不|一|有|到|好)'\n")
  const parse = () =>
    parsePacks([
      { name: 'guar.yaml', text: dear },
      { name: 'clauses.yaml', text: clauses },
    ])
  expect(parse).toThrow(/guar\.yaml:\d+: .*ordinary talk is full of.*rarer word/)
})
