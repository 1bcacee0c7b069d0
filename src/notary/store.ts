import { createHash } from 'node:crypto'
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
    FROM leaf WHERE corp_id = ${corp} AND log_id = ${log} AND epoch = 0 AND idx >= ${from} ORDER BY idx LIMIT ${limit}
  `.execute(db)
  return rows
}

export async function countPending(db: Db, corp: number, log: LogId): Promise<number> {
  const { rows } = await sql<{
    n: number
  }>`SELECT count(*) AS n FROM leaf_pending WHERE corp_id = ${corp} AND log_id = ${log}`.execute(db)
  return rows[0]?.n ?? 0
}

/** Rows of `leaf` outside the one contiguous run: another epoch, another log, a negative index. */
export async function strayLeaves(db: Db, corp: number, log: LogId): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM leaf WHERE (corp_id, log_id) NOT IN ((${corp}, 'archive'), (${corp}, 'trail'))
      OR (corp_id = ${corp} AND log_id = ${log} AND (epoch <> 0 OR idx < 0))
  `.execute(db)
  return rows[0]?.n ?? 0
}
