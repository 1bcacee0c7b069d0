import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { withClock } from '../base/clock.ts'
import { type Db, type House, inTransaction } from '../base/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { type ConsentEvent, consentOf, recordConsent } from './index.ts'

const database = sharedDatabase()
let db: Db
let house: House
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
})
afterAll(() => close())

let made = 0
const observation = fc.record({
  state: fc.constantFrom('agree', 'disagree', 'default_agree', 'withdrawn'),
  source: fc.constantFrom('message', 'callback', 'check_single_agree'),
  // Few instants: two sources tell of the same second.
  effectiveAt: fc.integer({ min: 1, max: 4 }).map(second => second * 1000),
  userid: fc.constantFrom('zhang', null),
  /** Which day we learnt it: all of one day before any of the next. */
  day: fc.integer({ min: 1, max: 2 }),
})
type Observation = typeof observation extends fc.Arbitrary<infer T> ? T : never

async function learn(observations: Observation[]): Promise<string> {
  made += 1
  const externalUserid = `wmOrder${made}`
  for (const { day, state, source, effectiveAt, userid } of observations.toSorted((a, b) => a.day - b.day)) {
    const sourceRef = `${userid}|${effectiveAt}|${state}`
    const event = {
      externalUserid,
      userid,
      chatId: null,
      state,
      source,
      sourceRef,
      effectiveAt,
    } as ConsentEvent
    await withClock(day * 1_000_000, () => inTransaction(db, tx => recordConsent(tx, house, event)))
  }
  const answers: string[] = []
  for (const knownAt of [1_500_000, 2_500_000])
    for (const at of [500, 1000, 2500, 4000])
      answers.push((await consentOf(db, house, { externalUserid, userid: 'zhang', at, knownAt })).state)
  return answers.join(' ')
}

test('the same observations in any order give the same consent at any time, as known at any time', async () => {
  const orders = fc
    .array(observation, { minLength: 2, maxLength: 6 })
    .chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })))
  await fc.assert(
    fc.asyncProperty(orders, async ([one, other]) => {
      expect(await learn(other)).toBe(await learn(one))
    }),
    { numRuns: 20 },
  )
})

test('of two choices in the same instant the one that allows less holds', async () => {
  const both = [
    { state: 'disagree', source: 'message', effectiveAt: 1000, userid: 'zhang', day: 1 },
    { state: 'agree', source: 'check_single_agree', effectiveAt: 1000, userid: 'zhang', day: 1 },
  ] as const
  expect(await learn([...both])).toContain('disagree disagree disagree')
})
