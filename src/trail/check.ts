import type { Db, House } from '../base/index.ts'
import { commitment } from '../ledger/index.ts'
import type { CheckLeaves } from '../notary/index.ts'
import { entryRecord, openDetail } from './record.ts'
import { selectEntriesById } from './store.ts'

/** For `verify`: does each leaf of the log 'trail' still stand for the entry in the table? */
export function checkTrail(db: Db, house: House): CheckLeaves {
  return async leaves => {
    const entries = leaves.filter(leaf => leaf.kind === 'trail')
    const hashes = await recordHashes(
      db,
      house,
      entries.map(leaf => leaf.ref),
    )
    return entries
      .filter(leaf => !hashes.get(leaf.ref)?.equals(leaf.recordHash))
      .map(leaf => ({
        log: 'trail',
        index: leaf.idx,
        what: 'the trail entry is gone or altered',
        ref: leaf.ref,
      }))
  }
}

/** Record hashes made anew from what the table says now; absent where an entry is gone or does not open. */
async function recordHashes(db: Db, house: House, ids: string[]): Promise<Map<string, Buffer>> {
  const own = await house.keys.own(db)
  const hashes = new Map<string, Buffer>()
  for (const entry of await selectEntriesById(db, house.corp, ids)) {
    try {
      const { salt, raw } = openDetail(house, entry, own.key)
      if (commitment(salt, raw).equals(entry.commitment)) hashes.set(entry.id, entryRecord(house, entry))
    } catch {
      // Does not open: not what was written, which is what its absence says.
    }
  }
  return hashes
}
