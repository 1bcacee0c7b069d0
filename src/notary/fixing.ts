import { type Db, fail, type House, sql } from '../base/index.ts'
import { hashLeaf } from '../ledger/index.ts'
import { checkpointsFrom, type LogId, leavesFrom, type StoredCheckpoint } from './store.ts'

/** Where a leaf without a conversation stands, or null while it waits to be sealed. */
export async function leafIndexOf(
  db: Db,
  house: House,
  log: LogId,
  leaf: { kind: string; ref: string },
): Promise<number | null> {
  const { rows } = await sql<{ idx: number }>`
    SELECT max(idx) AS idx FROM leaf WHERE corp_id = ${house.corp} AND log_id = ${log} AND conv_id = 0
      AND sent_at = timestamptz 'epoch' AND ref = ${leaf.ref} AND kind = ${leaf.kind}`.execute(db)
  return rows[0]?.idx ?? null
}

/** The first signed checkpoint above a leaf, and the last one below it, which does not cover it. */
export type Fixing = { fixed: StoredCheckpoint; before: StoredCheckpoint | null }

export async function fixingCheckpoint(
  db: Db,
  house: House,
  log: LogId,
  index: number,
): Promise<Fixing | null> {
  const { rows } = await sql<{ over: number | null; under: number | null }>`
    SELECT min(size) FILTER (WHERE size > ${index}) AS over, max(size) FILTER (WHERE size <= ${index}) AS under
    FROM checkpoint WHERE corp_id = ${house.corp} AND log_id = ${log}`.execute(db)
  const { over = null, under = null } = rows[0] ?? {}
  if (over === null) return null
  const at = async (size: number): Promise<StoredCheckpoint | null> =>
    (await checkpointsFrom(db, house.corp, log, size - 1, size)).at(-1) ?? null
  const fixed = await at(over)
  return fixed && { fixed, before: under === null ? null : await at(under) }
}

const CHUNK = 10_000

/**
 * Hashes of the leaves 0 … size - 1, in runs of whole hashes. `blob.missing` where a restore has left a hole that the
 * database cannot fill.
 */
export async function* leafHashes(
  db: Db,
  house: House,
  log: LogId,
  size: number,
): AsyncGenerator<{ from: number; hashes: Buffer }> {
  for (let from = 0; from < size; ) {
    const leaves = await leavesFrom(db, house.corp, log, from, Math.min(CHUNK, size - from))
    if (leaves.length === 0 || leaves.some((leaf, i) => leaf.idx !== from + i))
      throw fail('blob.missing', { name: log, hint: 'the database does not hold all leaves' })
    yield { from, hashes: Buffer.concat(leaves.map(leaf => hashLeaf(leaf.recordHash))) }
    from += leaves.length
  }
}
