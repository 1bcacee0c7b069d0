import type { LeafKind } from '../archive/index.ts'
import type { House, Tx } from '../base/index.ts'
import { openNote, recordHash } from '../ledger/index.ts'
import { leafProblems, logLeaves, type Outside, strangerProblems } from '../notary/index.ts'
import { type IssueRow, insertIssue, issuesWithoutLeaf, selectIssues } from './store.ts'
import { signedText } from './verifier/format.ts'

const RECORD_VERSION = 1

/** What stands in the ledger for an issued package: who, when, and the hash of its manifest. */
function issueRecord(house: House, issue: IssueRow): Buffer {
  const { id, number, requestedBy, approvedBy, issuedAt, manifestSha256, note } = issue
  return recordHash(
    RECORD_VERSION,
    'evidence',
    {
      corp: house.corp,
      id,
      number,
      requestedBy,
      approvedBy,
      issuedAt,
      manifest: manifestSha256.toString('hex'),
      note,
    },
    null,
  )
}

/** Write down for ever that this package was issued, in the transaction that makes it ready. */
export async function recordIssue(tx: Tx, house: House, issue: IssueRow): Promise<void> {
  await insertIssue(tx, house.corp, issue)
  await logLeaves(tx, house, 'archive', [
    { kind: 'evidence', recordHash: issueRecord(house, issue), conv: '0', sentAt: 0, ref: issue.id },
  ])
}

/** How `verify` knows an issued package: leaf, row and signature must agree, and each row has its leaf. */
export function evidenceLeaves(house: House, outside: Outside): LeafKind {
  return {
    kind: 'evidence',
    async check(db, leaves) {
      const rows = await selectIssues(
        db,
        house.corp,
        leaves.map(leaf => leaf.ref),
      )
      const byId = new Map(rows.map(row => [row.id, row]))
      return leafProblems(leaves, leaf => {
        const row = byId.get(leaf.ref)
        return row ? fault(house, outside, row, leaf.recordHash) : 'issued package missing'
      })
    },
    async strangers(db) {
      return strangerProblems('issued package', await issuesWithoutLeaf(db))
    },
  }
}

function fault(house: House, outside: Outside, row: IssueRow, leaf: Buffer): string | null {
  if (!issueRecord(house, row).equals(leaf)) return 'a column of the issued package differs from its leaf'
  try {
    const { text } = openNote(row.note, [outside.verifier])
    const said = signedText(outside.signer.name, row.number, row.manifestSha256.toString('hex'))
    return text === said ? null : 'the signed note of the package speaks of another manifest'
  } catch {
    return 'the signature of the package is not ours'
  }
}
