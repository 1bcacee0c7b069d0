import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fold } from './fold.ts'
import { foldText } from './fold-text.ts'

const read = (text: string): string => {
  const f = fold(text)
  return String.fromCharCode(...f.chars.subarray(0, f.n))
}

test.each([
  ['稳 赚 不 赔', '稳赚不赔'],
  ['穩.賺.不.賠', '稳赚不赔'],
  ['稳*赚-不~赔', '稳赚不赔'],
  ['保\u200b本\u202e保\u0336息', '保本保息'],
  ['保🔥本💰', '保本💰'],
  ['套[玫瑰]现', '套现'],
  ['好的[微笑]', '好的[微笑]'],
  ['[玫瑰]您好', '[玫瑰]您好'],
  ['保（本）【保】息', '保本保息'],
  ['稳\n赚\n不\n赔', '稳赚不赔'],
  ['稳,赚,不,赔', '稳赚不赔'],
  ['保保本本', '保本'],
  ['稳稳稳稳赚', '稳赚'],
  ['０风险ＵＳＤＴ', '0风险usdt'],
  ['𝟎风险', '0风险'],
  ['加 V X 聊', '加v x聊'],
])('%j reads %s', (text, expected) => {
  expect(read(text)).toBe(expected)
})

test.each([
  ['谢谢您，看看吧', '谢谢您,看看吧'],
  ['年化 6.5%', '年化6.5%'],
  ['t.me/abc 10-20', 't.me/abc 10-20'],
  ['好，那就这样。再见', '好,那就这样。再见'],
])('ordinary writing %j keeps its words: %s', (text, expected) => {
  expect(read(text)).toBe(expected)
})

const messy = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...'保本穩賺 .*，。\n🔥\u200b\u0336①㎡ﷺＡ➕𝟎〇aB1%…（）') }),
)

test('positions never run backwards and stay inside the text', () => {
  fc.assert(
    fc.property(messy, text => {
      const f = fold(text)
      for (let i = 0; i < f.n; i++) {
        expect(f.start[i]).toBeGreaterThanOrEqual(i ? f.start[i - 1]! : 0)
        expect(f.end[i]).toBeGreaterThanOrEqual(i ? f.end[i - 1]! : 0)
        expect(f.end[i]).toBeGreaterThan(f.start[i]!)
        expect(f.end[i]).toBeLessThanOrEqual(text.length)
      }
    }),
    { numRuns: 2000 },
  )
})

test('what is part of a text is part of the folded text, which the search index relies on', () => {
  const points = fc.array(
    fc.oneof(fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }), fc.constantFrom(...'穩㎡Ａ①é\u200b')),
  )
  fc.assert(
    fc.property(points, points, points, (a, b, c) => {
      const inner = b.join('')
      const whole = a.join('') + inner + c.join('')
      expect(foldText(whole)).toBe(foldText(a.join('')) + foldText(inner) + foldText(c.join('')))
      expect(foldText(whole)).toContain(foldText(inner))
    }),
    { numRuns: 2000 },
  )
})

test('the search fold takes width, case and traditional away but no separator', () => {
  expect(foldText('穩 賺 ＡＢＣ')).toBe('稳 赚 abc')
  expect(foldText('保.本')).toBe('保.本')
})

test('folding is done once: folding again changes nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), text => {
      expect(foldText(foldText(text))).toBe(foldText(text))
    }),
  )
})
