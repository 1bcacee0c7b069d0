import type { Db, House } from '../base/index.ts'
import { recordHash } from '../ledger/index.ts'
import { leafProblems, type Problem, type StoredLeaf, strangerProblems } from '../notary/index.ts'
import { consentsById, consentsWithoutLeaf, type RecordedConsent } from './consent-store.ts'

/** Version of the envelope below; it goes into every leaf and never changes its meaning. */
const RECORD_VERSION = 1

type Recorded = Omit<RecordedConsent, 'beforeLedger'>

/** What stands in the ledger for a choice: every column. Nothing of it is content. */
export function consentRecord(corp: number, row: Recorded): Buffer {
  const { chatId, effectiveAt, externalUserid, id, recordedAt, source, sourceRef, state, userid } = row
  return recordHash(
    RECORD_VERSION,
    'consent',
    { chatId, corp, effectiveAt, externalUserid, id, recordedAt, source, sourceRef, state, userid },
    null,
  )
}

/** How `verify` knows choices: each leaf has its row and says the same, and each row has its leaf. */
export function consentLeaves(house: House): {
  kind: string
  check(db: Db, leaves: StoredLeaf[]): Promise<Problem[]>
  strangers(db: Db): Promise<Problem[]>
} {
  return {
    kind: 'consent',
    async check(db, leaves) {
      const rows = await consentsById(
        db,
        house.corp,
        leaves.map(leaf => leaf.ref),
      )
      const byId = new Map(rows.map(row => [row.id, row]))
      return leafProblems(leaves, leaf => fault(house, byId.get(leaf.ref), leaf))
    },
    async strangers(db) {
      return strangerProblems('consent event', await consentsWithoutLeaf(db, house.corp))
    },
  }
}

function fault(house: House, row: RecordedConsent | undefined, leaf: StoredLeaf): string | null {
  if (!row) return 'consent event missing'
  // A choice stands in no conversation.
  if (leaf.conv !== '0' || leaf.sentAt !== '0') return 'a column of the leaf differs'
  return consentRecord(house.corp, row).equals(leaf.recordHash)
    ? null
    : 'a column of the consent event differs from its leaf'
}
