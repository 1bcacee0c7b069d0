import { type Db, type House, open, seal } from '../base/index.ts'
import type { EvidenceRequest } from './contract.ts'
import type { PackageRow } from './store.ts'

/** What a person wrote; it may name customers, so it stands sealed. */
type RequestText = Pick<EvidenceRequest, 'caseNumber' | 'purpose' | 'reason'>

const context = (house: House, id: string, part: string): string => `evidence-${part}|${house.corp}|${id}`

export async function sealRequest(db: Db, house: House, id: string, text: RequestText): Promise<Buffer> {
  const own = await house.keys.own(db)
  const { caseNumber, purpose, reason } = text
  return seal(own.key, JSON.stringify({ caseNumber, purpose, reason }), context(house, id, 'request'))
}

export async function openRequest(db: Db, house: House, row: PackageRow): Promise<RequestText> {
  const own = await house.keys.own(db)
  const plain = open(own.key, row.requestSealed, context(house, row.id, 'request'))
  return JSON.parse(plain.toString()) as RequestText
}

export async function sealDecision(db: Db, house: House, id: string, reason: string): Promise<Buffer> {
  const own = await house.keys.own(db)
  return seal(own.key, reason, context(house, id, 'decision'))
}

export async function openDecision(db: Db, house: House, row: PackageRow): Promise<string | null> {
  if (row.decisionSealed === null) return null
  const own = await house.keys.own(db)
  return open(own.key, row.decisionSealed, context(house, row.id, 'decision')).toString()
}
