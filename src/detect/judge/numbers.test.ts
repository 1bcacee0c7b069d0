import fc from 'fast-check'
import { expect, test } from 'vitest'
import { justUnder, readNumber, readNumbers } from './numbers.ts'

test.each([
  ['十五', 15],
  ['二十', 20],
  ['一百零五', 105],
  ['三百五', 350],
  ['两千', 2000],
  ['三点五', 3.5],
  ['五点半', 5.5],
  ['半', 0.5],
  ['12,000', 12000],
  ['点', undefined],
])('%s is %s', (text, value) => expect(readNumber(text)).toBe(value))

test.each([
  ['年化收益6.8%', 6.8, 6.8],
  ['年化百分之六', 6, 6],
  ['一年八个点', 8, 8],
  ['月息1.5%', 1.5, 18],
  ['月息八厘', 0.8, 9.6],
  ['月息两分', 2, 24],
  ['借钱两分利', 2, 24],
  ['日息0.05%', 0.05, 18.25],
  ['年息一分', 10, 10],
  ['给我三成', 30, 30],
])('%s: %d per cent, %d a year', (text, percent, yearly) => {
  const [rate] = readNumbers(text).rates
  expect(rate?.percent).toBeCloseTo(percent, 6)
  expect(rate?.yearly).toBeCloseTo(yearly, 6)
})

test.each([
  ['投20万', [200_000]],
  ['转4.9w过去', [49_000]],
  ['给您五百块', [500]],
  ['存一百二十万', [1_200_000]],
  ['买3万5', [35_000]],
  ['10:30在3楼见, 五分钟后', []],
  ['2026年3月5日', []],
])('%s holds %j yuan', (text, amounts) => expect(readNumbers(text).amounts).toEqual(amounts))

test('amounts just under a line are counted', () => {
  expect(justUnder([49_000, 49_999, 50_000, 44_000], 50_000)).toBe(2)
})

test('nothing throws, and no more than sixteen of each come back', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9.,%万亿千百十一二点半厘分成元块年月日息 ]{0,80}$/), text => {
      const { amounts, rates } = readNumbers(text)
      expect(amounts.length).toBeLessThanOrEqual(16)
      expect(rates.length).toBeLessThanOrEqual(16)
      for (const value of amounts) expect(Number.isFinite(value)).toBe(true)
    }),
  )
})
