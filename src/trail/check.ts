import { type DataKey, type Db, Fault, type House, OWN_SCOPE } from '../base/index.ts'
import { commitment } from '../ledger/index.ts'
import {
  type CheckLeaves,
  type LogReport,
  leafProblems,
  type Outside,
  type Problem,
  type StoredLeaf,
  strangerProblems,
  verifyLog,
  type WalkOptions,
} from '../notary/index.ts'
import { entryRecord, openDetail } from './record.ts'
import { type CheckedEntry, selectEntriesById, selectUnledgered } from './store.ts'

/** For `verify`: does each leaf of the log 'trail' still stand for the entry in the table? */
export function checkTrail(db: Db, house: House): CheckLeaves {
  const keys = house.keys.fresh()
  return async leaves => {
    const own = await ownKey(db, keys)
    const entries = await selectEntriesById(
      db,
      house.corp,
      leaves.map(leaf => leaf.ref).filter(ref => UUID.test(ref)),
    )
    const byId = new Map(entries.map(entry => [entry.id, entry]))
    return leafProblems(leaves, leaf => entryFault(house, own, byId.get(leaf.ref), leaf), 'trail')
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** The institution's own key as the database has it now, or null when it is gone or does not open. */
async function ownKey(db: Db, keys: House['keys']): Promise<DataKey | null> {
  const { conv, month } = OWN_SCOPE
  try {
    await keys.loadSound(db, [OWN_SCOPE])
    return keys.cached(conv, month)
  } catch (error) {
    if (error instanceof Fault) return null
    throw error
  }
}

function entryFault(
  house: House,
  own: DataKey | null,
  entry: CheckedEntry | undefined,
  leaf: StoredLeaf,
): string | null {
  if (leaf.kind !== 'trail') return `leaf of an unknown kind ${leaf.kind}`
  if (leaf.conv !== '0' || leaf.sentAt !== '0') return 'a column of the leaf differs'
  if (!entry?.wholeMs || !entryRecord(house, entry).equals(leaf.recordHash))
    return 'the trail entry is gone or altered'
  if (own === null) return "the institution's own data key is missing or does not open"
  if (entry.keyId !== own.id) return 'key_id of the trail entry is wrong'
  try {
    const { salt, raw } = openDetail(house, entry, own.key)
    return commitment(salt, raw).equals(entry.commitment) ? null : 'the trail entry is gone or altered'
  } catch (error) {
    if (error instanceof Fault) return 'the detail of the trail entry does not open'
    throw error
  }
}

/** Entries that no leaf and no waiting leaf knows: put in behind the ledger's back. */
async function strangerEntries(db: Db, house: House): Promise<Problem[]> {
  return strangerProblems('trail entry', await selectUnledgered(db, house.corp), 'trail')
}

/** The trail against its ledger, in one snapshot. */
export function verifyTrail(
  db: Db,
  house: House,
  outside: Outside,
  options: WalkOptions = {},
): Promise<LogReport> {
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async tx => {
      const report = await verifyLog(tx, house, outside, 'trail', checkTrail(tx, house), options)
      if (report.whole) report.problems.push(...(await strangerEntries(tx, house)))
      return report
    })
}
