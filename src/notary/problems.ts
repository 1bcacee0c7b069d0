import type { LogId, StoredLeaf } from './store.ts'
import type { Problem } from './verify.ts'

/** The leaves of a log that something is wrong with, as `verify` tells of them; null: nothing is. */
export function leafProblems(
  leaves: readonly StoredLeaf[],
  faultOf: (leaf: StoredLeaf) => string | null,
  log: LogId = 'archive',
): Problem[] {
  return leaves.flatMap(leaf => {
    const what = faultOf(leaf)
    return what === null ? [] : [{ log, index: leaf.idx, what, ref: leaf.ref }]
  })
}

/** Rows that no leaf stands for: put in behind the ledger's back. */
export function strangerProblems(thing: string, refs: readonly string[], log: LogId = 'archive'): Problem[] {
  return refs.map(ref => ({ log, index: null, what: `${thing} unknown to the ledger`, ref }))
}
