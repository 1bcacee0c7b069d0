import fc from 'fast-check'
import { expect, test } from 'vitest'
import { passagesOf, piecesOf } from './spans.ts'

const text = '阿姨放心，这个宝本的，亏不到本金'

test('a text without spans is one plain piece', () => {
  expect(piecesOf(text, [])).toEqual([
    { start: 0, text, marked: false, joined: false, severity: null, ids: [] },
  ])
  expect(piecesOf('', [{ start: 0, end: 3 }])).toEqual([])
})

test('overlapping spans share a piece and the worst severity shows', () => {
  const pieces = piecesOf(text, [
    { start: 7, end: 10, severity: 'P1', id: 'a' },
    { start: 7, end: 9, severity: 'P0', id: 'b' },
  ])
  expect(pieces.map(piece => [piece.text, piece.severity, piece.ids, piece.joined])).toEqual([
    ['阿姨放心，这个', null, [], false],
    ['宝本', 'P0', ['a', 'b'], false],
    ['的', 'P1', ['a'], true],
    ['，亏不到本金', null, [], false],
  ])
})

test('whatever the spans are, the pieces join to the text and every covered unit is marked', () => {
  const span = fc.record({ start: fc.integer({ min: -5, max: 40 }), end: fc.integer({ min: -5, max: 40 }) })
  fc.assert(
    fc.property(fc.string({ maxLength: 30 }), fc.array(span, { maxLength: 8 }), (said, spans) => {
      const pieces = piecesOf(said, spans)
      expect(pieces.map(piece => piece.text).join('')).toBe(said)
      for (const piece of pieces)
        for (let at = piece.start; at < piece.start + piece.text.length; at++)
          expect(piece.marked).toBe(spans.some(found => found.start <= at && at < found.end))
    }),
  )
})

test('of a long text the stretches around the marks are shown, once', () => {
  const long = '甲'.repeat(200)
  const spans = [
    { start: 150, end: 152 },
    { start: 4, end: 6 },
    { start: 20, end: 22 },
  ]
  expect(passagesOf(long, spans, 10)).toEqual([
    { start: 0, end: 32 },
    { start: 140, end: 162 },
  ])
  expect(passagesOf(long, [], 10)).toEqual([])
})
