import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Services } from '../../src/app/index.ts'
import type { Actor, House } from '../../src/base/index.ts'
import type { EvidenceRequest } from '../../src/evidence/contract.ts'
import { decide, requestPackage, takePackage } from '../../src/evidence/index.ts'
import type { TestPremises } from './premises.ts'
import { until } from './until.ts'

/** A signed-in person of this name and role. */
export function person(house: House, name: string, role: string): Actor {
  return { house, kind: 'person', name, role, accountId: null, userid: null, departments: [] }
}

export const ASKED: Omit<EvidenceRequest, 'stretches'> = {
  caseNumber: '监管转办 2026-118',
  purpose: 'regulator',
  reason: '答复监管转办，仅限本案使用',
  names: 'masked',
  keepDays: 7,
}

export const ALWAYS = { from: 0, to: Date.UTC(2100, 0, 1) }

type Put = Pick<TestPremises, 'db' | 'house' | 'packages'>

/** One person asks, another approves, the job builds; the finished zip as a file in `folder`. */
export async function issued(
  premises: Put,
  services: Services,
  folder: string,
  input: Partial<EvidenceRequest> & Pick<EvidenceRequest, 'stretches'>,
): Promise<{ id: string; number: string; file: string }> {
  const { db, house, packages } = premises
  const [officer, lead] = [person(house, 'officer', 'officer'), person(house, 'lead', 'lead')]
  await services.sealer.flush()
  const { id, number } = await requestPackage(db, officer, { ...ASKED, ...input })
  await decide(db, lead, services.jobs, id, { verdict: 'approve', reason: '同意' })
  const { selectPackage } = await import('../../src/evidence/store.ts')
  await until('the package is built', async () => {
    const state = (await selectPackage(db, house.corp, id))?.state
    if (state === 'failed') throw new Error('the build failed')
    return state === 'ready'
  })
  const file = join(folder, `${number}.zip`)
  const parts: Buffer[] = []
  for await (const part of (await takePackage(db, officer, packages, { id })).bytes()) parts.push(part)
  writeFileSync(file, Buffer.concat(parts))
  return { id, number, file }
}
