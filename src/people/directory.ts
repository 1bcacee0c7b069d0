import { type Db, type House, open } from '../base/index.ts'
import type { Party } from './contract.ts'
import {
  type DepartmentRow,
  directoryStamp,
  type EmployeeRow,
  selectDepartments,
  selectEmployees,
} from './store.ts'

export type Department = { id: number; parentId: number; name: string; position: number }
export type Person = {
  userid: string
  name: string
  title: string
  departments: number[]
  /** Departments this person leads. */
  leads: number[]
  /** As WeCom counts: 1 active, 2 disabled, 4 not activated, 5 left. */
  status: number
}

/** The institution as it stands: opened once, shared by all requests. Do not change what is in it. */
export type Directory = {
  people: ReadonlyMap<string, Person>
  departments: ReadonlyMap<number, Department>
}

export const LEFT = 5
/** Another process may have synchronised: its work is seen after this long. */
const FRESH_FOR = 5000

type Cached = { directory: Directory; stamp: string; lookedAt: number }
const cache = new WeakMap<House, Cached>()
const loading = new WeakMap<House, Promise<Directory>>()

/** The directory, decrypted when it changed and looked at anew every five seconds at most. */
export async function directoryOf(db: Db, house: House): Promise<Directory> {
  const known = cache.get(house)
  if (known && performance.now() - known.lookedAt < FRESH_FOR) return known.directory
  const running = loading.get(house)
  if (running) return running
  const load = refresh(db, house, known).finally(() => loading.delete(house))
  loading.set(house, load)
  return load
}

/** After a change of our own, so that the next look sees it at once. */
export function forgetDirectory(house: House): void {
  cache.delete(house)
}

async function refresh(db: Db, house: House, known: Cached | undefined): Promise<Directory> {
  const lookedAt = performance.now()
  // The stamp first: rows that change in between are read again next time instead of never.
  const stamp = await directoryStamp(db, house.corp)
  const directory = known?.stamp === stamp ? known.directory : await openDirectory(db, house)
  cache.set(house, { directory, stamp, lookedAt })
  return directory
}

export async function openDirectory(db: Db, house: House): Promise<Directory> {
  const own = await house.keys.own(db)
  const departments = (await selectDepartments(db, house.corp)).map(row =>
    openDepartment(house, row, own.key),
  )
  const people = (await selectEmployees(db, house.corp)).map(row => openPerson(house, row, own.key))
  return {
    departments: new Map(departments.map(department => [department.id, department])),
    people: new Map(people.map(person => [person.userid, person])),
  }
}

type Key = Parameters<typeof open>[0]

function openDepartment(house: House, row: DepartmentRow, key: Key): Department {
  const { name } = JSON.parse(open(key, row.sealed, departmentContext(house, row.id)).toString()) as {
    name: string
  }
  return { id: row.id, parentId: row.parentId, position: row.position, name }
}

function openPerson(house: House, row: EmployeeRow, key: Key): Person {
  const { userid, departments, leads, status } = row
  const sealed = JSON.parse(open(key, row.sealed, personContext(house, userid)).toString()) as SealedPerson
  return { userid, departments, leads, status, name: sealed.name, title: sealed.title }
}

export type SealedPerson = { name: string; title: string }

export function departmentContext(house: House, id: number): string {
  return `department|${house.corp}|${id}`
}
export function personContext(house: House, userid: string): string {
  return `employee|${house.corp}|${userid}`
}

/** An employee as the screens show him, or null when the directory does not know the id. */
export function partyOf(directory: Directory, userid: string): Party | null {
  const person = directory.people.get(userid)
  if (!person) return null
  const first = person.departments[0]
  const department = first === undefined ? undefined : directory.departments.get(first)
  return { id: userid, kind: 'staff', name: person.name, department: department?.name ?? null }
}

/** Departments of the employees among these parties; customers, rooms and robots have none. */
export async function departmentsOf(db: Db, house: House, ids: readonly string[]): Promise<number[]> {
  const { people } = await directoryOf(db, house)
  return [...new Set(ids.flatMap(id => people.get(id)?.departments ?? []))].sort((a, b) => a - b)
}

/** Who leads this person: the leaders of his departments, or of the nearest one above that has any. */
export function leadersOf(directory: Directory, userid: string): string[] {
  const found = new Set<string>()
  for (const department of directory.people.get(userid)?.departments ?? []) {
    for (const leader of nearestLeaders(directory, department, userid)) found.add(leader)
  }
  return [...found].sort()
}

function nearestLeaders(directory: Directory, from: number, except: string): string[] {
  const seen = new Set<number>()
  let at: number | undefined = from
  while (at !== undefined && !seen.has(at)) {
    const here: number = at
    seen.add(here)
    const leaders = [...directory.people.values()].filter(
      person => person.leads.includes(here) && person.userid !== except && person.status !== LEFT,
    )
    if (leaders.length > 0) return leaders.map(person => person.userid)
    at = directory.departments.get(here)?.parentId
  }
  return []
}

/** Employees whose name or id holds `q`, in the order of the directory. */
export function findStaff(directory: Directory, q: string, limit: number): Party[] {
  const needle = q.trim().toLowerCase()
  const found: Party[] = []
  for (const person of directory.people.values()) {
    if (found.length >= limit) break
    if (!person.name.toLowerCase().includes(needle) && !person.userid.toLowerCase().includes(needle)) continue
    const party = partyOf(directory, person.userid)
    if (party) found.push(party)
  }
  return found
}
