import { expect, test } from 'vitest'
import { captureAll, simulated } from '../../test/support/simulated.ts'
import { withClock } from '../base/clock.ts'
import { shellActor, sql } from '../base/index.ts'
import { list } from '../trail/index.ts'
import { markCursor } from './care-store.ts'
import { lagOf, lookAtLag } from './lag.ts'
import { type CursorState, selectCursor } from './store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const AT = Date.UTC(2026, 10, 24, 4)

function state(changes: Partial<CursorState>): CursorState {
  return {
    seq: 9,
    pulledAt: AT,
    newestSentAt: AT - 1000,
    newestCapturedAt: AT,
    trouble: null,
    troubleSince: null,
    held: true,
    ...changes,
  }
}

test.each([
  ['the source answers and nothing is late', {}, 'none', 4.9],
  ['silent for 15 minutes is still within the line', { pulledAt: AT - 15 * MINUTE }, 'none', 4.9],
  ['silent for 16 minutes', { pulledAt: AT - 16 * MINUTE }, 'm15', 4.9],
  ['silent for 7 hours', { pulledAt: AT - 7 * HOUR }, 'h6', 4.7],
  ['silent for 73 hours', { pulledAt: AT - 73 * HOUR }, 'h72', 1.9],
  ['silent for six days: some may be gone', { pulledAt: AT - 144 * HOUR }, 'h72', 0],
  ['it answers, with messages of seven hours ago', { newestSentAt: AT - 7 * HOUR }, 'h6', 4.7],
  [
    'what came late an hour ago is caught up since',
    { newestSentAt: AT - 9 * HOUR, newestCapturedAt: AT - HOUR },
    'none',
    5,
  ],
] as const)('%s', (_, changes, level, daysLeft) => {
  expect(lagOf(state(changes), AT)).toMatchObject({ level, daysLeft })
})

test('before the first pull there is no lag to speak of', () => {
  expect(lagOf(null, AT)).toBeNull()
  expect(lagOf(state({ pulledAt: null }), AT)).toBeNull()
})

test('an outage is opened, raised and closed as time goes by, and each line that is crossed stands in the trail', async () => {
  const { sim, premises, source } = await simulated()
  await captureAll(sim, premises, source)
  const { db, house } = premises
  const pulled = (await selectCursor(db, 1, source.name))?.pulledAt ?? 0
  const look = (ms: number) => withClock(pulled + ms, () => lookAtLag(db, house, source.name))
  const outages = async () =>
    (
      await sql<{
        level: string
        open: boolean
      }>`SELECT level, ended_at IS NULL AS open FROM capture_outage`.execute(db)
    ).rows
  await look(MINUTE)
  expect(await outages()).toEqual([])
  await look(20 * MINUTE)
  await look(21 * MINUTE)
  expect(await outages()).toEqual([{ level: 'm15', open: true }])
  await look(7 * HOUR)
  expect(await outages()).toEqual([{ level: 'h6', open: true }])
  await look(80 * HOUR)
  expect(await outages()).toEqual([{ level: 'h72', open: true }])
  await sql`UPDATE capture_cursor SET pulled_at = pulled_at + interval '80 hours'`.execute(premises.owner)
  await look(80 * HOUR + MINUTE)
  expect(await outages()).toEqual([{ level: 'h72', open: false }])
  const { items } = await list(db, shellActor(house, 'test'), { verb: 'capture.lagged', limit: 10 })
  expect(items.map(item => item.detail.level)).toEqual(['none', 'h72', 'h6', 'm15'])
})

test('what WeCom kept from before the first start is no outage, what comes that late afterwards is', async () => {
  const { sim, premises, source } = await simulated()
  await captureAll(sim, premises, source)
  const { db, house, owner } = premises
  await sql`UPDATE capture_cursor SET newest_captured_at = pulled_at, newest_sent_at = pulled_at - interval '7 hours', seq = 9`.execute(
    owner,
  )
  const at = (await selectCursor(db, 1, source.name))?.pulledAt ?? 0
  const look = () => withClock(at, () => lookAtLag(db, house, source.name))
  const outages = async () => (await sql`SELECT 1 FROM capture_outage`.execute(db)).rows.length
  expect(await look()).toMatchObject({ level: 'h6', cause: 'backlog' })
  expect(await outages()).toBe(0)
  await markCursor(db, house.corp, source.name, at - MINUTE)
  await look()
  expect(await outages()).toBe(1)
})

test('nobody watched: a silence that ended with the first pull of a new process is on record', async () => {
  const { sim, premises, source } = await simulated()
  await captureAll(sim, premises, source)
  await sql`UPDATE capture_cursor SET pulled_at = clock_timestamp() - interval '7 hours'`.execute(
    premises.owner,
  )
  sim.world.emit({ from: 'linyue', tolist: ['zhao'], msgtype: 'text', text: { content: '恢复之后' } })
  await captureAll(sim, premises, source)
  const { rows } = await sql<{ level: string; hours: number }>`
    SELECT level, round(extract(epoch FROM ended_at - began_at) / 3600)::int AS hours FROM capture_outage`.execute(
    premises.db,
  )
  expect(rows).toEqual([{ level: 'h6', hours: 7 }])
})
