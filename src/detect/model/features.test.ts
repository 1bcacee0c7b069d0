import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  addRows,
  eachFeature,
  fullScore,
  GATE_BITS,
  gateEnds,
  gateScore,
  gateSums,
  NET_BITS,
  NET_WIDTH,
  netFeatures,
  SCORE_BITS,
} from './features.ts'

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

test('the net sums the rows of single characters and pairs, every digit being the same', () => {
  const table = Int8Array.from({ length: 2 ** NET_BITS * NET_WIDTH }, (_, i) => (i % 255) - 127)
  fc.assert(
    fc.property(stretch, ({ chars, from, to }) => {
      const sums = new Int32Array(NET_WIDTH)
      const features = netFeatures(chars.subarray(from, to), to - from)
      expect(addRows(table, chars, from, to, sums)).toBe(features.length)
      const expected = Array.from({ length: NET_WIDTH }, (_, d) =>
        features.reduce(
          (sum, hash) => sum + (table[(hash >>> (32 - NET_BITS)) * NET_WIDTH + d] as number),
          0,
        ),
      )
      expect([...sums]).toEqual(expected)
    }),
    { numRuns: 300 },
  )
})
