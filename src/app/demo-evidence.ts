import { search, searchQuery } from '../archive/index.ts'
import { decide, type EvidenceRequest, requestPackage } from '../evidence/index.ts'
import { demoPerson } from './demo-people.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

const DAY_MS = 86_400_000

/**
 * Evidence as an officer would meet it: a package that was asked for, approved by another and built, and a request that
 * waits for its second person. Both are about conversations of the demo in which something grave was said.
 */
export async function furnishEvidence(premises: Premises, services: Services): Promise<void> {
  const { db } = premises
  const [officer, lead] = [demoPerson(premises, 'officer'), demoPerson(premises, 'lead')]
  const found = await search(db, officer, searchQuery.parse({ severity: 'P0', limit: 50 }))
  const talks = [...new Map(found.items.map(hit => [hit.key.convId, hit.key])).values()]
  const [first, second] = talks
  if (first) {
    const { id } = await requestPackage(db, officer, around(first, COURT))
    await decide(db, lead, services.jobs, id, { verdict: 'approve', reason: '范围与案由相符，同意导出' })
  }
  if (second) await requestPackage(db, officer, around(second, REGULATOR))
}

type Asked = Omit<EvidenceRequest, 'stretches'>
const COURT: Asked = {
  caseNumber: '（2026）澄民初 218 号',
  purpose: 'court',
  reason: '客户起诉要求赔偿，法务部调取当日沟通原文',
  names: 'masked',
  keepDays: 30,
}
const REGULATOR: Asked = {
  caseNumber: '监管转办 2026-118',
  purpose: 'regulator',
  reason: '答复监管转办投诉，需提供前后一天的沟通记录',
  names: 'masked',
  keepDays: 7,
}

/** A day before and after. */
function around(key: { convId: string; sentAt: number }, asked: Asked): EvidenceRequest {
  const { convId, sentAt } = key
  return { ...asked, stretches: [{ convId, from: sentAt - DAY_MS, to: sentAt + DAY_MS }] }
}
