import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConditionError, compileCondition, type Facts } from './condition.ts'
import { factsOf } from './facts.ts'

const about = (sentence: string, question: Parameters<typeof factsOf>[0] = {}): Facts => {
  const chars = Uint16Array.from(sentence, char => char.charCodeAt(0))
  return factsOf(question, 'bank', chars, [0, chars.length], { start: 0, end: Math.min(2, chars.length) })
}

test.each([
  ['yield_max >= 5.0', '年化6%', true],
  ['yield_max >= 5.0', '年化3%', false],
  ['annual_rate > 24', '月息三分', true],
  ['just_under(amounts, 50000) >= 2', '先转4.9万再转4.95万', true],
  ['amounts.exists(a, a >= 1000000.0)', '投120万', true],
  ['sentence.reads("(今|明)天")', '明天到账', true],
  ['institution == "bank" && from == "staff"', '', true],
  ['customer_age >= 60 || customer_vulnerable', '', false],
  ['hour in [22, 23] || hour < 7', '', true],
  ['10 / context_size > 1', '', true],
])('%s of %s is %s', (source, sentence, answer) => {
  const at = Date.parse('2026-03-02T15:30:00Z')
  expect(compileCondition(source)(about(sentence, { at }))).toBe(answer)
})

test.each([
  ['matched.matches("(a+)+$")', 'reads'],
  ['matched.reads("(?=a)")', 'look-around'],
  ['matched.reads(sentence)', 'in quotes'],
  ['amounts.all(a, amounts.all(b, a > b))', 'loop'],
  ['amounts.map(a, a * 2.0).size() > 1', 'map'],
  ['sentence.split("").size() > 3', 'split'],
  ['yeild_max > 5.0', 'yeild_max'],
  ['yield_max', 'yes or no'],
  ['matched > 5', 'no such overload'],
  ['a b', 'nexpected'],
  [`${'('.repeat(60)}true${')'.repeat(60)}`, 'axDepth'],
  [`true${' || true'.repeat(300)}`, 'longer'],
])('%s is refused: %s', (source, word) => {
  expect(() => compileCondition(source)).toThrow(ConditionError)
  expect(() => compileCondition(source)).toThrow(word)
})

test('no expression that is accepted takes long, whatever is put into it', () => {
  const { expression } = fc.letrec<{ expression: string }>(tie => ({
    expression: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(
        'true',
        'yield_max > 1.0',
        'hour > 3',
        'sentence.contains(matched)',
        'size(sentence) > 3',
      ),
      fc.constantFrom(
        'sentence.reads("(甲?){9}甲{9}")',
        'sentence.matches("(甲+)+$")',
        'amounts.exists(x, x > 1.0)',
      ),
      fc
        .tuple(tie('expression'), fc.constantFrom('&&', '||', '==', '!='), tie('expression'))
        .map(all => `(${all.join(' ')})`),
      tie('expression').map(inner => `!(${inner})`),
      tie('expression').map(inner => `amounts.exists(a, ${inner})`),
      tie('expression').map(inner => `[1, 2, 3].all(a, ${inner})`),
      tie('expression').map(inner => `(${inner} ? sentence + sentence : matched).size() > 1`),
    ),
  }))
  const nasty = about(`${'甲'.repeat(380)}1元2元3元4元5元`)
  let accepted = 0
  fc.assert(
    fc.property(expression, source => {
      let run: ReturnType<typeof compileCondition>
      try {
        run = compileCondition(source)
      } catch (error) {
        expect(error).toBeInstanceOf(ConditionError)
        return
      }
      accepted += 1
      const began = performance.now()
      run(nasty)
      expect(performance.now() - began).toBeLessThan(250)
    }),
    { numRuns: 1000 },
  )
  expect(accepted).toBeGreaterThan(100)
})
