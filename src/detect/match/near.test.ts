import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Near, NearFinder } from './near.ts'
import { units } from './pattern.ts'

const near = (groups: string[][], more: Partial<Near> = {}): Near => ({
  within: 6,
  in: 'sentence',
  anyOrder: false,
  groups,
  notNear: undefined,
  ...more,
})
const found = (rule: Near, text: string) => {
  const span = new NearFinder(rule).find(units(text), 0, text.length)
  return span && text.slice(span.start, span.end)
}

test.each([
  [near([['收益'], ['保证']]), '收益我给您保证', '收益我给您保证'],
  [near([['收益'], ['保证']]), '保证收益', undefined],
  [near([['收益'], ['保证']], { anyOrder: true }), '保证收益', '保证收益'],
  [near([['收益'], ['保证']]), '收益很高,真的,我保证', undefined],
  [near([['收益'], ['保证']]), '收益高。我保证', undefined],
  [near([['收益'], ['保证']], { in: 'clause' }), '收益高,我保证', undefined],
  [near([['收益'], ['<比例>']]), '收益能到百分之八', '收益能到百分之八'],
  [near([['收益'], ['<比例>']]), '收益大概6.5%吧', '收益大概6.5%'],
  [near([['先交'], ['<金额>'], ['放款']]), '先交三千块马上放款', '先交三千块马上放款'],
  [near([['收益'], ['保证']], { notNear: { within: 4, words: ['无法'] } }), '收益无法保证', undefined],
  [
    near([['收益'], ['保证']], { notNear: { within: 2, words: ['无法'] } }),
    '无法预测的收益我保证',
    '收益我保证',
  ],
])('%#: %j finds in %s', (rule, text, span) => {
  expect(found(rule, text)).toBe(span)
})

/** Every choice of one word a group, tried. */
function exists(rule: Near, text: string): boolean {
  const places = rule.groups.map(group =>
    Array.from(text, (_, at) => {
      const longest = group.filter(word => text.startsWith(word, at)).sort((a, b) => b.length - a.length)[0]
      return longest === undefined ? [] : [[at, at + longest.length] as const]
    }).flat(),
  )
  const extend = (end: number, left: number[]): boolean =>
    left.length === 0 ||
    left.some(
      (group, nth) =>
        (rule.anyOrder || nth === 0) &&
        (places[group] ?? []).some(
          ([from, to]) =>
            (end < 0 ||
              (from >= end && from - end <= rule.within && !text.slice(end, from).includes('。'))) &&
            extend(
              to,
              left.filter(other => other !== group),
            ),
        ),
    )
  return extend(
    -1,
    rule.groups.map((_, i) => i),
  )
}

test('finds what a search through all choices finds', () => {
  const word = fc.stringMatching(/^[甲乙丙]{1,3}$/)
  const rule = fc.record({
    within: fc.nat(4),
    anyOrder: fc.boolean(),
    groups: fc.array(fc.array(word, { minLength: 1, maxLength: 2 }), { minLength: 2, maxLength: 4 }),
  })
  fc.assert(
    fc.property(rule, fc.stringMatching(/^[甲乙丙丁。]{0,24}$/), ({ groups, ...more }, text) => {
      const whole = near(groups, more)
      expect(found(whole, text) !== undefined).toBe(exists(whole, text))
    }),
    { numRuns: 3000 },
  )
})

test('a million characters of its own words take linear time', () => {
  const finder = new NearFinder(near([['甲'], ['甲甲'], ['乙'], ['丁']], { within: 60, anyOrder: true }))
  const time = (n: number) => {
    const text = units('甲甲乙'.repeat(n / 3))
    const began = performance.now()
    finder.find(text, 0, text.length)
    return performance.now() - began
  }
  time(30_000)
  expect(time(900_000)).toBeLessThan(5000)
})
