import type { Services } from '../../src/app/index.ts'
import { type Actor, sql } from '../../src/base/index.ts'
import { type DirectorySource, syncDirectory } from '../../src/people/index.ts'
import { archiveAll, textMessage } from './messages.ts'
import { type TestPremises, testPremises, testServices } from './premises.ts'

const CUSTOMERS = [
  'wmErxtDgAA9AW32YyyuYRimKr7D1KWlw',
  'wmErxtDgAAkk5Jw1xjxhNwBB0y4MTPzA',
  'wmErxtDgAAqZ0nsnd0pZpBqKbmGUoIZw',
]
const ROOM = 'wrErxtDgAA0jgXE5VLOF4TKzyNNkmYbA'
const STAFF = [
  { userid: 'linyue', department: 2 },
  { userid: 'gaoming', department: 3 },
  { userid: 'shenyinuo', department: 3 },
  { userid: 'chenliqun', department: 4 },
]

const directory: DirectorySource = {
  async *departments() {
    for (const [id, name] of [
      [2, '财富管理部'],
      [3, '南山支行'],
      [4, '私人银行部'],
    ] as const)
      yield { id, parentId: 1, name, position: id, leaders: [] }
  },
  async *members() {
    for (const { userid, department } of STAFF)
      yield { userid, name: userid, title: '', departments: [department], leads: [], status: 1 }
  },
}

export type SampleHouse = { premises: TestPremises; services: Services }
const DAY = 86_400_000
const FIRST_DAY = Date.UTC(2026, 10, 2)

/** An institution of four in three departments, with three days of talk, some of it alarming, all of it judged. */
export async function openSampleHouse(): Promise<SampleHouse> {
  const premises = await testPremises()
  const services = await testServices(premises)
  await syncDirectory(premises.db, premises.house, directory)
  await archiveAll(premises, services, talk())
  await judged(premises, services)
  return { premises, services }
}

function talk(): object[] {
  const messages: object[] = []
  for (let day = 0; day < 3; day += 1)
    for (const [s, { userid }] of STAFF.entries())
      for (const [c, customer] of CUSTOMERS.entries()) {
        const msgtime = FIRST_DAY + day * DAY + (2 + s) * 3_600_000 + c * 60_000
        const at = { from: userid, tolist: [customer] }
        messages.push(textMessage('您好，今天网点九点开门', { ...at, msgtime }))
        messages.push(textMessage('材料已经寄出', { ...at, msgtime: msgtime + 5000 }))
        messages.push(textMessage('谢谢', { from: customer, tolist: [userid], msgtime: msgtime + 9000 }))
      }
  messages.push(
    textMessage('这款保本保息，亏了算我的', { msgtime: FIRST_DAY + 7 * 3_600_000 }),
    textMessage('群里各位早上好', {
      from: 'gaoming',
      tolist: CUSTOMERS,
      roomid: ROOM,
      msgtime: FIRST_DAY + 8 * 3_600_000,
    }),
  )
  return messages
}

async function judged(premises: TestPremises, services: Services): Promise<void> {
  for (;;) {
    const counts = await services.jobs.counts()
    if (counts.every(count => count.waiting + count.active === 0)) break
    await new Promise(done => setTimeout(done, 30))
  }
  await sql`SELECT 1`.execute(premises.db)
}

export function person({ premises }: SampleHouse, role: string, more: Partial<Actor> = {}): Actor {
  return {
    ...{ house: premises.house, kind: 'person', name: role, role },
    ...{ accountId: null, userid: null, departments: [] },
    ...more,
  }
}

/** Wait until a registered plan is drawn, as the job does. */
export async function drawn({ premises }: SampleHouse, plan: string): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    const { rows } = await sql`SELECT 1 FROM sample_draw WHERE plan_id::text = ${plan}`.execute(premises.db)
    if (rows.length > 0) {
      await new Promise(done => setTimeout(done, 0))
      return
    }
    await new Promise(done => setTimeout(done, 50))
  }
  throw new Error('the plan was not drawn')
}
