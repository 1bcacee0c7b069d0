import type { LeafKind } from '../../archive/index.ts'
import type { House, Tx } from '../../base/index.ts'
import { canonicalJson, recordHash } from '../../ledger/index.ts'
import {
  leafProblems,
  logLeaves,
  type Problem,
  type StoredLeaf,
  strangerProblems,
} from '../../notary/index.ts'
import type { PlanDocument } from './contract.ts'
import { scopeKey } from './scope.ts'
import { drawsWithoutLeaf, type PlanStored, plansWithoutLeaf, selectDraws, selectPlansOf } from './store.ts'

const RECORD_VERSION = 1

/** What a draw came to, as its leaf holds it. */
export type DrawDocument = {
  corp: number
  plan: string
  size: number
  checkpoint: string
  seed: string
  population: number
  populationSha256: string
  drawn: number
  drawnSha256: string
  at: number
}

/** What stands in the ledger for a plan and for a draw: their kind and the canonical text of what they say. */
export function planRecord(document: PlanDocument): Buffer {
  return recordHash(RECORD_VERSION, 'plan', document, null)
}
export function drawRecord(document: DrawDocument): Buffer {
  return recordHash(RECORD_VERSION, 'draw', document, null)
}

/** In the archive's log and not the trail's: there the order of plan, population and checkpoint is one of indexes. */
export function logPlan(tx: Tx, house: House, document: PlanDocument): Promise<void> {
  const leaf = { kind: 'plan', recordHash: planRecord(document), conv: '0', sentAt: 0, ref: document.id }
  return logLeaves(tx, house, 'archive', [leaf])
}
export function logDraw(tx: Tx, house: House, document: DrawDocument): Promise<void> {
  const leaf = { kind: 'draw', recordHash: drawRecord(document), conv: '0', sentAt: 0, ref: document.plan }
  return logLeaves(tx, house, 'archive', [leaf])
}

/** How `verify` knows plans and draws: each leaf has its row, each row its leaf, and they agree. */
export function sampleLeaves(house: House): LeafKind[] {
  return [
    {
      kind: 'plan',
      async check(db, leaves) {
        const found = await selectPlansOf(
          db,
          house.corp,
          leaves.map(leaf => leaf.ref),
        )
        return faults(leaves, 'sampling plan', ref => {
          const row = found.get(ref)
          return row === undefined ? null : rowRecord(row)
        })
      },
      strangers: async db => strangerProblems('sampling plan', await plansWithoutLeaf(db, house.corp)),
    },
    {
      kind: 'draw',
      async check(db, leaves) {
        const found = await selectDraws(
          db,
          house.corp,
          leaves.map(leaf => leaf.ref),
        )
        const byPlan = new Map(found.map(row => [row.plan, drawRecord(row)]))
        return faults(leaves, 'draw of a sample', ref => byPlan.get(ref) ?? null)
      },
      strangers: async db => strangerProblems('draw of a sample', await drawsWithoutLeaf(db, house.corp)),
    },
  ]
}

/** Of no leaf. */
const NO_RECORD = Buffer.alloc(0)

/**
 * A text that is not the canonical one of what it says is as good as another document, and so is a row whose columns say
 * something else than its text.
 */
function rowRecord(row: PlanStored): Buffer {
  try {
    const document = JSON.parse(row.document) as PlanDocument
    const agrees =
      row.number === document.number &&
      row.scopeKey === scopeKey(document) &&
      row.registeredBy === document.registeredBy &&
      row.registeredAt === document.registeredAt &&
      canonicalJson(document) === row.document
    return agrees ? planRecord(document) : NO_RECORD
  } catch {
    return NO_RECORD
  }
}

function faults(
  leaves: readonly StoredLeaf[],
  name: string,
  recordOf: (ref: string) => Buffer | null,
): Problem[] {
  return leafProblems(leaves, leaf => {
    const record = recordOf(leaf.ref)
    if (record?.equals(leaf.recordHash)) return null
    return record === null ? `${name} missing` : `a column of the ${name} differs from its leaf`
  })
}
