import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Folder } from '../fold/fold.ts'
import { GATE_BITS } from '../model/features.ts'
import { buildAutomaton } from './automaton.ts'
import { pairsBuffer, pairsOf } from './pairs.ts'
import { Reader } from './read.ts'

const gates = Int8Array.from({ length: 2 ** GATE_BITS }, (_, i) => ((i * 7) % 255) - 127)
const reader = new Reader(buildAutomaton(['保本', '稳', '保']))

const messy = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(...'保本穩 .*，。,\n🔥\u200b①㎡Ａ➕aB1%…（）', '[玫瑰]', '[', '\r', '、'),
    maxLength: 30,
  }),
)

test('the quick reading of a plain text gives what the folder gives, positions and flags too', () => {
  fc.assert(
    fc.property(messy, text => {
      const quick = reader.read(text, 0, text.length, gates)
      reader.flags(quick)
      reader.places(quick)
      const n = quick.n
      const slow = new Folder().fold(text, 0, text.length)
      expect(n).toBe(slow.n)
      for (const key of ['chars', 'start', 'end', 'flag'] as const)
        expect([...quick[key].subarray(0, n)]).toEqual([...slow[key].subarray(0, n)])
    }),
    { numRuns: 10_000 },
  )
})

test('the one pass sees the same neighbours as a look of their own', () => {
  fc.assert(
    fc.property(messy, text => {
      const f = reader.read(text, 0, text.length, gates)
      const apart = pairsBuffer()
      pairsOf(gates, f.chars, f.n, apart)
      expect(reader.pairs.gate).toBe(apart.gate)
      const odd = (pairs: typeof apart) => [...pairs.odd.subarray(0, pairs.n)]
      expect(odd(reader.pairs)).toEqual(odd(apart))
    }),
    { numRuns: 5_000 },
  )
})

test('ordinary sentences are plain, disguised ones are not', () => {
  const plain = (text: string) => {
    reader.read(text, 0, text.length, gates)
    return reader.plain
  }
  expect(plain('您好，明天9:30到网点，带上身份证。谢谢！')).toBe(true)
  expect(plain('T+3到账，利率2.85%')).toBe(true)
  expect(plain('保 本')).toBe(false)
  expect(plain('稳,赚,不,赔')).toBe(false)
  expect(plain('谢谢谢谢')).toBe(false)
})
