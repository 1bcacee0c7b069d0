import { createHash } from 'node:crypto'
import type { RawBuilder } from 'kysely'
import { type Db, sql, type Tx } from '../base/index.ts'

export type LogId = 'archive' | 'trail'
/** What a room hands in: which record, where it stands. `conv` is 0 and `sentAt` 0 for things outside conversations. */
export type NewLeaf = { kind: string; recordHash: Buffer; conv: string; sentAt: number; ref: string }
export type StoredLeaf = {
  idx: number
  kind: string
  recordHash: Buffer
  conv: string
  sentAt: string
  ref: string
}
export type StoredCheckpoint = { epoch: number; size: number; root: Buffer; note: string; sealedAt: number }

export async function insertPending(tx: Tx, corp: number, log: LogId, leaves: NewLeaf[]): Promise<void> {
  if (leaves.length === 0) return
  await sql`
    INSERT INTO leaf_pending (corp_id, log_id, kind, record_hash, conv_id, sent_at, ref)
    SELECT ${corp}::smallint, ${log}, * FROM unnest(${leaves.map(l => l.kind)}::text[], ${leaves.map(l => l.recordHash)}::bytea[],
      ${leaves.map(l => l.conv)}::bigint[], ${leaves.map(l => new Date(l.sentAt).toISOString())}::timestamptz[],
      ${leaves.map(l => l.ref)}::text[])
  `.execute(tx)
}

/** One sealer at a time, across processes: a lock of this transaction, named by institution and log. */
export async function lockLog(tx: Tx, corp: number, log: LogId): Promise<void> {
  const name = createHash('sha256').update(`tongjian sealer ${corp} ${log}`).digest().readBigInt64BE()
  await sql`SELECT pg_advisory_xact_lock(${name.toString()}::bigint)`.execute(tx)
}

/** Move waiting leaves into the log behind `size`, contiguously. */
export async function takePending(
  tx: Tx,
  corp: number,
  log: LogId,
  epoch: number,
  size: number,
  limit: number,
): Promise<Buffer[]> {
  const { rows } = await sql<{ idx: number; record_hash: Buffer }>`
    WITH chosen AS (
      SELECT ctid FROM leaf_pending WHERE corp_id = ${corp} AND log_id = ${log} LIMIT ${limit}
    ), taken AS (
      DELETE FROM leaf_pending WHERE ctid IN (SELECT ctid FROM chosen) RETURNING kind, record_hash, conv_id, sent_at, ref
    ), numbered AS (
      SELECT ${size}::bigint + row_number() OVER (ORDER BY sent_at, conv_id, ref, kind) - 1 AS idx, * FROM taken
    )
    INSERT INTO leaf (corp_id, log_id, epoch, idx, kind, record_hash, conv_id, sent_at, ref)
    SELECT ${corp}::smallint, ${log}, ${epoch}::int, idx, kind, record_hash, conv_id, sent_at, ref FROM numbered
    RETURNING idx, record_hash
  `.execute(tx)
  return rows.sort((a, b) => a.idx - b.idx).map(row => row.record_hash)
}

export async function insertCheckpoint(
  tx: Tx,
  corp: number,
  log: LogId,
  checkpoint: StoredCheckpoint,
): Promise<void> {
  await sql`INSERT INTO checkpoint (corp_id, log_id, epoch, size, root, note, sealed_at)
    VALUES (${corp}, ${log}, ${checkpoint.epoch}, ${checkpoint.size}, ${checkpoint.root}, ${checkpoint.note},
      ${new Date(checkpoint.sealedAt)})`.execute(tx)
}

export async function newestCheckpoint(db: Db, corp: number, log: LogId): Promise<StoredCheckpoint | null> {
  const { rows } = await sql<StoredCheckpoint>`
    SELECT epoch, size, root, note, (extract(epoch FROM sealed_at) * 1000)::bigint AS "sealedAt" FROM checkpoint
    WHERE corp_id = ${corp} AND log_id = ${log} ORDER BY epoch DESC, size DESC LIMIT 1
  `.execute(db)
  return rows[0] ?? null
}

