import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gramHasher } from './grams.ts'

const SECRET = Buffer.from('000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f', 'hex')

test('every substring needs only grams that the text has: no true match is ever missed', () => {
  const hasher = gramHasher(SECRET)
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }),
      fc.nat(),
      fc.nat(),
      (text, a, b) => {
        // Of whole characters: nobody can type half a surrogate pair, and a combining mark is folded away whole.
        const chars = [...text]
        const start = a % chars.length
        const query = chars.slice(start, start + 1 + (b % 8)).join('')
        const stored = new Set(hasher.of(text))
        expect(hasher.needed(query).every(gram => stored.has(gram))).toBe(true)
      },
    ),
  )
})

test('folded forms share their grams: full width, upper case and traditional find the plain text', () => {
  const hasher = gramHasher(SECRET)
  expect(hasher.needed('ＶＸ')).toEqual(hasher.needed('vx'))
  expect(hasher.needed('收益')).toEqual(hasher.needed('收益'))
  expect(hasher.needed('財富')).toEqual(hasher.needed('财富'))
})

test('grams are distinct 32-bit numbers, and mean nothing without the secret', () => {
  const text = '这款产品不保本，净值会波动，请看清风险揭示再决定'
  const mine = gramHasher(SECRET).of(text)
  expect(new Set(mine).size).toBe(mine.length)
  expect(mine.every(gram => Number.isInteger(gram) && gram >= -(2 ** 31) && gram < 2 ** 31)).toBe(true)
  const others = new Set(gramHasher(randomBytes(32)).of(text))
  expect(mine.filter(gram => others.has(gram)).length).toBeLessThan(3)
})

test('a text of one character has one gram, an empty one none', () => {
  const hasher = gramHasher(SECRET)
  expect(hasher.of('买')).toHaveLength(1)
  expect(hasher.needed('买')).toEqual(hasher.of('买'))
  expect(hasher.of('')).toEqual([])
})

test('one text with more pairs than the table holds neither hangs nor repeats a gram', () => {
  const hasher = gramHasher(SECRET)
  let text = ''
  for (let i = 0; i < 700; i += 1)
    for (let j = 0; j < 700; j += 1) text += String.fromCharCode(0x4e00 + i, 0x5e00 + j)
  const grams = hasher.of(text)
  expect(new Set(grams).size).toBe(grams.length)
  const stored = new Set(grams)
  expect(hasher.needed(text.slice(500_000, 500_006)).every(gram => stored.has(gram))).toBe(true)
})
