import type { Premises } from '../../src/app/index.ts'
import type { Actor } from '../../src/base/index.ts'
import { type DirectorySource, syncDirectory } from '../../src/people/index.ts'

/** Two departments under one roof: zhang and li in the first (li leads it), wang in the second. */
const DEPARTMENTS = [
  { id: 1, parentId: 0, name: '澄江银行', position: 1, leaders: [] },
  { id: 2, parentId: 1, name: '财富一部', position: 2, leaders: ['li'] },
  { id: 3, parentId: 1, name: '财富二部', position: 3, leaders: [] },
]
type Member = { userid: string; name: string; departments: number[] }
const PEOPLE: readonly Member[] = [
  { userid: 'zhang', name: '张子昂', departments: [2] },
  { userid: 'li', name: '李沐阳', departments: [2] },
  { userid: 'wang', name: '王梓涵', departments: [3] },
]

export async function furnishStaff({ db, house }: Premises, people = PEOPLE): Promise<void> {
  const source: DirectorySource = {
    async *departments() {
      yield* DEPARTMENTS
    },
    async *members() {
      yield* people.map(person => ({ ...person, title: '客户经理', leads: [], status: 1 }))
    },
  }
  await syncDirectory(db, house, source)
}

/** A signed-in person of a role; `as` names the account where two of one role meet. */
export function personAs(
  { house }: Premises,
  role: string,
  as: { name?: string; userid?: string; departments?: number[] } = {},
): Actor {
  return {
    ...{ house, kind: 'person', name: as.name ?? role, role, accountId: null },
    ...{ userid: as.userid ?? null, departments: as.departments ?? [] },
  }
}
