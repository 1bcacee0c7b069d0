import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCursor, writeCursor } from './cursor.ts'

const place = (values: unknown[]) =>
  typeof values[0] === 'number' && typeof values[1] === 'string' ? { at: values[0], id: values[1] } : null

test('a cursor comes back as it was written', () => {
  fc.assert(
    fc.property(fc.integer(), fc.string(), (at, id) => {
      expect(readCursor(writeCursor([at, id]), place)).toEqual({ at, id })
    }),
  )
})

test('anything else is refused as a bad request, whatever it is', () => {
  for (const bad of [
    '',
    '***',
    writeCursor(['x', 1]),
    Buffer.from('{"0":1}').toString('base64url'),
    Buffer.from('null').toString('base64url'),
  ]) {
    expect(() => readCursor(bad, place)).toThrow('request.invalid')
  }
  fc.assert(
    fc.property(fc.string(), text => {
      expect(() => readCursor(text, () => null)).toThrow('request.invalid')
    }),
  )
})
