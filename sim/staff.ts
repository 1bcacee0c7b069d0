import { type Ground, happen } from './ground.ts'
import type { Employee } from './people.ts'
import type { Resigned } from './resigned.ts'

export type StaffActs = {
  createUser(input: Pick<Employee, 'userid' | 'name' | 'department'> & Partial<Employee>): boolean
  updateUser(userid: string, change: Partial<Omit<Employee, 'userid'>>): boolean
  /** The employee leaves the company; customers and groups wait to be handed over. */
  deleteUser(userid: string): boolean
  createParty(party: { id: number; name: string; parent: number }): boolean
  updateParty(id: number, change: { name?: string; parent?: number }): boolean
  /** Only while it is empty. */
  deleteParty(id: number): boolean
}

/** What an administrator does in the console; callbacks set up since 2022-08-15 name no more than the ids (wecom-api.md §2.3). */
export function createStaffActs(ground: Ground, resigned: Resigned): StaffActs {
  const { people } = ground
  const tell = (change: string, fields: Record<string, unknown>): void =>
    happen(ground, `change_contact.${change}`, fields)
  const { departments } = people
  const party = (id: number): (typeof departments)[number] | undefined =>
    departments.find(one => one.id === id)
  return {
    createUser: input => {
      if (people.employee.has(input.userid) || !party(input.department)) return false
      const made: Employee = {
        gender: 'f',
        position: '理财经理',
        leader: false,
        adviser: true,
        style: 'plain',
        ...input,
      }
      people.employees.push(made)
      if (made.adviser) people.advisers.push(made)
      people.employee.set(made.userid, made)
      tell('create_user', { UserID: made.userid, Department: String(made.department) })
      return true
    },
    updateUser: (userid, change) => {
      const found = people.employee.get(userid)
      if (!found) return false
      Object.assign(found, change)
      const index = people.advisers.indexOf(found)
      if (found.adviser && index < 0) people.advisers.push(found)
      if (!found.adviser && index >= 0) people.advisers.splice(index, 1)
      const { department } = change
      tell('update_user', { UserID: userid, ...(department ? { Department: String(department) } : {}) })
      return true
    },
    deleteUser: userid => {
      const found = people.employee.get(userid)
      if (!found) return false
      resigned.leave(found)
      tell('delete_user', { UserID: userid })
      return true
    },
    createParty: ({ id, name, parent }) => {
      if (party(id) || !party(parent)) return false
      departments.push({ id, name, parent })
      tell('create_party', { Id: id, Name: name, ParentId: parent, Order: 0 })
      return true
    },
    updateParty: (id, change) => {
      const found = party(id)
      if (!found) return false
      Object.assign(found, change)
      const { name: Name, parent: ParentId } = change
      tell('update_party', { Id: id, ...(Name ? { Name } : {}), ...(ParentId ? { ParentId } : {}) })
      return true
    },
    deleteParty: id => {
      const used =
        people.employees.some(one => one.department === id) || departments.some(one => one.parent === id)
      const found = party(id)
      if (!found || used) return false
      departments.splice(departments.indexOf(found), 1)
      tell('delete_party', { Id: id })
      return true
    },
  }
}
