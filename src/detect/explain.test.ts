import fc from 'fast-check'
import { expect, test } from 'vitest'
import { housePacks } from '../../bench/detect-samples.ts'
import { readSet } from '../../bench/quality-set.ts'
import { type Audience, categoryNames, compile, explain, factsOf, isModelRule, stepsOf } from './index.ts'

const TUNING = new URL('samples/tuning/a.tsv', import.meta.url)
const packs = housePacks()
const engine = compile(packs)
const names = categoryNames(packs)

const said = (text: string, from?: Audience, context?: { text: string; from: Audience; own?: boolean }[]) =>
  engine.detect({ text, from, context }).map(hit => explain({ ...hit, categoryName: names[hit.category] }))

test.each([
  ['这款宝本，放心拿', '宝本 → bǎo běn → 保本，员工对客户，未被否定（同音字）'],
  ['这款保本', '保本，员工对客户，未被否定'],
  ['稳 赚 不 赔', '稳 赚 不 赔 → 稳赚不赔，员工对客户，未被否定（插入符号）'],
  ['他们家不靠谱', '他们家不靠谱，员工对客户，此类用词不看否定'],
  ['公司不许我们加私人号，所以您悄悄加', '加私人号，员工对客户，名为撇清，实为照做'],
])('%s → %s', (text, why) => {
  expect(said(text)).toContain(why)
})

test('a short answer and a phrase in pieces say so', () => {
  expect(said('对的', 'staff', [{ text: '这个保本吗？', from: 'customer' }])).toEqual([
    '对的 → 保本，员工对客户，未被否定，以此答复上文提问（结合上文）',
  ])
  const own = ['稳', '赚', '不'].map(text => ({ text, from: 'staff' as const, own: true }))
  expect(said('赔', 'staff', own)).toEqual(['赔 → 稳赚不赔，员工对客户，未被否定，与前几条连读（结合上文）'])
})

test('what a customer says is no conduct of staff', () => {
  expect(said('我要投诉', 'customer')).toEqual(['我要投诉，客户所说，此类用词不看否定，服务信号'])
})

test('the model says that it went by no word, and what the passage is like', () => {
  // Which lines it finds changes with its training; that it finds some of these does not.
  const lines = readSet(TUNING).filter(line => line.label === 'violation')
  const hits = lines.flatMap(({ text }) => engine.detect({ text })).filter(isModelRule)
  expect(hits.length).toBeGreaterThan(0)
  for (const hit of hits) {
    expect(explain({ ...hit, categoryName: names[hit.category] })).toMatch(
      /^语义判读：无固定词，这一段最像「.+」，员工对客户/,
    )
    expect(factsOf(hit).said).not.toContain('not-negated')
  }
})

const told: Parameters<typeof explain>[0] = {
  matched: '保本',
  path: [],
  audience: 'staff',
  part: 'new',
  verdict: 'violation',
}

test('nothing is claimed that was not looked at', () => {
  expect(explain(told)).toBe('保本，员工对客户，当时未留存判定依据')
  expect(explain({ ...told, listener: null })).toBe('保本，员工所说，当时未留存判定依据')
  expect(explain({ ...told, grounds: ['plain'] })).not.toContain('未被否定')
  expect(explain({ ...told, grounds: ['not-negated'], listener: 'internal' })).toBe(
    '保本，员工之间，未被否定',
  )
  expect(explain({ ...told, grounds: ['not-negated'], part: 'quote', verdict: 'advisory' })).toBe(
    '保本，员工对客户，未被否定，出自引用内容，不作预警',
  )
  expect(explain({ ...told, matched: '', grounds: ['link'] })).toBe('员工对客户，链接不在许可名单')
})

test('signs in another width are no disguise, letters and figures are', () => {
  const width = { ...told, path: ['width'] }
  expect(explain({ ...width, matched: '放心，稳 赚', reads: '放心,稳赚', grounds: ['not-negated'] })).toBe(
    '放心，稳 赚 → 放心，稳赚，员工对客户，未被否定',
  )
  expect(stepsOf({ ...width, matched: '加ⓥ' })).toEqual(['width'])
  expect(stepsOf({ ...width, matched: '收益８％，保证' })).toEqual(['width'])
  expect(stepsOf({ ...width, matched: '收益，保证' })).toEqual([])
  expect(explain({ ...width, matched: '收益，保证', reads: '收益,保证', grounds: ['not-negated'] })).toBe(
    '收益，保证，员工对客户，未被否定',
  )
})

test('a long passage loses its middle and no character is cut in two', () => {
  const why = explain({ ...told, matched: '💰'.repeat(2000), grounds: ['not-negated'] })
  expect(why.length).toBeLessThan(140)
  expect(why.isWellFormed()).toBe(true)
})

test('any hit can be told', () => {
  const text = fc.array(
    fc.constantFrom('保本', '宝', '夲', '稳 赚', '不赔', '“', '”', '吗', '？', '加薇', '\ud800', '。'),
    {
      maxLength: 12,
    },
  )
  fc.assert(
    fc.property(text, parts => {
      for (const hit of engine.detect({ text: parts.join('') })) expect(explain(hit)).toMatch(/员工对客户/)
    }),
    { numRuns: 500 },
  )
})
