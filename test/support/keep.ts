import type { Services } from '../../src/app/index.ts'
import { verifyWhole } from '../../src/app/index.ts'
import {
  anchorConversation,
  approvePurgeClass,
  decidePurgeRequest,
  listPurges,
  proposePurgeClass,
  requestPurge,
} from '../../src/archive/index.ts'
import type { Actor } from '../../src/base/index.ts'
import type { Role } from '../../src/people/contract.ts'
import type { TestPremises } from './premises.ts'

/** What these steps need of an institution: tests and benches have it. */
type Kept = Pick<TestPremises, 'db' | 'house'>

const REASON = '测试所需的理由'

/** A signed-in person; `name` tells two of one role apart. */
export function person(premises: Kept, role: Role, name: string = role): Actor {
  return { house: premises.house, kind: 'person', name, role, accountId: null, userid: null, departments: [] }
}

/** The class that lets what was said to customers go after twenty years, by two people. */
export async function openClass(premises: Kept): Promise<string> {
  const { db } = premises
  const id = await proposePurgeClass(db, person(premises, 'lead'), 'bank', {
    material: 'communication',
    years: 20,
    note: REASON,
  })
  await approvePurgeClass(db, person(premises, 'risk'), id)
  return id
}

export async function ended(premises: Kept, convId: string, startsOn: string): Promise<void> {
  const anchor = {
    convId,
    anchor: 'relationship_end' as const,
    startsOn,
    resumed: false,
    basis: '销户单 1 号',
  }
  await anchorConversation(premises.db, person(premises, 'lead'), anchor)
}

/** Ask, approve and wait until it is carried out; how it ended. */
export async function purgeAll(premises: Kept, services: Services, convId: string) {
  const id = await requestPurge(services.keep, person(premises, 'lead'), {
    scope: { kind: 'conversation', id: convId },
    reason: REASON,
  })
  const state = async () =>
    (await listPurges(premises.db, person(premises, 'auditor'))).items.find(item => item.id === id)
  const asked = await state()
  if (asked?.state !== 'requested') return { id, view: asked }
  await decidePurgeRequest(services.keep, person(premises, 'risk'), id, {
    verdict: 'approved',
    reason: REASON,
  })
  for (let tries = 0; tries < 200; tries += 1) {
    const view = await state()
    if (view?.state === 'done') {
      await services.sealer.flush()
      return { id, view }
    }
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  throw new Error('the purge did not end')
}

export { REASON }

export const verifyAll = (premises: TestPremises) => verifyWhole(premises, { everyByte: true })
