import { expect, onTestFinished, test } from 'vitest'
import type { World } from '../sim/index.ts'
import { startServer } from '../src/app/index.ts'
import { after, monotonic } from '../src/base/clock.ts'
import { sql } from '../src/base/index.ts'
import { DEFAULT_NOTICE } from '../src/contacts/index.ts'
import { type TestPremises, testServices } from './support/premises.ts'
import { simulated } from './support/simulated.ts'

const TOKEN = 'QDG6eK'
const AES_KEY = 'jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C'
/** A welcome code lives 20 s; the notice is to be out well before (§2.3 of the reference; our own line). */
const WELCOME_MS = 5000
/** In a burst nobody's code may run out. */
const CODE_LIFE_MS = 20_000

/** A server at work, with a WeCom that calls it back. */
async function office() {
  const env = { WECOM_CALLBACK_TOKEN: TOKEN, WECOM_CALLBACK_AES_KEY: AES_KEY }
  const { sim, premises } = await simulated({ seed: 'notice', env })
  const services = await testServices(premises, { capture: true })
  const server = await startServer(premises, services)
  onTestFinished(() => server.close())
  const { world } = sim
  const target = { url: `${server.url}/wecom/callback`, token: TOKEN, aesKey: AES_KEY }
  world.callbacks.configure(target)
  expect(await world.callbacks.verify()).toEqual({ ok: true, why: '' })
  await until('the seats and groups are known', async () => {
    const { rows } = await sql<{ ready: boolean }>`
      SELECT EXISTS (SELECT FROM archive_seat) AND EXISTS (SELECT FROM customer_group_member) AS ready`.execute(
      premises.db,
    )
    return rows[0]?.ready === true
  })
  return { world, premises }
}

async function until(what: string, holds: () => Promise<boolean> | boolean): Promise<number> {
  const from = monotonic()
  while (!(await holds())) {
    if (monotonic() - from > 30_000) throw new Error(`it did not come to pass: ${what}`)
    await after(10)
  }
  return monotonic() - from
}

type Notice = { state: string; staff: string; task: string | null; msgid: string | null }
async function noticesOf(premises: TestPremises, party: string): Promise<Notice[]> {
  const { rows } = await sql<Notice>`
    SELECT state, staff, task_id AS task, proved_msgid AS msgid FROM notice WHERE party = ${party}
    ORDER BY due_at`.execute(premises.db)
  return rows
}
const becomes = (premises: TestPremises, party: string, state: string) =>
  until(`the notice to ${party} is ${state}`, async () =>
    (await noticesOf(premises, party)).every(notice => notice.state === state),
  )

function adviser(world: World): string {
  const found = world.people.employees.find(one => one.adviser)
  if (!found) throw new Error('nobody may have customers')
  return found.userid
}

/** The messages of the archive that carry the notice to this customer or group. */
function told(world: World, to: { id?: string; room?: string }) {
  return world.archive.all().filter(({ message }) => {
    const here = to.room ? message.roomid === to.room : message.tolist?.[0] === to.id
    return here && (message.text as { content?: string } | undefined)?.content === DEFAULT_NOTICE
  })
}

test('a new customer is told within five seconds, once, and the archive proves it', async () => {
  const { world, premises } = await office()
  const staff = adviser(world)
  const id = world.newContact('王语嫣')
  world.addContact(staff, id)
  const said = await until('the welcome message is sent', () => told(world, { id }).length > 0)
  expect(said).toBeLessThan(WELCOME_MS)
  await until('it is on record', async () => (await noticesOf(premises, id)).length === 1)
  await becomes(premises, id, 'proved')
  const msgid = told(world, { id }).map(one => one.msgid)
  expect(msgid).toHaveLength(1)
  expect(await noticesOf(premises, id)).toEqual([{ state: 'proved', staff, task: null, msgid: msgid[0] }])
})

test('sixty customers at once, events repeated and out of order, are all told while their codes live, and once', async () => {
  const { world, premises } = await office()
  const staff = adviser(world)
  for (const kind of ['callback_duplicate', 'callback_out_of_order', 'callback_truncated'] as const)
    world.faults.add({ kind })
  const ids = Array.from({ length: 60 }, () => world.newContact())
  for (const id of ids) world.addContact(staff, id)
  const said = await until('all are told', () => ids.every(id => told(world, { id }).length > 0))
  expect(said).toBeLessThan(CODE_LIFE_MS)
  await until('all are proved', async () => {
    const all = await Promise.all(ids.map(id => noticesOf(premises, id)))
    return all.every(some => some.length === 1 && some[0]?.state === 'proved')
  })
  expect(ids.map(id => told(world, { id }).length)).toEqual(ids.map(() => 1))
})

test('who joins a group is told when its owner confirms the task, and the archive proves it', async () => {
  const { world, premises } = await office()
  const room = world.people.rooms.find(one => one.external)
  if (!room) throw new Error('no customer group')
  const newcomer = world.newContact('段誉')
  expect(world.joinGroup(room.id, [newcomer])).toBe(1)
  await until('the owner has a task', async () => {
    const [notice] = await noticesOf(premises, room.id)
    return notice?.state === 'pending_owner' && notice.task !== null
  })
  expect(told(world, { room: room.id })).toEqual([])
  const [notice] = await noticesOf(premises, room.id)
  expect(world.confirmSend(notice?.task ?? '', room.owner)).toBe(1)
  await becomes(premises, room.id, 'proved')
  const [sent, ...more] = told(world, { room: room.id })
  expect(more).toEqual([])
  expect((await noticesOf(premises, room.id)).map(one => one.msgid)).toEqual([sent?.msgid])
  expect(sent?.message.tolist).toContain(newcomer)
})
