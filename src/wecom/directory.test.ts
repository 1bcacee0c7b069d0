import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Sim, startSim } from '../../sim/index.ts'
import { createWecomClient, type WecomClient, type WecomRequest } from './client.ts'
import { type WecomDirectory, wecomDirectory } from './directory.ts'

let sim: Sim
let directory: WecomDirectory
beforeAll(async () => {
  sim = await startSim({ seed: 'directory', publicKeys: [] })
  const { corpid, secrets } = sim.world
  const client = createWecomClient({ apiBase: sim.url, corpid, wait: async () => {} })
  directory = wecomDirectory(client, { archive: secrets.archive, contact: secrets.app })
})
afterAll(() => sim.close())

test('departments and members come whole, each once, leaders marked', async () => {
  const { people } = sim.world
  const departments = await Array.fromAsync(directory.departments())
  expect(departments.map(({ id, name, parentId }) => ({ id, name, parent: parentId }))).toEqual(
    people.departments.map(({ id, name, parent }) => ({ id, name, parent })),
  )
  const members = await Array.fromAsync(directory.members())
  expect(members.map(member => member.userid).sort()).toEqual(people.employees.map(one => one.userid).sort())
  const leader = people.employees.find(one => one.leader)!
  expect(members.find(member => member.userid === leader.userid)?.leads).toEqual([leader.department])
})

test('every pair of member and customer is listed, and every customer group with its members', async () => {
  const { people } = sim.world
  const pairs = (await Array.fromAsync(directory.contactsOf(await directory.followUsers()))).map(
    contact => `${contact.follow.userid} ${contact.externalUserid} ${contact.name}`,
  )
  const expected = people.contacts.flatMap(one =>
    one.follows.map(follow => `${follow.userid} ${one.id} ${one.name}`),
  )
  expect(pairs.sort()).toEqual(expected.sort())
  const groups = await Array.fromAsync(directory.customerGroups())
  expect(groups.length).toBeGreaterThan(0)
  expect(groups.every(group => group.members.length > 0 && group.createdAt > 1e12)).toBe(true)
})

test('consent is asked for any number of pairs, and for a room', async () => {
  const contacts = await Array.fromAsync(directory.contactsOf(await directory.followUsers()))
  const pairs = contacts.map(({ externalUserid, follow }) => ({ userid: follow.userid, externalUserid }))
  const consents = await Array.fromAsync(directory.singleConsent(pairs))
  expect(consents.length).toBeGreaterThan(100)
  const known = ['agree', 'disagree', 'default_agree']
  expect(consents.every(consent => known.includes(consent.state))).toBe(true)
  const [group] = await Array.fromAsync(directory.customerGroups())
  const room = await directory.roomConsent(group!.chatId)
  expect(room.every(consent => consent.userid === null)).toBe(true)
  expect((await directory.permitUsers()).length).toBeGreaterThan(0)
})

/** A client that answers each path from a list. */
function answering(answers: object[]): { client: WecomClient; bodies: unknown[] } {
  const bodies: unknown[] = []
  return {
    bodies,
    client: {
      async call<T>(_secret: string, request: WecomRequest<T>): Promise<T> {
        bodies.push(request.body)
        return request.reply.parse(answers.shift())
      },
    },
  }
}

test('a cursor that stands still ends the pages instead of going round for ever', async () => {
  const { client, bodies } = answering([{ next_cursor: 'a' }, { next_cursor: 'b' }, { next_cursor: 'b' }])
  const pages = wecomDirectory(client, { archive: 'a', contact: 'c' })
  expect(await Array.fromAsync(pages.contactsOf(['zhang']))).toEqual([])
  expect(bodies).toEqual(['', 'a', 'b'].map(cursor => ({ userid_list: ['zhang'], limit: 100, cursor })))
})

test('more than a hundred members are asked in several calls', async () => {
  const { client, bodies } = answering([{}, {}, {}])
  const users = Array.from({ length: 250 }, (_, i) => `u${i}`)
  await Array.fromAsync(wecomDirectory(client, { archive: 'a', contact: 'c' }).contactsOf(users))
  expect(bodies.map(body => (body as { userid_list: string[] }).userid_list.length)).toEqual([100, 100, 50])
})
