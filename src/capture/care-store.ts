import { type Db, sql, type Tx } from '../base/index.ts'

/** This folder's SQL for what is known about capture itself: outages, marks, key versions, re-pulls, seats. */

const when = (ms: number): string => new Date(ms).toISOString()

export type Outage = { beganAt: number; endedAt: number | null; level: 'm15' | 'h6' | 'h72' }

export async function selectOpenOutage(
  db: Db,
  corp: number,
  source: string,
): Promise<{ beganAt: number; level: string } | null> {
  const { rows } = await sql<{ beganAt: number; level: string }>`
    SELECT (extract(epoch FROM began_at) * 1000)::bigint AS "beganAt", level FROM capture_outage
    WHERE corp_id = ${corp} AND source = ${source} AND ended_at IS NULL ORDER BY began_at DESC LIMIT 1`.execute(
    db,
  )
  return rows[0] ?? null
}
export async function openOutage(
  tx: Tx,
  corp: number,
  source: string,
  began: number,
  level: string,
): Promise<void> {
  await sql`INSERT INTO capture_outage (corp_id, source, began_at, level) VALUES (${corp}, ${source}, ${when(began)}::timestamptz, ${level})
    ON CONFLICT (corp_id, source, began_at) DO UPDATE SET level = excluded.level, ended_at = NULL`.execute(tx)
}
export async function raiseOutage(tx: Tx, corp: number, source: string, level: string): Promise<void> {
  await sql`UPDATE capture_outage SET level = ${level} WHERE corp_id = ${corp} AND source = ${source} AND ended_at IS NULL`.execute(
    tx,
  )
}
export async function closeOutage(tx: Tx, corp: number, source: string, at: number): Promise<void> {
  await sql`UPDATE capture_outage SET ended_at = ${when(at)}::timestamptz
    WHERE corp_id = ${corp} AND source = ${source} AND ended_at IS NULL`.execute(tx)
}

/**
 * The source answers again: when the last answer is longer ago than the first line, the silence goes on record, also
 * when nothing of ours ran meanwhile and nobody could watch. What the watch has opened, it closes.
 */
export async function noteReturn(db: Db, corp: number, source: string): Promise<void> {
  await sql`
    INSERT INTO capture_outage (corp_id, source, began_at, ended_at, level)
    SELECT corp_id, source, date_trunc('milliseconds', pulled_at + interval '500 microseconds'), clock_timestamp(),
      CASE WHEN pulled_at < clock_timestamp() - interval '72 hours' THEN 'h72'
        WHEN pulled_at < clock_timestamp() - interval '6 hours' THEN 'h6' ELSE 'm15' END
    FROM capture_cursor WHERE corp_id = ${corp} AND source = ${source} AND pulled_at < clock_timestamp() - interval '15 minutes'
    ON CONFLICT (corp_id, source, began_at) DO NOTHING
  `.execute(db)
}

/** Records of a page by the version of the key they were encrypted for. */
export async function countKeys(
  tx: Tx,
  corp: number,
  source: string,
  day: string,
  counts: Map<number, number>,
): Promise<void> {
  // In order of the key, so that two processes cannot wait for each other.
  for (const [version, records] of [...counts].sort(([a], [b]) => a - b)) {
    await sql`INSERT INTO capture_key_count (corp_id, source, day, version, records) VALUES (${corp}, ${source}, ${day}::date, ${version}, ${records})
      ON CONFLICT (corp_id, source, day, version) DO UPDATE SET records = capture_key_count.records + excluded.records`.execute(
      tx,
    )
  }
}

/** Remember that everything up to the cursor is captured by now; marks older than a month serve nobody. */
export async function markCursor(db: Db, corp: number, source: string, at: number): Promise<void> {
  await sql`INSERT INTO capture_mark (corp_id, source, at, seq)
    SELECT corp_id, source, ${when(at)}::timestamptz, seq FROM capture_cursor
    WHERE corp_id = ${corp} AND source = ${source} AND pulled_at IS NOT NULL ON CONFLICT DO NOTHING`.execute(
    db,
  )
  await sql`DELETE FROM capture_mark WHERE corp_id = ${corp} AND source = ${source}
    AND at < ${when(at - 30 * 86_400_000)}::timestamptz`.execute(db)
}

/** The newest seq known to be captured before `at`; 0 asks for all that WeCom still has. */
export async function markBefore(db: Db, corp: number, source: string, at: number): Promise<number> {
  const { rows } = await sql<{ seq: number }>`SELECT seq FROM capture_mark
    WHERE corp_id = ${corp} AND source = ${source} AND at <= ${when(at)}::timestamptz ORDER BY at DESC LIMIT 1`.execute(
    db,
  )
  return rows[0]?.seq ?? 0
}

