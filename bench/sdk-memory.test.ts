import { expect, test } from 'vitest'
import { benchSdkMemory } from './sdk-memory.ts'

test('the process with the Finance SDK holds after 50,000 messages at most a tenth more than after 10,000', {
  timeout: 180_000,
}, async () => {
  const result = await benchSdkMemory({ n: 50_000, say: () => undefined })
  // One process all the way: replacing it would hide a leak.
  expect(result.starts).toBe(1)
  expect(result.points[0]?.messages).toBe(10_000)
  expect(result.points.at(-1)?.messages).toBe(50_000)
  expect(result.growth).toBeLessThanOrEqual(1.1)
})
