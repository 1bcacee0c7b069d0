import { expect, test } from 'vitest'
import { benchBacktest } from './backtest.ts'

test('applied to history a published draft raises what its backtest predicted, message for message, while others arrive', async () => {
  const told: string[] = []
  const result = (await benchBacktest({ n: 20_000, say: line => told.push(line) })) as {
    equal: boolean
    predicted: number
    raised: number
    arrived: number
    messages: number
  }
  expect(result.equal, told.join('\n')).toBe(true)
  expect(result.messages).toBeGreaterThanOrEqual(20_000)
  expect(result.arrived).toBeGreaterThan(0)
  expect(result.raised).toBeGreaterThan(20)
  expect(result.predicted).toBeGreaterThanOrEqual(result.raised)
}, 900_000)