/** Checkpoints from `fromSize` on, in order: verify compares each with the tree it recomputes. */
export async function checkpointsFrom(
  db: Db,
  corp: number,
  log: LogId,
  fromSize: number,
  toSize: number,
): Promise<StoredCheckpoint[]> {
  const { rows } = await sql<StoredCheckpoint>`
    SELECT epoch, size, root, note, (extract(epoch FROM sealed_at) * 1000)::bigint AS "sealedAt" FROM checkpoint
    WHERE corp_id = ${corp} AND log_id = ${log} AND size > ${fromSize} AND size <= ${toSize} ORDER BY epoch, size
  `.execute(db)
  return rows
}

/** The epoch in which a leaf of this index was sealed. As a value, so that the key's order (epoch, idx) can be used. */
function epochAt(corp: number, log: LogId, idx: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(SELECT coalesce(max(e.epoch), 0) FROM ledger_epoch e
    WHERE e.corp_id = ${corp} AND e.log_id = ${log} AND e.first_idx <= ${idx})`
}

export async function checkpointAt(
  db: Db,
  corp: number,
  log: LogId,
  size: number,
): Promise<StoredCheckpoint | null> {
  const [found] = await checkpointsFrom(db, corp, log, size - 1, size)
  return found ?? null
}

/** Checkpoints of this log, or of no log, at a size it does not have: `log_id size`. */
export async function strayCheckpoints(
  db: Db,
  corp: number,
  log: LogId,
  size: number,
  within: RawBuilder<unknown>,
): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    SELECT log_id || ' ' || size AS name FROM checkpoint WHERE (corp_id, log_id) NOT IN ((${corp}, 'archive'), (${corp}, 'trail'))
      OR (corp_id = ${corp} AND log_id = ${log} AND (size < 1 OR size > ${size} OR NOT (${within}))) LIMIT 20`.execute(
    db,
  )
  return rows.map(row => row.name)
}

export async function leavesFrom(
  db: Db,
  corp: number,
  log: LogId,
  from: number,
  limit: number,
): Promise<StoredLeaf[]> {
  const { rows } = await sql<StoredLeaf>`
    SELECT idx, kind, record_hash AS "recordHash", conv_id::text AS conv,
      ((extract(epoch FROM sent_at) * 1000000)::bigint)::text AS "sentAt", ref
    FROM leaf WHERE corp_id = ${corp} AND log_id = ${log} AND (epoch, idx) >= (${epochAt(corp, log, sql`${from}::bigint`)}, ${from}::bigint)
    ORDER BY epoch, idx LIMIT ${limit}
  `.execute(db)
  return rows
}

/** Leaves at these indexes; absent where there is none. */
export async function leavesAt(
  db: Db,
  corp: number,
  log: LogId,
  indexes: readonly number[],
): Promise<Map<number, StoredLeaf>> {
  const { rows } = await sql<StoredLeaf>`
    SELECT l.idx, kind, record_hash AS "recordHash", conv_id::text AS conv,
      ((extract(epoch FROM sent_at) * 1000000)::bigint)::text AS "sentAt", ref
    FROM unnest(${indexes}::bigint[]) AS w (idx)
    JOIN leaf l ON l.corp_id = ${corp} AND l.log_id = ${log} AND l.idx = w.idx
      AND l.epoch = ${epochAt(corp, log, sql`w.idx`)}
  `.execute(db)
  return new Map(rows.map(row => [row.idx, row]))
}

/** A leaf with its index, by the caller who holds the log's lock. */
export async function insertLeaf(
  tx: Tx,
  corp: number,
  log: LogId,
  epoch: number,
  leaf: Pick<StoredLeaf, 'idx' | 'kind' | 'recordHash' | 'ref'>,
): Promise<void> {
  await sql`INSERT INTO leaf (corp_id, log_id, epoch, idx, kind, record_hash, conv_id, sent_at, ref)
    VALUES (${corp}, ${log}, ${epoch}, ${leaf.idx}, ${leaf.kind}, ${leaf.recordHash}, 0, timestamptz 'epoch', ${leaf.ref})`.execute(
    tx,
  )
}

export async function countPending(db: Db, corp: number, log: LogId): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*) AS n FROM leaf_pending WHERE corp_id = ${corp} AND log_id = ${log}`.execute(db)
  return rows[0]?.n ?? 0
}
