import type { MessageKey, Span } from '../../archive/index.ts'
import { type Db, now, sql, type Tx } from '../../base/index.ts'
import type { Severity } from '../contract.ts'
import type { BacktestSummary, BacktestView } from './contract.ts'

/** This room's SQL for backtests, their chunks and what they predict. */

export type BacktestRow = {
  id: string
  draft: string
  file: string
  hash: string
  /** Versions of the whole set: as in force, and as it would be. */
  before: string
  after: string
  days: number | null
  epoch: number
  size: number
  since: number | null
  fixedAt: number
  messages: number
  by: string
  state: BacktestView['state']
  startedAt: number | null
  endedAt: number | null
  problem: string | null
  summary: BacktestSummary | null
}
const COLUMNS = sql`id::text, draft_id::text AS draft, file, text_hash AS hash, before_version AS before, after_version AS after, days, epoch, size,
  (extract(epoch FROM since) * 1000)::bigint AS since, (extract(epoch FROM fixed_at) * 1000)::bigint AS "fixedAt", messages, asked_by AS by, state,
  (extract(epoch FROM started_at) * 1000)::bigint AS "startedAt", (extract(epoch FROM ended_at) * 1000)::bigint AS "endedAt", problem, summary`

export async function selectBacktest(db: Db, corp: number, id: string): Promise<BacktestRow | null> {
  const { rows } =
    await sql<BacktestRow>`SELECT ${COLUMNS} FROM backtest WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(
      db,
    )
  return rows[0] ?? null
}

export async function newestBacktest(db: Db, corp: number, draft: string): Promise<BacktestRow | null> {
  const { rows } =
    await sql<BacktestRow>`SELECT ${COLUMNS} FROM backtest WHERE corp_id = ${corp} AND draft_id = ${draft}::uuid
    ORDER BY fixed_at DESC, id DESC LIMIT 1`.execute(db)
  return rows[0] ?? null
}

export async function insertBacktest(tx: Tx, corp: number, row: BacktestRow): Promise<void> {
  await sql`INSERT INTO backtest (corp_id, id, draft_id, file, text_hash, before_version, after_version, days, epoch, size, since, fixed_at,
      messages, asked_by, state)
    VALUES (${corp}, ${row.id}, ${row.draft}, ${row.file}, ${row.hash}, ${row.before}, ${row.after}, ${row.days}, ${row.epoch}, ${row.size},
      ${row.since === null ? null : new Date(row.since)}, ${new Date(row.fixedAt)}, ${row.messages}, ${row.by}, ${row.state})`.execute(
    tx,
  )
}

/** Forward only: what was cancelled or has ended stays so. True when it moved. */
export async function moveBacktest(
  db: Db,
  corp: number,
  id: string,
  to: BacktestRow['state'],
  more: { summary?: BacktestSummary; problem?: string } = {},
): Promise<boolean> {
  const at = new Date(now())
  const { numAffectedRows } = await sql`UPDATE backtest SET state = ${to},
      started_at = CASE WHEN ${to} = 'running' THEN coalesce(started_at, ${at}) ELSE started_at END,
      ended_at = CASE WHEN ${to} IN ('done', 'cancelled', 'failed') THEN ${at}::timestamptz END,
      summary = coalesce(${more.summary ? JSON.stringify(more.summary) : null}::jsonb, summary), problem = ${more.problem ?? null}
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND state IN ('waiting', 'running')`.execute(db)
  return Number(numAffectedRows ?? 0) === 1
}

export type ChunkCounts = {
  messages: number
  /** Alerted messages by the changed rules, and hits of them: before and after. */
  alerts: [number, number]
  hits: [number, number]
  byRule: Record<string, [number, number]>
  /** Where the time went: ms of CPU of the thread. */
  ms: { read: number; judge: number }
}
export type Chunk = Span & { n: number }

export async function insertChunks(
  tx: Tx,
  corp: number,
  id: string,
  spans: Span[],
  messages: number,
): Promise<void> {
  const iso = (ms: number): string => new Date(ms).toISOString()
  await sql`INSERT INTO backtest_chunk (corp_id, backtest_id, n, from_at, until_at)
    SELECT ${corp}::smallint, ${id}::uuid, n - 1, f, u FROM unnest(${spans.map(s => iso(s.from))}::timestamptz[],
      ${spans.map(s => iso(s.until))}::timestamptz[]) WITH ORDINALITY AS t (f, u, n) ON CONFLICT DO NOTHING`.execute(
    tx,
  )
  await sql`UPDATE backtest SET messages = ${messages} WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(
    tx,
  )
}

