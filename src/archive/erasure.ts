import { type Db, Fault, type House, inTransaction, systemActor } from '../base/index.ts'
import { markErased } from '../contacts/index.ts'
import { doneParts, selectRequests } from './keep/purge-store.ts'

/**
 * After a purge by customer: when nothing of his had to stay, his state is `erased`. A customer who refuses nothing stays
 * as he is; asked twice, the second time finds him erased. Runs after the certificate, so that a kill between is made good
 * when the job is taken up again.
 */
export async function settleErasure(db: Db, house: House, request: string): Promise<void> {
  const [row] = await selectRequests(db, house.corp, request)
  if (row?.scope.kind !== 'customer' || !row.certificate) return
  const { scope, number } = row
  const parts = await doneParts(db, house.corp, request)
  if (parts.some(part => Object.keys(part.refused).length > 0)) return
  const actor = systemActor(house, 'purge')
  await inTransaction(db, tx => markErased(tx, actor, { externalUserid: scope.id, purge: number })).catch(
    error => {
      if (!(error instanceof Fault && error.code === 'consent.moved')) throw error
    },
  )
}
