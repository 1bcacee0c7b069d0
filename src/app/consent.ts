import { inTransaction, systemActor } from '../base/index.ts'
import { list, record } from '../trail/index.ts'
import type { Premises } from './house.ts'

/** What is kept of refusing customers is a decision of the institution: each change of it stands in the trail, once. */
export async function notePolicy({ db, house }: Pick<Premises, 'db' | 'house'>): Promise<void> {
  const actor = systemActor(house, 'consent')
  const basis = house.archiveBasis
  const mode = basis === undefined ? 'metadata' : 'archive'
  const [last] = (await list(db, actor, { verb: 'consent.policy', limit: 1 })).items
  // The default of a new house says nothing that was not so before.
  const known = last ? last.detail : { mode: 'metadata' }
  if (known.mode === mode && known.basis === basis) return
  await inTransaction(db, tx =>
    record(tx, actor, {
      verb: 'consent.policy',
      thing: { kind: 'notice', id: 'policy' },
      detail: { mode, ...(basis === undefined ? {} : { basis }) },
    }),
  )
}
