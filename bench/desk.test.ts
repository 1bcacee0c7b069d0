import { expect, test } from 'vitest'
import { benchDesk } from './desk.ts'

/** 60 here, 500 by `npm run -s bench -- desk`: the same code. */
test('decisions by keyboard alone fall on the alert that was shown and chosen, while others arrive', async () => {
  const result = await benchDesk({ n: 60, say: () => undefined })
  expect(result).toMatchObject({ n: 60, wrong: 0, pointer: 0 })
  expect(result.arrived).toBeGreaterThan(5)
}, 180_000)
