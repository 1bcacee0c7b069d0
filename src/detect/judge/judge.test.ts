import fc from 'fast-check'
import { expect, test } from 'vitest'
import { housePacks } from '../../../bench/detect-samples.ts'
import { fold } from '../fold/fold.ts'
import { compile, isAlert } from '../index.ts'
import { disclaimed } from './excuse.ts'
import { deniedInside, negated } from './negation.ts'
import { inTitle, quoted } from './quotation.ts'
import { asked, refused, rehearsed, ruledOutFar, unmasked } from './scope.ts'

const engine = compile(housePacks())

test.each([
  ['保本？这个真没有，您得接受净值波动', false],
  ['带单这种事我不干', false],
  ['加私人微信谈业务，这个公司不允许', false],
  ['我们没有委托过任何人向客户承诺保本', false],
  ['没有哪个产品不稳赚', true],
  ['难道不稳赚吗，您放心', true],
  ['保本的，这个我不骗您', true],
  ['这款保本，没人比我们强', true],
  ['公司不许我们加私人号，所以您悄悄加', true],
  ['我不能荐股，不过悄悄跟您说一句，牛股代码我发您', true],
])('who refuses what: %s → alert %s', (text, expected) => {
  expect(isAlert(engine.detect({ text }))).toBe(expected)
})

test.each([
  ['客户说“你们保本的”，我解释了这个说法不对', false],
  ['传单上印着“稳赚不赔”，这不是我们印的', false],
  ['《内幕》这部电影周五放映', false],
  ['之前有业务员跟您说过保本吗？', false],
  ['新人考试第7题：下列哪句违规？A 稳赚不赔', false],
  ['我的客户都说这款保本，您放心', true],
  ['咱们这款“保本”产品卖得最好', true],
])('whose words: %s → alert %s', (text, expected) => {
  expect(isAlert(engine.detect({ text }))).toBe(expected)
})

test('a hit tells on what grounds it stands', () => {
  const of = (text: string) => engine.detect({ text })[0]?.grounds
  expect(of('这款保本')).toEqual(['not-excepted', 'not-negated', 'not-quoted', 'not-asked', 'not-warned'])
  expect(of('公司不许我们加私人号，所以您悄悄加')).toContain('disclaimed')
  expect(
    engine.detect({ text: '对的', context: [{ text: '这个保本吗？', from: 'customer' }] })[0]?.grounds,
  ).toContain('answered')
})

test('a phrase may come in as many pieces as it has characters, but from one speaker', () => {
  const own = ['稳', '赚', '不'].map(text => ({ text, from: 'staff' as const, own: true }))
  expect(engine.detect({ text: '赔', context: own })[0]).toMatchObject({ start: 0, end: 1, matched: '赔' })
  const others = own.map(line => ({ ...line, own: false }))
  expect(engine.detect({ text: '赔', context: others })).toEqual([])
})

const words = fc.constantFrom(
  '保本',
  '不',
  '没有',
  '这个',
  '我',
  '做不了',
  '“',
  '”',
  '"',
  '《',
  '》',
  '？',
  '，',
  '。',
  '\n',
  '客户说',
  '吗',
  '悄悄',
  '新人考试',
  '假冒我',
  '谁',
  '\ud800',
  '\u200b',
  '难道',
  '哪有',
  'x',
)
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(words, { maxLength: 30 }).map(parts => parts.join('')),
)

test('no view leaves the text: what stands outside the ranges given changes no judgement, and nothing throws', () => {
  const noise = [...'没有不是假的骗局“保本”吗？这种我不干冒充']
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), (value, a, b) => {
      const f = fold(value)
      const n = f.n
      const start = n === 0 ? 0 : a % n
      const end = n === 0 ? 0 : start + 1 + (b % (n - start))
      const span: [number, number] = [start, end]
      const judged = (chars: Uint16Array): boolean[] => [
        negated(chars, [0, n], span),
        deniedInside(chars, span, 'x'),
        refused(chars, [0, n], span),
        ruledOutFar(chars, [0, n], span),
        asked(chars, [0, n], span),
        rehearsed(chars, n, span),
        unmasked(chars, [0, n], span),
        disclaimed(chars, [0, n], span),
        quoted(value, 0, chars, [0, n], span),
        inTitle(value, 0),
      ]
      const padded = (fill: (i: number) => number): Uint16Array =>
        Uint16Array.from({ length: n + 64 }, (_, i) => (i < n ? (f.chars[i] as number) : fill(i)))
      const bare = judged(padded(() => 0))
      expect(judged(padded(i => (noise[i % noise.length] as string).charCodeAt(0)))).toEqual(bare)
    }),
    { numRuns: 3000 },
  )
})

test('any context is borne', () => {
  const line = fc.record({ text, from: fc.constantFrom('staff' as const, 'customer' as const) })
  fc.assert(
    fc.property(text, fc.array(line, { maxLength: 6 }), (value, context) => {
      for (const hit of engine.detect({ text: value, context }))
        expect(value.slice(hit.start, hit.end)).toBe(hit.matched)
    }),
    { numRuns: 1000 },
  )
})
