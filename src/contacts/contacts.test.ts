import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sim, startSim } from '../../sim/index.ts'
import { sharedDatabase } from '../../test/support/database.ts'
import { withClock } from '../base/clock.ts'
import { type Actor, type Db, type House, inTransaction, shellActor, sql } from '../base/index.ts'
import { syncDirectory } from '../people/index.ts'
import { list } from '../trail/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import { createWecomClient } from '../wecom/client.ts'
import { type WecomDirectory, wecomDirectory } from '../wecom/directory.ts'
import {
  type ConsentEvent,
  consentOf,
  findContacts,
  maskName,
  partiesOf,
  recordConsent,
  reveal,
  syncContacts,
} from './index.ts'

const database = sharedDatabase()
let db: Db
let house: House
let close: () => Promise<void>
let sim: Sim
let directory: WecomDirectory
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
  sim = await startSim({ seed: 'contacts', publicKeys: [] })
  const { corpid, secrets } = sim.world
  const client = createWecomClient({ apiBase: sim.url, corpid, wait: async () => {} })
  directory = wecomDirectory(client, { archive: secrets.archive, contact: secrets.app })
})
afterAll(async () => {
  await sim.close()
  await close()
})

const officer = (): Actor => ({ ...shellActor(house, 'lin'), kind: 'person', name: 'lin', role: 'officer' })

test('the whole simulated institution is taken over, and a second time nothing differs', async () => {
  const { people } = sim.world
  const staff = await syncDirectory(db, house, directory)
  expect(staff).toMatchObject({ members: people.employees.length, departments: people.departments.length })
  const first = await syncContacts(db, house, directory)
  const follows = people.contacts.flatMap(one => one.follows)
  const followed = people.contacts.filter(one => one.follows.length > 0)
  expect(first).toMatchObject({
    contacts: followed.length,
    changed: followed.length + follows.length,
    ended: 0,
  })
  expect(first.consents).toBeGreaterThan(0)
  expect(await syncContacts(db, house, directory)).toEqual({ ...first, changed: 0, ended: 0, consents: 0 })
})

test('no name and no remark stands readable in the tables', async () => {
  const { rows } = await sql<{ all: string }>`SELECT concat(
    (SELECT string_agg(c::text, '') FROM external_contact c), (SELECT string_agg(f::text, '') FROM contact_follow f),
    (SELECT string_agg(g::text, '') FROM customer_group g), (SELECT string_agg(m::text, '') FROM customer_group_member m)
  ) AS all`.execute(db)
  const dump = rows[0]?.all ?? ''
  expect(dump.length).toBeGreaterThan(1000)
  for (const { name } of sim.world.people.contacts) {
    expect(dump.includes(name) || dump.includes(Buffer.from(name).toString('hex'))).toBe(false)
  }
})

test('parties are named: staff in full, customers masked, groups by title, strangers by the end of their id', async () => {
  const { people } = sim.world
  const [employee, customer] = [people.employees[0]!, people.contacts.find(one => one.follows.length > 0)!]
  const [group] = await Array.fromAsync(directory.customerGroups())
  const strangers = [
    'wmStrangerStrangerStrangerStranX1Y',
    'wrUnknownRoomUnknown',
    'wbRobotRobotRobot',
    'who.is.this',
  ]
  const parties = await partiesOf(db, house, [
    employee.userid,
    customer.id,
    group!.chatId,
    ...strangers,
    customer.id,
  ])
  expect(parties.size).toBe(7)
  expect(parties.get(employee.userid)).toMatchObject({ kind: 'staff', name: employee.name })
  expect(parties.get(customer.id)).toMatchObject({ kind: 'customer', name: maskName(customer.name) })
  expect(parties.get(group!.chatId)).toMatchObject({ kind: 'group', name: group!.name })
  expect(strangers.map(id => parties.get(id)?.name)).toEqual([
    '客户·nX1Y',
    '群聊·nown',
    '机器人·obot',
    'who.is.this',
  ])
})

test('customers are found by name, shown masked, and only by those who may search', async () => {
  const customer = sim.world.people.contacts.find(one => one.follows.length > 0)!
  const found = await findContacts(db, officer(), customer.name)
  expect(found).toContainEqual({
    id: customer.id,
    kind: 'customer',
    name: maskName(customer.name),
    department: null,
  })
  expect((await findContacts(db, officer(), customer.id)).map(party => party.id)).toEqual([customer.id])
  expect(await findContacts(db, officer(), "%' OR 1=1")).toEqual([])
  await expect(findContacts(db, { ...officer(), role: 'admin' }, customer.name)).rejects.toMatchObject({
    code: 'auth.denied',
  })
})

