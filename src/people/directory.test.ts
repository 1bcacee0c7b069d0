import { afterAll, beforeAll, expect, test } from 'vitest'
import { sharedDatabase } from '../../test/support/database.ts'
import { type Db, type House, sql } from '../base/index.ts'
import { openTestHouse } from '../trail/testing.ts'
import {
  type DirectorySource,
  departmentsOf,
  directoryOf,
  findStaff,
  leadersOf,
  type Person,
  partyOf,
  syncDirectory,
} from './index.ts'

const database = sharedDatabase()
let db: Db
let house: House
let close: () => Promise<void>
beforeAll(async () => {
  ;({ db, house, close } = await openTestHouse(database.appUrl))
})
afterAll(() => close())

const person = (userid: string, name: string, departments: number[], leads: number[] = []): Person => ({
  userid,
  name,
  title: '客户经理',
  departments,
  leads,
  status: 1,
})
const staff = [
  person('chen.liqun', '陈立群', [2], [2]),
  person('shen.yinuo', '沈一诺', [3]),
  person('gao.ming', '高鸣', [3, 4]),
]
function source(members: Person[]): DirectorySource {
  return {
    async *departments() {
      yield { id: 1, parentId: 0, name: '海棠银行', position: 1, leaders: [] }
      yield { id: 2, parentId: 1, name: '财富管理部', position: 2, leaders: [] }
      yield { id: 3, parentId: 2, name: '南山支行', position: 3, leaders: [] }
      yield { id: 4, parentId: 1, name: '运营部', position: 4, leaders: ['gao.ming'] }
    },
    async *members() {
      yield* members
    },
  }
}

test('a sync writes what differs, once, sealed', async () => {
  expect(await syncDirectory(db, house, source(staff))).toEqual({
    departments: 4,
    members: 3,
    changed: 7,
    left: 0,
  })
  expect(await syncDirectory(db, house, source(staff))).toMatchObject({ changed: 0, left: 0 })
  const { rows } = await sql<{ row: string }>`SELECT e::text AS row FROM employee e`.execute(db)
  expect(rows.map(row => row.row).join()).not.toContain(Buffer.from('沈一诺').toString('hex'))
})

test('names, departments and leaders are read from one opened directory', async () => {
  const directory = await directoryOf(db, house)
  expect(await directoryOf(db, house)).toBe(directory)
  expect(partyOf(directory, 'shen.yinuo')).toEqual({
    id: 'shen.yinuo',
    kind: 'staff',
    name: '沈一诺',
    department: '南山支行',
  })
  expect(partyOf(directory, 'nobody')).toBeNull()
  expect(await departmentsOf(db, house, ['gao.ming', 'chen.liqun', 'wmOutside', 'nobody'])).toEqual([2, 3, 4])
  expect(leadersOf(directory, 'shen.yinuo')).toEqual(['chen.liqun'])
  expect(leadersOf(directory, 'chen.liqun')).toEqual([])
  expect(leadersOf(directory, 'nobody')).toEqual([])
  expect(findStaff(directory, '一诺', 10).map(party => party.id)).toEqual(['shen.yinuo'])
  expect(findStaff(directory, 'GAO', 10).map(party => party.id)).toEqual(['gao.ming'])
  expect(findStaff(directory, '.', 2)).toHaveLength(2)
})

test('who is no longer listed has left and keeps his name; an empty listing changes nothing', async () => {
  expect(await syncDirectory(db, house, source(staff.slice(0, 2)))).toMatchObject({ changed: 0, left: 1 })
  expect(await syncDirectory(db, house, source([]))).toMatchObject({ left: 0 })
  const directory = await directoryOf(db, house)
  expect(directory.people.get('gao.ming')).toMatchObject({ name: '高鸣', status: 5 })
  expect(directory.people.get('shen.yinuo')?.status).toBe(1)
})

test('a source that breaks off half way leaves everything as it was', async () => {
  const broken: DirectorySource = {
    ...source(staff),
    async *members() {
      yield person('shen.yinuo', '沈二诺', [3])
      throw new Error('the line is cut')
    },
  }
  await expect(syncDirectory(db, house, broken)).rejects.toThrow('the line is cut')
  expect((await directoryOf(db, house)).people.get('shen.yinuo')?.name).toBe('沈一诺')
})

test('a name moved to another row by hand does not open there', async () => {
  await sql`UPDATE employee SET sealed = (SELECT sealed FROM employee WHERE userid = 'chen.liqun') WHERE userid = 'shen.yinuo'`.execute(
    db,
  )
  // A process that starts now has opened nothing yet.
  await expect(directoryOf(db, { ...house })).rejects.toMatchObject({ code: 'key.wrong' })
})
