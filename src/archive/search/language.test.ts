import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Fault } from '../../base/index.ts'
import { SEARCH_FIELDS } from '../contract.ts'
import { parseQuery } from './language.ts'
import { instantsOf } from './times.ts'

const words = (text: string) => {
  const { all, none, fields } = parseQuery(text)
  return {
    all: all.map(clause => clause.map(piece => piece.text)),
    none: none.map(piece => piece.text),
    fields: fields.map(
      term => `${term.not ? '-' : ''}${term.field}=${term.values.map(v => v.text).join('|')}`,
    ),
  }
}

test.each([
  ['保本 收益', [['保本'], ['收益']], [], []],
  ['保本　收益', [['保本'], ['收益']], [], []],
  ['"年化 5%" -测试', [['年化 5%']], ['测试'], []],
  ['“保本”或 「收益」 | 返点 稳赚', [['保本', '收益', '返点'], ['稳赚']], [], []],
  ['保本 或 收益 OR 返点', [['保本', '收益', '返点']], [], []],
  ['类型:图片,语音 -方向：客户 保本', [['保本']], [], ['kind=图片|语音', '-direction=客户']],
  ['员工:"林 月" 在:ocr', [], [], ['staff=林 月', 'in=ocr']],
  ['https://a.example/x 3:15 - 减', [['https://a.example/x'], ['3:15'], ['-'], ['减']], [], []],
  ['"类型:图片"', [['类型:图片']], [], []],
  ['  ', [], [], []],
])('%s', (text, all, none, fields) => {
  expect(words(text)).toEqual({ all, none, fields })
})

test.each([
  ['保本 "收益', 3, '引号没有配对'],
  ['保本 ""', 3, '引号里没有字'],
  ['或 收益', 0, '左边'],
  ['保本 或', 3, '右边'],
  ['保本 或 -收益', 5, '右边'],
  ['保本 或 类型:图片', 5, '右边'],
  ['保本 类型:', 3, '没有写值'],
  ['类型:,', 0, '没有写值'],
  [Array.from({ length: 21 }, (_, i) => `词${i}`).join(' '), 0, '最多 20 个词'],
])('%s is refused with its place', (text, at, hint) => {
  try {
    parseQuery(text)
    expect.unreachable()
  } catch (error) {
    expect(error).toMatchObject({ code: 'query.invalid', status: 400, details: { at } })
    expect((error as Fault).message).toContain(hint)
    expect((error as Fault).message).toContain(`第 ${at + 1} 个字`)
  }
})

test('whatever is typed is read or refused with a place inside it, and nothing typed is lost', () => {
  const names = Object.values(SEARCH_FIELDS).flat()
  const token = fc.oneof(
    fc.constantFrom('"', '“', '”', '-', '－', '或', 'OR', '|', ':', '：', ',', '，', ' ', '　', ...names),
    fc.string({ unit: 'binary', maxLength: 4 }),
  )
  fc.assert(
    fc.property(fc.array(token, { maxLength: 24 }), tokens => {
      const text = tokens.join('')
      try {
        const asked = parseQuery(text)
        const pieces = [...asked.all.flat(), ...asked.none, ...asked.fields.flatMap(field => field.values)]
        for (const piece of pieces) {
          expect(piece.text.trim()).not.toBe('')
          expect(text.slice(piece.at, piece.at + piece.length)).toContain(piece.text)
        }
      } catch (error) {
        if (!(error instanceof Fault)) throw error
        expect(error.code).toBe('query.invalid')
        const { at, length } = error.details as { at: number; length: number }
        expect(at).toBeGreaterThanOrEqual(0)
        expect(at + length).toBeLessThanOrEqual(text.length)
      }
    }),
    { numRuns: 3000 },
  )
})

const at = (text: string): number => Date.parse(text)
test.each([
  ['2026', '2026-01-01T00:00+08:00', '2027-01-01T00:00+08:00'],
  ['2026-03', '2026-03-01T00:00+08:00', '2026-04-01T00:00+08:00'],
  ['2026年3月5日', '2026-03-05T00:00+08:00', '2026-03-06T00:00+08:00'],
  ['2026-01..2026-03', '2026-01-01T00:00+08:00', '2026-04-01T00:00+08:00'],
  ['今天', '2026-11-30T00:00+08:00', '2026-12-01T00:00+08:00'],
  ['昨天', '2026-11-29T00:00+08:00', '2026-11-30T00:00+08:00'],
  ['近7天', '2026-11-24T00:00+08:00', '2026-12-01T00:00+08:00'],
])('%s in Shanghai', (text, from, until) => {
  expect(instantsOf(text, 'Asia/Shanghai', '2026-11-30')).toEqual({ from: at(from), until: at(until) })
})

test('open ends, and what is no time', () => {
  expect(instantsOf('2026-03..', 'Asia/Shanghai', '2026-11-30')).toMatchObject({ until: null })
  expect(instantsOf('..2026-03', 'Asia/Shanghai', '2026-11-30')).toMatchObject({ from: null })
  for (const text of ['2026-13', '2026-02-30', '三月', '', '2026..2027..2028', '0000'])
    expect(instantsOf(text, 'Asia/Shanghai', '2026-11-30'), text).toBeNull()
})
