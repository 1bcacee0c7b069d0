import fc from 'fast-check'
import { expect, test } from 'vitest'
import { only, rangeOf } from './byte-range.ts'

test('ranges as RFC 9110 writes them', () => {
  expect(rangeOf('bytes=0-99', 1000)).toEqual({ from: 0, to: 99 })
  expect(rangeOf('bytes=990-', 1000)).toEqual({ from: 990, to: 999 })
  expect(rangeOf('bytes=-10', 1000)).toEqual({ from: 990, to: 999 })
  expect(rangeOf('bytes=-5000', 1000)).toEqual({ from: 0, to: 999 })
  expect(rangeOf('bytes=10-5000', 1000)).toEqual({ from: 10, to: 999 })
  expect(rangeOf('bytes=1000-', 1000)).toBe('outside')
  expect(rangeOf('bytes=-0', 1000)).toBe('outside')
  for (const whole of [undefined, '', 'bytes=-', 'bytes=9-3', 'bytes=0-1,5-6', 'pages=1-2', 'bytes=a-b'])
    expect(rangeOf(whole, 1000)).toBeNull()
})

test('of pieces of any size exactly the bytes asked for come out', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.nat(),
      async (pieces, a, b) => {
        const whole = Buffer.concat(pieces)
        const [from, to] = [a % whole.length, b % whole.length].sort((x, y) => x - y) as [number, number]
        async function* flow() {
          for (const piece of pieces) yield Buffer.from(piece)
        }
        const cut = Buffer.concat(await Array.fromAsync(only(flow(), { from, to })))
        expect(cut.equals(whole.subarray(from, to + 1))).toBe(true)
      },
    ),
  )
})
