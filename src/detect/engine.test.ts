import fc from 'fast-check'
import { expect, test } from 'vitest'
import { housePacks, samples } from '../../bench/detect-samples.ts'
import { compile, isAlert, scanLine } from './index.ts'

const engine = compile(housePacks())
const rules = (text: string, from?: 'staff' | 'customer') =>
  engine.detect({ text, from }).map(hit => hit.rule)
const alert = (text: string) => isAlert(engine.detect({ text }))

test('a hit says where, what and how it was hidden', () => {
  const text = '王总，这款 穩 賺 不 賠，放心'
  expect(engine.detect({ text })[0]).toEqual({
    rule: 'GUAR-01',
    category: 'GUAR',
    verdict: 'violation',
    audience: 'staff',
    severity: 'P0',
    start: 6,
    end: 13,
    matched: '穩 賺 不 賠',
    path: ['traditional', 'separator'],
    reads: '稳赚不赔',
    part: 'new',
    grounds: ['not-excepted', 'not-negated', 'not-quoted', 'not-asked', 'not-warned'],
  })
})

test('a plain hit has an empty path', () => {
  expect(engine.detect({ text: '稳赚不赔' })[0]?.path).toEqual([])
})

test.each([
  '医保本人卡请带好',
  '机场往返点位图',
  '奖品刚兑奖完',
  '由公司担保本次借款',
  '社保本月到账',
  '请确保本人操作',
  '撤回扣款申请',
  '合理分配资产',
  '环保本来就重要',
])('words that only look alike stay silent: %s', text => {
  expect(alert(text)).toBe(false)
})

test.each([
  ['不用担心,保本的', true],
  ['别犹豫，稳赚不赔', true],
  ['没有不赚的，保本', true],
  ['这不是不保本，是一定保本', true],
  ['这款不保本', false],
  ['我们不能承诺保本', false],
  ['保本是不可能的', false],
  ['请警惕保本高收益的骗局', false],
  ['严禁以下行为：承诺保本；代客理财；私下返佣', false],
  ['内部消息严禁外传，重组还没公告，赶紧建仓', true],
])('%s → alert %s', (text, expected) => {
  expect(alert(text)).toBe(expected)
})

test('staff rules do not fire on what customers say', () => {
  expect(rules('这个保本吗，稳赚不赔？', 'customer').filter(id => !id.startsWith('ASK_'))).toEqual([])
})

test('what a customer says of a two-sided rule is a signal, never an alert', () => {
  const hits = engine.detect({ text: '我有内幕消息，赶紧买', from: 'customer' })
  expect(hits.map(hit => [hit.verdict, hit.audience])).toContainEqual(['signal', 'customer'])
  expect(isAlert(hits, 'customer')).toBe(false)
})

test.each([
  '这是一条引用/回复消息：\n"客户:\n这款保本保息吧？"\n------\n产品说明书我发您看',
  '「客户：这款保本保息吧？」\n- - - - - - - - - - - - - - -\n产品说明书我发您看',
])('a quoted part is reported apart and never alerts', text => {
  const hits = engine.detect({ text })
  expect(hits.map(hit => [hit.part, hit.verdict])).toEqual([['quote', 'advisory']])
  expect(hits[0]?.matched).toBe('保本保息')
  expect(isAlert(hits)).toBe(false)
})

test('the new part of a reply is judged', () => {
  const text = '「客户：会亏吗」\n- - - - - - - - - - - - - - -\n保本保息，放心'
  const hits = engine.detect({ text })
  expect(hits[0]).toMatchObject({ part: 'new', matched: '保本保息' })
  expect(isAlert(hits)).toBe(true)
})

test('a rule applies from its first day in China', () => {
  const text = '门槛极低，人人可投'
  expect(engine.detect({ text, at: Date.parse('2026-09-29T15:59:59Z') })).toEqual([])
  expect(engine.detect({ text, at: Date.parse('2026-09-29T16:00:00Z') })[0]?.rule).toBe('INDUCE-01')
})

test('scan gives the contract of the command line', () => {
  const result = scanLine(engine, JSON.stringify({ id: 'a', text: '把验证码念给我' }))
  expect(result).toMatchObject({ id: 'a', alert: true, hits: [{ rule: 'CRED_ASK-01', severity: 'P0' }] })
  expect(() => scanLine(engine, '{"id":1}')).toThrow('text')
})

test.each([
  ['这个产品保本吗？', '对的，放心', true],
  ['会亏吗', '不会的', true],
  ['有没有风险啊？', '没有没有', true],
  ['能不能保本', '肯定能', true],
  ['这个产品保本吗？', '不保本的', false],
  ['这个产品保本吗？', '我查一下回您', false],
  ['会亏吗', '会的，净值会波动', false],
  ['明天几点开门？', '九点', false],
  ['亏了', '算我的', true],
  ['稳赚', '不赔的', true],
])('after "%s" the line "%s" → alert %s', (before, text, expected) => {
  const hits = engine.detect({ text, context: [before] })
  expect(isAlert(hits)).toBe(expected)
  for (const hit of hits)
    expect([text.slice(hit.start, hit.end), hit.path.at(-1)]).toEqual([hit.matched, 'context'])
})

test('never throws, and every hit lies where it says', () => {
  const words = fc.constantFrom(
    '保本',
    '稳 赚',
    '不',
    '赔',
    '，',
    '。',
    '\n',
    '\u200b',
    '🔥',
    '验证码',
    '发我',
    '「',
    '」',
    '我',
    '亏了',
    '补',
    '\ud800',
    '①',
  )
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(words, { maxLength: 40 }).map(parts => parts.join('')),
  )
  fc.assert(
    fc.property(text, fc.constantFrom('staff' as const, 'customer' as const), (value, from) => {
      for (const hit of engine.detect({ text: value, from })) {
        expect(hit.start).toBeGreaterThanOrEqual(0)
        expect(hit.end).toBeGreaterThan(hit.start)
        expect(hit.end).toBeLessThanOrEqual(value.length)
        expect(value.slice(hit.start, hit.end)).toBe(hit.matched)
      }
    }),
    { numRuns: 2000 },
  )
})

test('a long hostile text is read in linear time', () => {
  for (const cell of ['亏了我', '保 本', '验证码发', '不', '收益保证', '稳\n']) {
    const text = cell.repeat(Math.ceil(100_000 / cell.length))
    const from = performance.now()
    engine.detect({ text })
    expect(performance.now() - from).toBeLessThan(5_000)
  }
})

const missed = (name: string) => samples(name).filter(({ text }) => !alert(text))
const raised = (name: string) => samples(name).filter(({ text }) => alert(text))

test('ordinary service talk: at most one false alarm', () => {
  expect(samples('ordinary.txt').length).toBeGreaterThanOrEqual(150)
  expect(raised('ordinary.txt').length).toBeLessThanOrEqual(1)
})

test('negated promises, disclosures, warnings and quoted rules: at most 5 % false alarms', () => {
  const all = samples('hard-clean.txt').length
  expect(all).toBeGreaterThanOrEqual(100)
  expect(raised('hard-clean.txt').length).toBeLessThanOrEqual(0.05 * all)
})

test('what is wrong in everyday words raises an alert', () => {
  expect(missed('violations.txt').length).toBeLessThanOrEqual(0.05 * samples('violations.txt').length)
})

test('what is disguised raises an alert', () => {
  expect(missed('disguised.txt').length).toBeLessThanOrEqual(0.05 * samples('disguised.txt').length)
})
