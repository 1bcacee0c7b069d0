import { isDeepStrictEqual } from 'node:util'
import { type Db, type House, inTransaction, now, seal } from '../base/index.ts'
import {
  type Department,
  departmentContext,
  forgetDirectory,
  LEFT,
  openDirectory,
  type Person,
  personContext,
  type SealedPerson,
} from './directory.ts'
import { keepVersions } from './history.ts'
import { upsertDepartments, upsertEmployees } from './store.ts'

/** Where departments and members come from; `wecomDirectory` is one. */
export type DirectorySource = {
  departments(): AsyncIterable<Department & { leaders: string[] }>
  members(): AsyncIterable<Person>
}
export type SyncReport = { departments: number; members: number; changed: number; left: number }

/**
 * Make our directory the platform's. Only what differs is written. Nobody is removed: who is no longer listed has
 * left, and his name is still needed to read what he wrote.
 */
export async function syncDirectory(db: Db, house: House, source: DirectorySource): Promise<SyncReport> {
  const departments = await Array.fromAsync(source.departments())
  const led = Map.groupBy(
    departments.flatMap(department => department.leaders.map(userid => ({ userid, id: department.id }))),
    leader => leader.userid,
  )
  const members: Person[] = []
  for await (const member of source.members()) {
    const leads = new Set([...member.leads, ...(led.get(member.userid) ?? []).map(leader => leader.id)])
    members.push({ ...member, leads: [...leads].sort((a, b) => a - b) })
  }
  const report = await inTransaction(db, async tx => {
    const before = await openDirectory(tx, house)
    const own = await house.keys.own(tx)
    const changedDepartments = departments
      .map(({ id, parentId, name, position }) => ({ id, parentId, name, position }))
      .filter(department => !isDeepStrictEqual(department, before.departments.get(department.id)))
    const changedMembers = members.filter(
      member => !isDeepStrictEqual(member, before.people.get(member.userid)),
    )
    const gone = absent(before.people.values(), members)
    const departmentRows = changedDepartments.map(({ id, parentId, position, name }) => {
      const sealed = seal(own.key, JSON.stringify({ name }), departmentContext(house, id))
      return { id, parentId, position, sealed }
    })
    const employees = [...changedMembers, ...gone].map(
      ({ userid, departments: of, leads, status, name, title }) => {
        const plain: SealedPerson = { name, title }
        const sealed = seal(own.key, JSON.stringify(plain), personContext(house, userid))
        return { userid, departments: of, leads, status, sealed }
      },
    )
    const at = now()
    await upsertDepartments(tx, house.corp, departmentRows, at)
    await upsertEmployees(tx, house.corp, employees, at)
    await keepVersions(tx, house.corp, { employees, departments: departmentRows }, at)
    const changed = changedDepartments.length + changedMembers.length
    return { departments: departments.length, members: members.length, changed, left: gone.length }
  })
  forgetDirectory(house)
  return report
}

/** Known people who are not listed any more. An empty listing is a broken permission, not a mass resignation. */
function absent(known: Iterable<Person>, listed: Person[]): Person[] {
  if (listed.length === 0) return []
  const here = new Set(listed.map(member => member.userid))
  return [...known]
    .filter(person => person.status !== LEFT && !here.has(person.userid))
    .map(person => ({ ...person, status: LEFT }))
}
