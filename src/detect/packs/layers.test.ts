import { expect, test } from 'vitest'
import { houseFiles } from '../../../bench/detect-samples.ts'
import { clauses, packOf } from '../../../test/support/pack.ts'
import { institution } from '../contract.ts'
import { compile, PackError, type Packs, parsePacks, runExamples } from '../index.ts'
import { DISGUISES, disguise } from './disguises.ts'

const files = houseFiles()
const base = parsePacks(files)
const failures = (packs: Packs): string[] =>
  runExamples(packs).flatMap(row => row.failed.map(miss => `${row.rule} ${miss.text}`))
/** What fails in the base is told by its own test. */
const baseFails = new Set(failures(base))

test.each(institution.options)(
  'the layer of %s stands, its examples hold, and so do those of the base',
  type => {
    const packs = parsePacks(files, type)
    expect(packs.layer?.institution).toBe(type)
    expect(packs.rules.some(rule => rule.layer?.change === 'added')).toBe(true)
    for (const off of packs.layer?.off ?? []) expect(packs.rules.map(rule => rule.id)).not.toContain(off.rule)
    expect(failures(packs).filter(miss => !baseFails.has(miss))).toEqual([])
    expect(base.rules.length).toBeLessThan(packs.rules.length + (packs.layer?.off.length ?? 0))
  },
)

test('a licensed adviser of a securities firm is not alerted for advice; any other is', () => {
  const engine = compile(parsePacks(files, 'securities'))
  const rules = (staffLicensed: boolean) =>
    engine.detect({ text: '跟老师带盘,VIP股票池', about: { staffLicensed } }).map(hit => hit.rule)
  expect(rules(false)).toContain('UNLIC-01')
  expect(rules(true)).not.toContain('UNLIC-01')
})

const pack = (rule: string) => packOf(rule, 'x')
const engineOf = (rule: string) => compile(parsePacks([clauses, pack(rule)]))

test.each([
  ['    near: [{ within: 3, groups: [[<比例>], [<金额>]] }]', 'pack.near', 'words alone'],
  ['    near: [{ within: 3, groups: [[收益], [<百分比>]] }]', 'pack.near', '<百分比>'],
  ['    near: [{ within: 99, groups: [[收益], [保证]] }]', 'pack.schema', 'within'],
  ['    terms: [保本]\n    when: \'sentence.matches("(a+)+")\'', 'pack.condition', 'reads'],
  ["    terms: [保本]\n    when: 'yield > 5'", 'pack.condition', 'yield'],
])('a fault in %j names its line and what to do', (body, code, word) => {
  try {
    parsePacks([clauses, pack(body)])
    throw new Error('accepted')
  } catch (error) {
    if (!(error instanceof PackError)) throw error
    expect(error).toMatchObject({ code, file: 'x.yaml' })
    expect(error.line).toBeGreaterThanOrEqual(15)
    expect(error.message).toContain(word)
    expect(error.remedy.length).toBeGreaterThan(3)
  }
})

test('a layer that names an unknown rule is refused with its line', () => {
  const layer = {
    name: 'layers/bank.yaml',
    text: 'layer: bank\nname: b\nwhy: w\nchanges:\n  - { rule: Y-01, off: true, reason: r }\n',
  }
  expect(() => parsePacks([clauses, pack('    terms: [保本]'), layer], 'bank')).toThrow(
    'layers/bank.yaml:5: Y-01',
  )
})

test('a rule is silent before it is in force and after it has ended, by the day in China', () => {
  const engine = engineOf(
    "    terms: [秒批]\n    effective_from: '2026-09-30'\n    effective_to: '2027-01-31'",
  )
  const fires = (at: string) => engine.detect({ text: '秒批', at: Date.parse(at) }).length > 0
  expect(fires('2026-09-29T23:59:59+08:00')).toBe(false)
  expect(fires('2026-09-30T00:00:00+08:00')).toBe(true)
  expect(fires('2027-01-31T23:59:59+08:00')).toBe(true)
  expect(fires('2027-02-01T00:00:00+08:00')).toBe(false)
})

test('scope: another channel or audience is silent, an unknown one is not', () => {
  const engine = engineOf(
    '    terms: [秒批]\n    scope: { channels: [moments], audience: [customer, group] }',
  )
  const fires = (more: object) => engine.detect({ text: '秒批', ...more }).length > 0
  expect(fires({})).toBe(true)
  expect(fires({ channel: 'moments', audience: 'group' })).toBe(true)
  expect(fires({ channel: 'chat' })).toBe(false)
  expect(fires({ audience: 'internal' })).toBe(false)
})

test('nearness finds through disguise, points at the words as they stand, and minds the sentence and negation', () => {
  const engine = engineOf('    near: [{ within: 8, any_order: true, groups: [[收益, 利息], [锁定, 敲定]] }]')
  const text = '王总,这个利·息我们帮您锁\u200b定,放心'
  const [hit] = engine.detect({ text })
  expect(hit?.matched).toBe('利·息我们帮您锁\u200b定')
  expect(engine.detect({ text: '锁定您的收益' })).toHaveLength(1)
  expect(engine.detect({ text: '收益高。锁定期一年' })).toHaveLength(0)
  expect(engine.detect({ text: '不能锁定收益' })).toHaveLength(0)
})

test('disguises are the same each time, and change nothing outside the span', () => {
  const text = '这款产品稳赚不赔12%,真的'
  const span = { start: 4, end: 11 }
  for (const technique of DISGUISES) {
    const made = disguise(text, span, technique, 7)
    expect(disguise(text, span, technique, 7)).toBe(made)
    if (made === undefined) continue
    expect(made).not.toBe(text)
    expect(made.startsWith('这款产品')).toBe(true)
    expect(made.endsWith(',真的')).toBe(true)
  }
})
