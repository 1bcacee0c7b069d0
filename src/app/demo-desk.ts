import type { Actor } from '../base/index.ts'
import { furnishCases } from '../cases/index.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

/** A desk as it looks in the middle of a day: taken, watched, escalated, concluded, under the demo's own accounts. */
export async function furnishDesk({ db, house }: Premises, { jobs }: Services): Promise<void> {
  const person = (role: string): Actor => ({
    ...{ house, kind: 'person' as const, name: role, role },
    ...{ accountId: null, userid: null, departments: [] },
  })
  await furnishCases({ db, jobs }, person('officer'), person('lead'))
}
