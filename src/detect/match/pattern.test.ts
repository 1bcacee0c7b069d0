import fc from 'fast-check'
import { expect, test } from 'vitest'
import { requiredLiterals } from './literals.ts'
import { Pattern, units } from './pattern.ts'
import { parsePattern } from './pattern-syntax.ts'

const find = (source: string, text: string) => new Pattern(source).find(units(text), 0, text.length)

const { pattern: anyPattern } = fc.letrec<{ pattern: string; atom: string; item: string; sequence: string }>(
  tie => ({
    atom: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('a', 'b', 'c', '.', '[ab]', '[^a]', '\\d'),
      tie('pattern').map(inner => `(${inner})`),
    ),
    item: fc
      .tuple(tie('atom'), fc.constantFrom('', '', '', '?', '{2}', '{0,3}', '{1,2}'))
      .map(([atom, times]) => atom + times),
    sequence: fc.array(tie('item'), { minLength: 1, maxLength: 4 }).map(items => items.join('')),
    pattern: fc.array(tie('sequence'), { minLength: 1, maxLength: 3 }).map(parts => parts.join('|')),
  }),
)
/** Random patterns nest until they outgrow the engine; those it refuses are another test's. */
function fits(source: string): boolean {
  try {
    new Pattern(source)
    return true
  } catch {
    return false
  }
}
const anyText = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd', '1', '\n'), maxLength: 14 })

test('finds a match where JavaScript does, and starts it at the same place', () => {
  fc.assert(
    fc.property(anyPattern, anyText, (source, text) => {
      fc.pre(fits(source))
      const theirs = new RegExp(source).exec(text)
      const ours = find(source, text)
      expect(ours?.start).toBe(theirs?.index)
    }),
    { numRuns: 3000 },
  )
})

test('the match is one: the span taken alone matches from end to end', () => {
  fc.assert(
    fc.property(anyPattern, anyText, (source, text) => {
      fc.pre(fits(source))
      const span = find(source, text)
      if (span) expect(text.slice(span.start, span.end)).toMatch(new RegExp(`^(?:${source})$`))
    }),
    { numRuns: 2000 },
  )
})

test('every match holds a word of every required group, so the gate loses nothing', () => {
  fc.assert(
    fc.property(anyPattern, anyText, (source, text) => {
      const theirs = new RegExp(source).exec(text)
      if (!theirs) return
      for (const group of requiredLiterals(parsePattern(source))) {
        expect(group.some(literal => theirs[0].includes(literal))).toBe(true)
      }
    }),
    { numRuns: 3000 },
  )
})

/** How often a search looks at a character, and how often it has to make a state: no clock, so no busy machine can fail it. */
function work(source: string, text: string): { looks: number; states: number } {
  const pattern = new Pattern(source)
  let looks = 0
  const chars = new Proxy(units(text), {
    get(all, key) {
      looks++
      return Reflect.get(all, key)
    },
  })
  pattern.find(chars, 0, text.length)
  const { searching, anchored } = pattern
  return { looks, states: Math.max(searching.states.nodes.length, anchored.states.nodes.length) }
}

test.each([
  '(a|a?){0,60}b',
  '(a{0,32}){0,20}b',
  '(.{0,20}a){0,20}c',
  '(.{0,32}x){0,8}y',
  '(a|aa|aaa){0,40}z',
  '(.{0,12}我.{0,12}补){1,3}终',
])('twice the text costs %s twice the work, and its table of states stays small', source => {
  for (const cell of ['a', 'ax', 'xay', 'aaab', '我补']) {
    const once = work(source, cell.repeat(4000))
    const twice = work(source, cell.repeat(8000))
    expect(twice.looks).toBeLessThanOrEqual(2 * once.looks)
    expect(twice.states).toBeLessThanOrEqual(1024 + 1)
  }
})

test.each([
  ['(?<!a)b', 'look-around'],
  ['a(?=b)', 'look-around'],
  ['(a)\\1', 'not in the subset'],
  ['^a', 'anchor'],
  ['a{3,1}', 'must rise'],
  ['(a', 'never closed'],
  ['a)', 'without'],
  ['[a', 'never closed'],
  ['*a', 'nothing to repeat'],
  ['((((a{0,200}){0,200}){0,200}){0,200})', 'too large'],
])('refuses %s and says why', (source, why) => {
  expect(() => new Pattern(source)).toThrow(why)
})

test('patterns are written in any width, case or script and match the folded text', () => {
  expect(find('保證(收益)ＡＢ', '保证收益ab')).toEqual({ start: 0, end: 6 })
})
