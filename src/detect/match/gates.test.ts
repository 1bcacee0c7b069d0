import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GATE_BITS } from '../model/features.ts'
import { buildAutomaton } from './automaton.ts'
import { GateBuilder, Gatekeeper } from './gates.ts'
import { Pattern } from './pattern.ts'
import { Reader } from './read.ts'

/** One pattern behind its gates: the stretches in which it may match. */
function woken(source: string, text: string): [number, number][] {
  const words: string[] = []
  const builder = new GateBuilder()
  builder.add(0, source, literal => {
    if (!words.includes(literal)) words.push(literal)
    return words.indexOf(literal)
  })
  const gates = builder.build(words.length)
  const units = gates.sets.flatMap(set => [...set].map(unit => unit.charCodeAt(0)))
  const automaton = buildAutomaton(words, units)
  const lengths = Int32Array.from(words, word => word.length)
  const isTerm = new Uint8Array(words.length)
  const keeper = new Gatekeeper(gates, { lengths, isTerm }, automaton, new Uint8Array(1))
  const reader = new Reader(automaton)
  const f = reader.read(text, 0, text.length, new Int8Array(2 ** GATE_BITS))
  keeper.wake(reader.found, f.chars, f.n)
  return Array.from({ length: keeper.n }, (_, k) => [keeper.lowest[k] as number, keeper.highest[k] as number])
}

const literal = fc.string({ unit: fc.constantFrom('保', '本', '给', '您', '点'), minLength: 1, maxLength: 2 })
const part = fc.oneof(
  fc.array(literal, { minLength: 1, maxLength: 3 }).map(words => `(${words.join('|')})`),
  fc.constantFrom('.{0,3}', '.{0,6}', '\\d?', '[您你]?', '(都|也)?', '(.{0,2}保)', '(给.{0,2}点|本)'),
)
const pattern = fc
  .array(fc.tuple(literal, fc.array(part, { maxLength: 5 })), { minLength: 1, maxLength: 2 })
  .map(list => list.map(([first, rest]) => first + rest.join('')).join('|'))
const text = fc.string({ unit: fc.constantFrom('保', '本', '给', '您', '点', '都', '1', 'x'), maxLength: 24 })

test('no gate keeps a pattern from a match, or a match outside its stretch of text', () => {
  fc.assert(
    fc.property(pattern, text, (source, value) => {
      // 保保本本 is folded to 保本 before any gate sees it; here the text is to stay as it is.
      fc.pre(!/(.)\1/.test(value))
      const matches = [...value.matchAll(new RegExp(source, 'g'))].filter(match => match[0] !== '')
      if (matches.length === 0) return
      const stretches = woken(source, value)
      for (const { index, 0: match } of matches)
        expect(stretches.some(([from, to]) => from <= index && index + match.length <= to)).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('a word far from the rest of its pattern wakes nothing', () => {
  const source = '(验证码|密码).{0,4}(发|念)给我'
  expect(woken(source, '密码请念给我')).toHaveLength(1)
  expect(woken(source, '密码不要写在纸上，以后有事再发给我')).toEqual([])
  expect(woken(source, '发给我的密码')).toEqual([])
})

test('a pattern matches the same through its gates as alone', () => {
  const source = '(收益|利息).{0,6}(保证|写死)'
  const value = '这款收益是可以写死的'
  const [from, to] = woken(source, value)[0] ?? [0, 0]
  const chars = Uint16Array.from([...value], unit => unit.charCodeAt(0))
  expect(new Pattern(source).find(chars, from, to)).toEqual({ start: 2, end: 9 })
})

test('a long text wakes a pattern where its words stand, and not in between', () => {
  const gap = '今天天气不错'.repeat(50)
  const stretches = woken('(收益|利息).{0,6}(保证|写死)', `收益可以写死${gap}利息能保证`)
  expect(stretches).toHaveLength(2)
  for (const [from, to] of stretches) expect(to - from).toBeLessThan(30)
})
