import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sampleSize, stratified, violationRate, wilson } from './statistics.ts'

test('intervals are those of Newcombe 1998, table I, method 3 (Wilson without continuity correction)', () => {
  const published: [hits: number, base: number, low: number, high: number][] = [
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ]
  for (const [hits, base, low, high] of published) {
    const found = wilson(hits, base)
    expect(found.low).toBeCloseTo(low, 4)
    expect(found.high).toBeCloseTo(high, 4)
  }
})

test('sample sizes for ± 5 % at 95 % are those of the tables: 385 without limit, 278 of 1,000, 370 of 10,000', () => {
  expect(sampleSize(1e9, 0.05)).toBe(385)
  expect(sampleSize(1000, 0.05)).toBe(278)
  expect(sampleSize(10_000, 0.05)).toBe(370)
  expect(sampleSize(10, 0.05)).toBe(10)
  expect(sampleSize(0, 0.05)).toBe(0)
})

test('strata weigh by their size: a small one reviewed whole does not pull the rate', () => {
  const found = stratified([
    { population: 900, base: 90, hits: 0 },
    { population: 100, base: 100, hits: 50 },
  ])
  expect(found.share).toBeCloseTo(0.05, 10)
  expect(found).toMatchObject({ hits: 50, base: 190 })
  expect(stratified([{ population: 1000, base: 100, hits: 10 }]).share).toBeCloseTo(0.1, 10)
  expect(stratified([])).toMatchObject({ base: 0, low: 0, high: 1 })
})

test('an interval holds its share and stays within 0 and 1', () => {
  const stratum = fc
    .tuple(
      fc.integer({ min: 1, max: 500 }),
      fc.integer({ min: 0, max: 500 }),
      fc.integer({ min: 0, max: 500 }),
    )
    .map(([population, base, hits]) => {
      const b = Math.min(base, population)
      return { population, base: b, hits: Math.min(hits, b) }
    })
  fc.assert(
    fc.property(fc.array(stratum, { minLength: 1, maxLength: 6 }), strata => {
      const { share, low, high } = stratified(strata)
      expect(low).toBeGreaterThanOrEqual(0)
      expect(high).toBeLessThanOrEqual(1)
      expect(low).toBeLessThanOrEqual(share + 1e-9)
      expect(high).toBeGreaterThanOrEqual(share - 1e-9)
    }),
  )
})

test('95 % intervals hold the truth about 95 times in 100', () => {
  let state = 7
  const random = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  let held = 0
  const runs = 4000
  for (let run = 0; run < runs; run += 1) {
    let hits = 0
    for (let i = 0; i < 120; i += 1) if (random() < 0.08) hits += 1
    const { low, high } = wilson(hits, 120)
    if (low <= 0.08 && 0.08 <= high) held += 1
  }
  expect(held / runs).toBeGreaterThan(0.93)
  expect(held / runs).toBeLessThan(0.98)
})

test('only the main draw stands for the whole, and a draw by risk for nothing but itself', () => {
  const unit = (state: string, rules: string[], staff = 'a') => ({ state, rules, staff, department: 1 })
  const units = [
    unit('clean', ['person']),
    unit('finding', ['severity']),
    unit('waiting', ['person']),
    unit('finding', ['person', 'severity'], 'b'),
  ]
  const strata = [
    { rule: 'person', key: 'a', population: 90, quota: 2 },
    { rule: 'person', key: 'b', population: 10, quota: 1 },
    { rule: 'severity', key: 'P0', population: 2, quota: 2 },
  ]
  expect(violationRate(units, strata)).toMatchObject({ hits: 1, base: 2, share: 0.1, weighted: false })
  const risky = [{ rule: 'risk', key: '', population: 90, quota: 2 }]
  expect(violationRate([unit('finding', ['risk'])], risky)).toMatchObject({ weighted: true, share: 1 })
  expect(violationRate([unit('waiting', ['person'])], strata)).toBeNull()
})