export async function selectChunks(
  db: Db,
  corp: number,
  id: string,
  waiting: 'done_at' | 'applied_at',
): Promise<{ all: number; left: Chunk[] }> {
  const { rows } = await sql<Chunk & { all: number; open: boolean }>`
    SELECT n, (extract(epoch FROM from_at) * 1000)::bigint AS "from", (extract(epoch FROM until_at) * 1000)::bigint AS until,
      ${sql.ref(waiting)} IS NULL AS open FROM backtest_chunk WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid ORDER BY n`.execute(
    db,
  )
  return {
    all: rows.length,
    left: rows.filter(row => row.open).map(({ n, from, until }) => ({ n, from, until })),
  }
}

export type Predicted = {
  key: MessageKey
  severity: Severity
  rules: string[]
  staff: string
  change: 'new' | 'both' | 'gone'
}

/** A chunk and what it predicts stand together: after a crash it is done, or it is not. */
export async function settleChunk(
  tx: Tx,
  corp: number,
  id: string,
  n: number,
  counts: ChunkCounts,
  rows: Predicted[],
): Promise<void> {
  const each = <T>(field: (row: Predicted) => T): T[] => rows.map(field)
  if (rows.length > 0)
    await sql`INSERT INTO backtest_alert (corp_id, backtest_id, conv_id, sent_at, src_msgid, severity, rules, staff, change)
      SELECT ${corp}::smallint, ${id}::uuid, conv, sent, msgid, severity, ARRAY(SELECT jsonb_array_elements_text(rules)), staff, change
      FROM unnest(${each(r => r.key.convId)}::bigint[], ${each(r => new Date(r.key.sentAt).toISOString())}::timestamptz[],
        ${each(r => r.key.msgid)}::text[], ${each(r => r.severity)}::text[], ${each(r => JSON.stringify(r.rules))}::jsonb[],
        ${each(r => r.staff)}::text[], ${each(r => r.change)}::text[]) AS t (conv, sent, msgid, severity, rules, staff, change)
      ON CONFLICT DO NOTHING`.execute(tx)
  await sql`UPDATE backtest_chunk SET counts = ${JSON.stringify(counts)}::jsonb, done_at = ${new Date(now())}
    WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid AND n = ${n}`.execute(tx)
}

export async function progressOf(
  db: Db,
  corp: number,
  id: string,
): Promise<{ chunks: number; done: number; applied: number }> {
  const { rows } = await sql<{
    chunks: number
    done: number
    applied: number
  }>`SELECT count(*) AS chunks, count(done_at) AS done,
    count(applied_at) AS applied FROM backtest_chunk WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid`.execute(
    db,
  )
  return rows[0] ?? { chunks: 0, done: 0, applied: 0 }
}

export async function selectCounts(db: Db, corp: number, id: string): Promise<ChunkCounts[]> {
  const { rows } = await sql<{ counts: ChunkCounts }>`SELECT counts FROM backtest_chunk
    WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid AND counts IS NOT NULL`.execute(db)
  return rows.map(row => row.counts)
}

