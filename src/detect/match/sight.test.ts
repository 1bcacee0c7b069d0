import fc from 'fast-check'
import { afterEach, expect, test } from 'vitest'
import { Pattern, sighted, units } from './pattern.ts'
import { lookAt, lookAway } from './sight.ts'

afterEach(lookAway)

const literal = fc.string({ unit: fc.constantFrom('保', '本', '给', '您', '点'), minLength: 1, maxLength: 3 })
const part = fc.oneof(
  fc.array(literal, { minLength: 1, maxLength: 3 }).map(words => `(${words.join('|')})`),
  fc.constantFrom('.{0,3}', '\\d?', '[您你]?', '(都|也)?', '(.{0,2}保)', '[保本]', '.'),
)
const pattern = fc
  .array(fc.tuple(fc.option(literal, { nil: '' }), fc.array(part, { maxLength: 4 })), {
    minLength: 1,
    maxLength: 3,
  })
  .map(list => list.map(([first, rest]) => first + rest.join('')).join('|'))
const text = fc.string({ unit: fc.constantFrom('保', '本', '给', '您', '点', '都', '1', 'x'), maxLength: 24 })

test('an expression that is passed by at a glance would not have matched', () => {
  fc.assert(
    fc.property(fc.array(pattern, { minLength: 1, maxLength: 3 }), text, (sources, value) => {
      const chars = units(value)
      const pairs = sources.map(source => [sighted(source), new Pattern(source)] as const)
      lookAt(chars, chars.length)
      for (const [quick, thorough] of pairs)
        expect(quick.find(chars, 0, chars.length)).toEqual(thorough.find(chars, 0, chars.length))
    }),
    { numRuns: 3000 },
  )
})

test('an expression made while a text is looked at is asked of it all the same', () => {
  const chars = units('这款保本')
  lookAt(chars, chars.length)
  expect(sighted('保本').test(chars, 0, chars.length)).toBe(true)
})

test('what was said of one text is not said of another', () => {
  const quick = sighted('保息')
  const [first, second] = [units('这款保本'), units('这款保息')]
  lookAt(first, first.length)
  expect(quick.test(second, 0, second.length)).toBe(true)
  expect(quick.test(first, 0, first.length)).toBe(false)
})
