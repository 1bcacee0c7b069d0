import type { RawBuilder } from 'kysely'
import { type Db, sql, type Tx } from '../base/index.ts'
import type { LogId } from './store.ts'

/**
 * Where a log goes on after a restore: leaves `databaseSize` up to `first` - 1 are outside as hashes and in the database
 * no more; leaf `first` is the hash of this seam, and opens the epoch.
 */
export type Seam = {
  epoch: number
  first: number
  databaseSize: number
  databaseRoot: Buffer
  /** The signed checkpoint that stood outside, of `first` leaves. */
  outsideNote: string
  reason: string
  by: string
  at: number
}

export async function insertSeam(tx: Tx, corp: number, log: LogId, seam: Seam): Promise<void> {
  await sql`
    INSERT INTO ledger_epoch (corp_id, log_id, epoch, first_idx, database_size, database_root, outside_note, reason, opened_by, opened_at)
    VALUES (${corp}, ${log}, ${seam.epoch}, ${seam.first}, ${seam.databaseSize}, ${seam.databaseRoot}, ${seam.outsideNote},
      ${seam.reason}, ${seam.by}, ${new Date(seam.at)})`.execute(tx)
}

/** In the order of epochs. */
export async function selectSeams(db: Db, corp: number, log: LogId): Promise<Seam[]> {
  const { rows } = await sql<Seam>`
    SELECT epoch, first_idx AS first, database_size AS "databaseSize", database_root AS "databaseRoot",
      outside_note AS "outsideNote", reason, opened_by AS by, (extract(epoch FROM opened_at) * 1000)::bigint AS at
    FROM ledger_epoch WHERE corp_id = ${corp} AND log_id = ${log} ORDER BY epoch
  `.execute(db)
  return rows
}

/** Leaves `from` up to `to` - 1 of the database, which were sealed in this epoch. */
export type Segment = { epoch: number; from: number; to: number }

/** What the database still holds after all restores: each seam cuts off what it says was lost. */
export function segmentsOf(seams: readonly Seam[]): Segment[] {
  let segments: Segment[] = [{ epoch: 0, from: 0, to: Number.POSITIVE_INFINITY }]
  for (const { epoch, first, databaseSize } of seams) {
    segments = segments
      .filter(segment => segment.from < databaseSize)
      .map(segment => ({ ...segment, to: Math.min(segment.to, databaseSize) }))
    segments.push({ epoch, from: first, to: Number.POSITIVE_INFINITY })
  }
  return segments
}

/** Rows of `leaf` outside these segments: another epoch, another log, a negative index, a hole that was filled. */
export async function strayLeaves(
  db: Db,
  corp: number,
  log: LogId,
  segments: readonly Segment[],
): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM leaf WHERE (corp_id, log_id) NOT IN ((${corp}, 'archive'), (${corp}, 'trail'))
      OR (corp_id = ${corp} AND log_id = ${log} AND NOT (${inSegments(segments, sql`idx`)}))
  `.execute(db)
  return rows[0]?.n ?? 0
}

/** Whether a row of this epoch belongs where its last (or only) leaf, of index `idx`, stands. */
export function inSegments(segments: readonly Segment[], idx: RawBuilder<unknown>): RawBuilder<unknown> {
  const within = segments.map(({ epoch, from, to }) => {
    const end = Number.isFinite(to) ? sql`AND ${idx} < ${to}` : sql``
    return sql`(epoch = ${epoch} AND ${idx} >= ${from} ${end})`
  })
  return sql.join(within, sql` OR `)
}