/** All it predicts, as counts: by change, by staff, by day of the institution's zone. */
export async function tallyOf(db: Db, corp: number, id: string, zone: string) {
  const where = sql`corp_id = ${corp} AND backtest_id = ${id}::uuid`
  const changes = await sql<{ change: Predicted['change']; n: number; raised: number }>`
    SELECT b.change, count(*) AS n, count(a.id) AS raised FROM backtest_alert b LEFT JOIN alert a ON a.corp_id = b.corp_id
      AND a.conv_id = b.conv_id AND a.sent_at = b.sent_at AND a.src_msgid = b.src_msgid
    WHERE b.corp_id = ${corp} AND b.backtest_id = ${id}::uuid GROUP BY 1`.execute(db)
  const staff = await sql<{ staff: string; n: number }>`SELECT staff, count(*) AS n FROM backtest_alert
    WHERE ${where} AND change <> 'gone' GROUP BY 1`.execute(db)
  const days = await sql<{
    day: string
    n: number
  }>`SELECT (sent_at AT TIME ZONE ${zone})::date::text AS day, count(*) AS n FROM backtest_alert
    WHERE ${where} AND change <> 'gone' GROUP BY 1 ORDER BY 1`.execute(db)
  return { changes: changes.rows, staff: staff.rows, days: days.rows }
}

/** First and last moment of its population, by its chunks' messages. */
export async function spanOfBacktest(
  db: Db,
  corp: number,
  row: BacktestRow,
): Promise<{ first: number; last: number }> {
  const { rows } = await sql<{ first: number | null; last: number | null }>`
    SELECT (extract(epoch FROM min(sent_at)) * 1000)::bigint AS first, (extract(epoch FROM max(sent_at)) * 1000)::bigint AS last FROM leaf
    WHERE corp_id = ${corp} AND log_id = 'archive' AND kind = 'message' AND epoch <= ${row.epoch} AND idx < ${row.size}
      AND sent_at > 'epoch' AND sent_at >= ${new Date(row.since ?? 0)}`.execute(db)
  return { first: rows[0]?.first ?? row.fixedAt, last: rows[0]?.last ?? row.fixedAt }
}

export async function selectPredicted(
  db: Db,
  corp: number,
  id: string,
  options: { change?: Predicted['change']; limit?: number } = {},
): Promise<Predicted[]> {
  const { change, limit } = options
  const { rows } = await sql<Predicted>`
    SELECT jsonb_build_object('convId', conv_id::text, 'sentAt', (extract(epoch FROM sent_at) * 1000)::bigint, 'msgid', src_msgid) AS key,
      severity, rules, staff, change FROM backtest_alert WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid
      ${change === undefined ? sql`` : sql`AND change = ${change}`} ORDER BY sent_at DESC, conv_id, src_msgid
      ${limit === undefined ? sql`` : sql`LIMIT ${limit}`}`.execute(db)
  return rows
}

/** Chunks in which nothing is predicted need no second reading. */
export async function markApplied(tx: Tx, corp: number, id: string, n: number): Promise<void> {
  await sql`UPDATE backtest_chunk SET applied_at = ${new Date(now())} WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid AND n = ${n}`.execute(
    tx,
  )
}

export type ApplicationRow = {
  file: string
  version: number
  by: string
  at: number
  endedAt: number | null
  raised: number
}
export async function insertApplication(
  tx: Tx,
  corp: number,
  id: string,
  row: ApplicationRow,
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`INSERT INTO rule_application (corp_id, backtest_id, file, version, asked_by, asked_at)
    VALUES (${corp}, ${id}::uuid, ${row.file}, ${row.version}, ${row.by}, ${new Date(row.at)}) ON CONFLICT DO NOTHING`.execute(
      tx,
    )
  return Number(numAffectedRows ?? 0) === 1
}
export async function selectApplication(db: Db, corp: number, id: string): Promise<ApplicationRow | null> {
  const { rows } =
    await sql<ApplicationRow>`SELECT file, version, asked_by AS by, (extract(epoch FROM asked_at) * 1000)::bigint AS at,
    (extract(epoch FROM ended_at) * 1000)::bigint AS "endedAt", raised FROM rule_application WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid`.execute(
      db,
    )
  return rows[0] ?? null
}
export async function addRaised(tx: Tx, corp: number, id: string, raised: number): Promise<void> {
  await sql`UPDATE rule_application SET raised = raised + ${raised} WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid`.execute(
    tx,
  )
}
export async function endApplication(tx: Tx, corp: number, id: string): Promise<void> {
  await sql`UPDATE rule_application SET ended_at = ${new Date(now())} WHERE corp_id = ${corp} AND backtest_id = ${id}::uuid`.execute(
    tx,
  )
}
