import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  CATEGORY_BITS,
  eachFeature,
  fullScore,
  GATE_BITS,
  gateEnds,
  gateScore,
  gateSums,
  SCORE_BITS,
} from './features.ts'
import { sharedModel } from './model.ts'

const table = (bits: number): Int8Array =>
  Int8Array.from({ length: 2 ** bits }, (_, i) => ((i * 7919) % 251) - 125)
const score = table(SCORE_BITS)
const gate = table(GATE_BITS)

/** A text, long ones too, and a stretch of it that is not empty. */
const stretch = fc
  .oneof(
    fc.array(fc.integer({ min: 3, max: 0xffff }), { minLength: 1, maxLength: 60 }),
    fc.array(fc.constantFrom(0x4fdd, 0x672c, 44), { minLength: 1000, maxLength: 1100 }),
  )
  .chain(list =>
    fc.record({
      chars: fc.constant(Uint16Array.from(list)),
      from: fc.integer({ min: 0, max: list.length - 1 }),
      size: fc.integer({ min: 1, max: list.length }),
    }),
  )
  .map(({ chars, from, size }) => ({ chars, from, to: Math.min(chars.length, from + size) }))

test('the score is the sum over every feature', () => {
  fc.assert(
    fc.property(stretch, ({ chars, from, to }) => {
      let sum = 0
      eachFeature(chars, from, to, hash => {
        sum += score[hash >>> (32 - SCORE_BITS)] as number
      })
      expect(fullScore(score, chars, from, to)).toBe(sum)
    }),
    { numRuns: 1000 },
  )
})

test('the gate score of a stretch is a difference of sums and its two ends', () => {
  fc.assert(
    fc.property(stretch, ({ chars, from, to }) => {
      const sums = gateSums(gate, chars, chars.length)
      const inside = (sums[to - 1] as number) - (sums[from] as number)
      expect(inside + gateEnds(gate, chars, from, to)).toBe(gateScore(gate, chars, from, to))
    }),
    { numRuns: 1000 },
  )
})

test('the category is the one whose single characters and pairs weigh most', () => {
  const model = sharedModel('staff')
  const { heads } = model.weights
  const row = (heads.length + 3) >>> 2
  fc.assert(
    fc.property(stretch, ({ chars, from, to }) => {
      const sums = heads.map(() => 0)
      let short = 0
      eachFeature(chars, from, to, (hash, _, length) => {
        if (length > 2) return
        short++
        for (let k = 0; k < sums.length; k++) {
          const four = model.side[(hash >>> (32 - CATEGORY_BITS)) * row + (k >>> 2)] as number
          sums[k] = (sums[k] as number) + ((four >>> (8 * (k & 3))) & 255) - 128
        }
      })
      const odds = heads.map(
        ([, { bias, step }], k) => bias + (step * (sums[k] as number)) / Math.sqrt(short),
      )
      expect(model.category(chars, from, to)).toBe(heads[odds.indexOf(Math.max(...odds))]?.[0])
    }),
    { numRuns: 300 },
  )
})