test('a name is revealed for a reason that stands in the trail, or not at all', async () => {
  const customer = sim.world.people.contacts.find(one => one.follows.length > 0)!
  const ask = (actor: Actor, id = customer.id) =>
    inTransaction(db, tx => reveal(tx, actor, { id, reason: '客户投诉 T-104 核实身份' }))
  expect(await ask(officer())).toEqual({ id: customer.id, name: customer.name })
  const [entry] = (await list(db, officer(), { verb: 'contact.revealed', limit: 10 })).items
  expect(entry).toMatchObject({
    actor: 'lin',
    thingId: customer.id,
    detail: { reason: '客户投诉 T-104 核实身份' },
  })
  await expect(ask(officer(), 'wmNobody')).rejects.toMatchObject({ code: 'thing.missing' })
  await expect(ask({ ...officer(), role: 'auditor' })).rejects.toMatchObject({ code: 'auth.denied' })
  expect((await list(db, officer(), { verb: 'contact.revealed', limit: 10 })).items).toHaveLength(1)
})

test('a friendship that ended is gone, a member who left and came back has two stays', async () => {
  const none = { permitUsers: async () => [], async *singleConsent() {}, roomConsent: async () => [] }
  const follow = { userid: 'zhang', remark: '王总', addWay: 1, addedAt: 1_700_000_000_000, state: '' }
  const contact = { externalUserid: 'wmWang', name: '王语嫣', type: 1, corpName: '', follow }
  const sync = (contacts: (typeof contact)[], members: { id: string; kind: number; joinedAt: number }[]) =>
    syncContacts(db, house, {
      ...none,
      followUsers: async () => ['zhang'],
      async *contactsOf() {
        yield* contacts
      },
      async *customerGroups() {
        yield {
          chatId: 'wrGroupGroupGroup',
          name: '理财沙龙',
          owner: 'zhang',
          createdAt: 1_700_000_000_000,
          members,
        }
      },
    })
  const other = { ...contact, externalUserid: 'wmLi', name: '李清露' }
  await sync([contact, other], [{ id: 'wmWang', kind: 2, joinedAt: 1_700_000_000_000 }])
  expect(await sync([other], [])).toMatchObject({ changed: 0, ended: 1 })
  expect(await sync([], [{ id: 'wmWang', kind: 2, joinedAt: 1_700_000_900_000 }])).toMatchObject({ ended: 0 })
  const { rows } = await sql<{ open: boolean }>`
    SELECT left_at IS NULL AS open FROM customer_group_member WHERE chat_id = 'wrGroupGroupGroup' ORDER BY joined_at`.execute(
    db,
  )
  expect(rows.map(row => row.open)).toEqual([false, true])
})

const choice = (change: Partial<ConsentEvent>): ConsentEvent => ({
  externalUserid: 'wmConsent',
  userid: 'zhang',
  chatId: null,
  state: 'agree',
  source: 'message',
  sourceRef: 'm1',
  effectiveAt: 1000,
  ...change,
})
const tell = (change: Partial<ConsentEvent>) =>
  inTransaction(db, tx => recordConsent(tx, house, choice(change)))
const stateAt = async (at: number | null, more: object = {}) =>
  (await consentOf(db, house, { externalUserid: 'wmConsent', userid: 'zhang', at, ...more })).state

test('consent is what the customer had chosen at the time, however late and often we were told', async () => {
  expect(await stateAt(null)).toBe('unknown')
  expect(await tell({})).toBe(true)
  expect(await tell({})).toBe(false)
  await tell({ sourceRef: 'm3', state: 'disagree', effectiveAt: 3000 })
  expect(await stateAt(null)).toBe('disagree')
  const knownAt = Date.now()
  await withClock(knownAt + 1, () => tell({ sourceRef: 'm2', state: 'withdrawn', effectiveAt: 2000 }))
  expect([await stateAt(500), await stateAt(1000), await stateAt(2500), await stateAt(3000)]).toEqual([
    'unknown',
    'agree',
    'withdrawn',
    'disagree',
  ])
  expect(await stateAt(2500, { knownAt })).toBe('agree')
})

test('consent given to one employee or in one room says nothing about another', async () => {
  expect(await stateAt(null, { userid: 'li' })).toBe('unknown')
  await tell({ sourceRef: 'r1', chatId: 'wrRoom', userid: null, state: 'agree', effectiveAt: 9000 })
  expect(await stateAt(null)).toBe('disagree')
  expect(await stateAt(null, { userid: null, chatId: 'wrRoom' })).toBe('agree')
  await tell({ sourceRef: 'all', userid: null, state: 'agree', effectiveAt: 5000 })
  expect([await stateAt(null), await stateAt(null, { userid: 'li' })]).toEqual(['agree', 'agree'])
})

test('a choice by a word we do not know is refused by the table', async () => {
  await expect(tell({ sourceRef: 'x', state: 'maybe' as 'agree' })).rejects.toThrow('check constraint')
})

test('names are masked to the surname, whatever stands there', () => {
  const names = [
    '王语嫣',
    '李',
    '欧阳锋',
    '欧阳',
    'Peter',
    '👨‍👩‍👧 一家',
    '',
    '  张三 ',
    '招商-王经理13800000000',
  ]
  expect(names.map(maskName)).toEqual([
    '王**',
    '李**',
    '欧阳**',
    '欧**',
    'P**',
    '👨‍👩‍👧**',
    '**',
    '张**',
    '招**',
  ])
})