/** Which of these records are neither archived nor in quarantine, by their msgid or their seq. */
export async function selectUnknown(
  db: Db,
  corp: number,
  records: { seq: number; msgid: string }[],
): Promise<Set<number>> {
  const { rows } = await sql<{ seq: number }>`
    SELECT r.seq FROM unnest(${records.map(r => r.seq)}::bigint[], ${records.map(r => r.msgid)}::text[]) AS r (seq, msgid)
    WHERE NOT EXISTS (SELECT FROM message m WHERE m.corp_id = ${corp} AND m.src_msgid = r.msgid)
      AND NOT EXISTS (SELECT FROM quarantine q WHERE q.corp_id = ${corp} AND (q.seq = r.seq OR q.src_msgid = r.msgid))
  `.execute(db)
  return new Set(rows.map(row => row.seq))
}

export type Repull = {
  id: string
  startedAt: number
  endedAt: number | null
  askedBy: string
  fromSeq: number
  toSeq: number
  records: number
  late: number
  quarantined: number
  trouble: string | null
}

export async function beginRepull(
  db: Db,
  corp: number,
  source: string,
  run: Pick<Repull, 'id' | 'startedAt' | 'askedBy' | 'fromSeq' | 'toSeq'>,
): Promise<void> {
  await sql`INSERT INTO capture_repull (corp_id, id, source, asked_by, from_seq, to_seq, started_at)
    VALUES (${corp}, ${run.id}, ${source}, ${run.askedBy}, ${run.fromSeq}, ${run.toSeq}, ${when(run.startedAt)}::timestamptz)`.execute(
    db,
  )
}

/** Of the messages found late, this many are named; their number is kept whatever it is. */
const NAMED = 10_000

export async function addToRepull(
  tx: Tx,
  corp: number,
  id: string,
  more: { records: number; late: string[]; quarantined: number },
): Promise<void> {
  await sql`UPDATE capture_repull SET records = records + ${more.records}, late = late + ${more.late.length},
      quarantined = quarantined + ${more.quarantined}, late_msgids = (late_msgids || ${more.late}::text[])[1:${NAMED}]
    WHERE corp_id = ${corp} AND id = ${id}`.execute(tx)
}
export async function endRepull(
  tx: Tx,
  corp: number,
  id: string,
  end: { at: number; trouble: string | null },
): Promise<void> {
  await sql`UPDATE capture_repull SET ended_at = ${when(end.at)}::timestamptz, trouble = ${end.trouble}
    WHERE corp_id = ${corp} AND id = ${id}`.execute(tx)
}

const REPULL = sql`id::text, (extract(epoch FROM started_at) * 1000)::bigint AS "startedAt",
  (extract(epoch FROM ended_at) * 1000)::bigint AS "endedAt", asked_by AS "askedBy", from_seq AS "fromSeq", to_seq AS "toSeq",
  records, late, quarantined, trouble`

export async function newestRepull(db: Db, corp: number, source: string): Promise<Repull | null> {
  const { rows } =
    await sql<Repull>`SELECT ${REPULL} FROM capture_repull WHERE corp_id = ${corp} AND source = ${source}
    ORDER BY started_at DESC LIMIT 1`.execute(db)
  return rows[0] ?? null
}
export async function repullById(db: Db, corp: number, id: string): Promise<Repull | null> {
  const { rows } =
    await sql<Repull>`SELECT ${REPULL} FROM capture_repull WHERE corp_id = ${corp} AND id = ${id}`.execute(db)
  return rows[0] ?? null
}
/** Complete re-pulls that began after this moment. */
export async function repullsSince(db: Db, corp: number, source: string, since: number): Promise<Repull[]> {
  const { rows } =
    await sql<Repull>`SELECT ${REPULL} FROM capture_repull WHERE corp_id = ${corp} AND source = ${source}
    AND started_at >= ${when(since)}::timestamptz AND ended_at IS NOT NULL AND trouble IS NULL ORDER BY started_at`.execute(
      db,
    )
  return rows
}

export async function insertSeats(
  db: Db,
  corp: number,
  day: string,
  at: number,
  userids: string[],
): Promise<void> {
  await sql`INSERT INTO capture_seats (corp_id, day, taken_at, userids) VALUES (${corp}, ${day}::date, ${when(at)}::timestamptz, ${userids}::text[])
    ON CONFLICT DO NOTHING`.execute(db)
}
export async function selectSeats(db: Db, corp: number, day: string): Promise<string[] | null> {
  const { rows } = await sql<{
    userids: string[]
  }>`SELECT userids FROM capture_seats WHERE corp_id = ${corp} AND day = ${day}::date
    ORDER BY taken_at DESC LIMIT 1`.execute(db)
  return rows[0]?.userids ?? null
}
