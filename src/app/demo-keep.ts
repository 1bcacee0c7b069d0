import {
  anchorConversation,
  append,
  approvePurgeClass,
  decidePurgeRequest,
  type Incoming,
  placeHold,
  prepare,
  proposePurgeClass,
  requestPurge,
} from '../archive/index.ts'
import { type Actor, inTransaction, systemActor } from '../base/index.ts'
import { normalise } from '../wecom/index.ts'
import { demoPerson, waitUntil } from './demo-people.ts'
import type { Premises } from './house.ts'
import type { Services } from './services.ts'

/** A customer of long ago, with what was said. */
type OldTalk = { customer: string; messages: Record<string, unknown>[] }

/**
 * Retention as an institution would have it after a while: data of an earlier system, a class in force, a hold, a purge the
 * hold refused and one that was carried out. Every step goes the way people go, under the demo's own accounts.
 */
export async function furnishRetention(
  premises: Premises,
  services: Services,
  talks: OldTalk[],
): Promise<void> {
  const { db, house, config } = premises
  const [lead, risk, officer] = ['lead', 'risk', 'officer'].map(role => demoPerson(premises, role)) as [
    Actor,
    Actor,
    Actor,
  ]
  const convs: string[] = []
  for (const talk of talks) convs.push(await archiveOld(premises, services, talk))
  await services.sealer.flush()
  await detected(services)
  const id = await proposePurgeClass(db, lead, config.institution, {
    material: 'communication',
    years: 20,
    note: '旧系统迁入的客户沟通，业务关系结束满二十年后可按期销毁',
  })
  await approvePurgeClass(db, risk, id)
  for (const convId of convs) {
    const anchor = { convId, anchor: 'relationship_end', startsOn: '2006-06-30', resumed: false } as const
    await anchorConversation(db, lead, { ...anchor, basis: '旧系统销户清单 2006 年第二季度' })
  }
  const [first, , disputed] = convs
  if (first === undefined || disputed === undefined) return
  await placeHold(db, officer, {
    scope: { kind: 'conversation', id: disputed },
    cause: 'complaint',
    caseNo: 'TS-2026-0117',
    reason: '客户就 2005 年手续费重新投诉，尚在处理',
  })
  const ask = (convId: string): Promise<string> =>
    requestPurge(services.keep, lead, {
      scope: { kind: 'conversation', id: convId },
      reason: '业务关系结束已满二十年，按年度计划销毁',
    })
  await ask(disputed)
  const asked = await ask(first)
  if (services.keep.purgeReady)
    await decidePurgeRequest(services.keep, risk, asked, {
      verdict: 'approved',
      reason: '已核对销户清单，同意销毁',
    })
  house.log.debug({ convs: convs.length }, 'retention of the demo is furnished')
}

async function archiveOld(
  { db, house }: Premises,
  { jobs }: Services,
  { messages }: OldTalk,
): Promise<string> {
  const incoming = messages.flatMap((message): Incoming[] => {
    const raw = Buffer.from(JSON.stringify(message))
    const normal = normalise(raw.toString('utf8'))
    return typeof normal === 'string' ? [] : [{ raw, normal, seq: null, source: 'import' }]
  })
  const prepared = await prepare(db, house, incoming)
  await inTransaction(db, tx => append(tx, systemActor(house, 'demo'), jobs, prepared))
  return prepared[0]?.conv ?? ''
}

/** Until detection has looked at them: the purge would find them unsettled. */
async function detected({ jobs }: Services): Promise<void> {
  await waitUntil(
    async () => (await jobs.counts()).every(count => count.waiting + count.active === 0),
    WAIT_MS,
  )
}
const WAIT_MS = 30_000
