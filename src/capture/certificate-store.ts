import { type Db, sql, type Tx } from '../base/index.ts'
import type { Outage } from './care-store.ts'

/** What a certificate counts. `Day` is a local day as an interval of instants. */
export type Day = { corp: number; day: string; from: number; to: number }

const when = (ms: number): string => new Date(ms).toISOString()
const within = (d: Day) =>
  sql`m.corp_id = ${d.corp} AND m.sent_at >= ${when(d.from)}::timestamptz AND m.sent_at < ${when(d.to)}::timestamptz`

/** The instants at which a local day begins and ends, as the zone's rules have it. */
export async function boundsOf(db: Db, corp: number, day: string, zone: string): Promise<Day> {
  const { rows } = await sql<{ from: number; to: number }>`
    SELECT (extract(epoch FROM ${day}::date::timestamp AT TIME ZONE ${zone}) * 1000)::bigint AS from,
      (extract(epoch FROM (${day}::date + 1)::timestamp AT TIME ZONE ${zone}) * 1000)::bigint AS to`.execute(
    db,
  )
  const bounds = rows[0]
  if (!bounds) throw new Error('a day without bounds')
  return { corp, day, ...bounds }
}

type Counted = { name: string; n: number }

export async function countKinds(db: Db, d: Day): Promise<Counted[]> {
  return (
    await sql<Counted>`SELECT kind AS name, count(*) AS n FROM message m WHERE ${within(d)} GROUP BY 1 ORDER BY 1`.execute(
      db,
    )
  ).rows
}
export async function countSent(db: Db, d: Day): Promise<Counted[]> {
  return (
    await sql<Counted>`SELECT from_party AS name, count(*) AS n FROM message m WHERE ${within(d)} GROUP BY 1`.execute(
      db,
    )
  ).rows
}
export async function countReceived(db: Db, d: Day): Promise<Counted[]> {
  return (
    await sql<Counted>`SELECT p AS name, count(*) AS n FROM message m, jsonb_array_elements_text(m.meta -> 'to') p
      WHERE ${within(d)} GROUP BY 1`.execute(db)
  ).rows
}
export async function countMediaStates(db: Db, d: Day): Promise<Counted[]> {
  return (
    await sql<Counted>`SELECT state AS name, count(*) AS n FROM message_media m WHERE ${within(d)} GROUP BY 1 ORDER BY 1`.execute(
      db,
    )
  ).rows
}

/** seq of the day's messages as WeCom numbered them; gaps are by design, so only the ends and the number are told. */
export async function seqRange(
  db: Db,
  d: Day,
): Promise<{ first: number | null; last: number | null; numbered: number }> {
  const { rows } = await sql<{ first: number | null; last: number | null; numbered: number }>`
    SELECT min(seq) AS first, max(seq) AS last, count(seq) AS numbered FROM message m WHERE ${within(d)}`.execute(
    db,
  )
  return rows[0] ?? { first: null, last: null, numbered: 0 }
}

/** Captured on this day with a time that cannot be: in no day's count but this one's. */
export async function countUndated(db: Db, d: Day): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM message WHERE corp_id = ${d.corp}
    AND captured_at >= ${when(d.from)}::timestamptz AND captured_at < ${when(d.to)}::timestamptz
    AND (sent_at <= 'epoch' OR sent_at > captured_at + interval '1 day')`.execute(db)
  return rows[0]?.n ?? 0
}

export type QuarantineCount = { reason: string; waiting: number; resolved: number }
export async function countQuarantined(db: Db, d: Day): Promise<QuarantineCount[]> {
  const { rows } = await sql<QuarantineCount>`
    SELECT reason, count(*) FILTER (WHERE resolved_at IS NULL) AS waiting, count(*) FILTER (WHERE resolved_at IS NOT NULL) AS resolved
    FROM quarantine WHERE corp_id = ${d.corp} AND at >= ${when(d.from)}::timestamptz AND at < ${when(d.to)}::timestamptz
    GROUP BY reason ORDER BY reason`.execute(db)
  return rows
}

export async function keyVersions(
  db: Db,
  d: Day,
  source: string,
): Promise<{ version: number; records: number }[]> {
  const { rows } = await sql<{
    version: number
    records: number
  }>`SELECT version, records FROM capture_key_count
    WHERE corp_id = ${d.corp} AND source = ${source} AND day = ${d.day}::date ORDER BY version`.execute(db)
  return rows
}

export async function outagesOf(db: Db, d: Day, source: string): Promise<Outage[]> {
  const { rows } = await sql<Outage>`
    SELECT (extract(epoch FROM began_at) * 1000)::bigint AS "beganAt", (extract(epoch FROM ended_at) * 1000)::bigint AS "endedAt", level
    FROM capture_outage WHERE corp_id = ${d.corp} AND source = ${source} AND began_at < ${when(d.to)}::timestamptz
      AND coalesce(ended_at, 'infinity') > ${when(d.from)}::timestamptz ORDER BY began_at`.execute(db)
  return rows
}

/** Messages of this day that a re-pull found missing and archived. */
export async function countLate(db: Db, d: Day, source: string): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM message m WHERE ${within(d)} AND m.src_msgid IN (SELECT unnest(late_msgids) FROM capture_repull
      WHERE corp_id = ${d.corp} AND source = ${source} AND started_at >= ${when(d.from)}::timestamptz)`.execute(
    db,
  )
  return rows[0]?.n ?? 0
}

/** When WeCom was first followed here, and when anything was archived at all. */
export async function firstCapture(
  db: Db,
  corp: number,
): Promise<{ live: number | null; any: number | null }> {
  const { rows } = await sql<{ live: number | null; any: number | null }>`
    SELECT (extract(epoch FROM (SELECT captured_at FROM message WHERE corp_id = ${corp} AND source = 'wecom' ORDER BY captured_at LIMIT 1)) * 1000)::bigint AS live,
      (extract(epoch FROM (SELECT captured_at FROM message WHERE corp_id = ${corp} ORDER BY captured_at LIMIT 1)) * 1000)::bigint AS "any"`.execute(
    db,
  )
  return rows[0] ?? { live: null, any: null }
}

/** Members at work who are not in the list: WeCom archives nothing of theirs. */
export async function membersWithout(db: Db, corp: number, seats: string[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM employee
    WHERE corp_id = ${corp} AND status = 1 AND NOT userid = ANY(${seats}::text[])`.execute(db)
  return rows[0]?.n ?? 0
}

export type StoredCertificate = {
  day: string
  revision: number
  document: string
  facts: Buffer
  note: string
  issuedAt: number
}
const COLUMNS = sql`day::text, revision, document, facts, note, (extract(epoch FROM issued_at) * 1000)::bigint AS "issuedAt"`

export async function lockCertificates(tx: Tx, corp: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`tongjian certificates ${corp}`}, 0))`.execute(tx)
}
export async function insertCertificate(tx: Tx, corp: number, c: StoredCertificate): Promise<void> {
  await sql`INSERT INTO completeness_certificate (corp_id, day, revision, document, facts, note, issued_at)
    VALUES (${corp}, ${c.day}::date, ${c.revision}, ${c.document}, ${c.facts}, ${c.note}, ${when(c.issuedAt)}::timestamptz)`.execute(
    tx,
  )
}
export async function selectCertificate(
  db: Db,
  corp: number,
  day: string,
  revision: number | null,
): Promise<StoredCertificate | null> {
  const { rows } = await sql<StoredCertificate>`SELECT ${COLUMNS} FROM completeness_certificate
    WHERE corp_id = ${corp} AND day = ${day}::date AND (${revision}::int IS NULL OR revision = ${revision}::int)
    ORDER BY revision DESC LIMIT 1`.execute(db)
  return rows[0] ?? null
}
/** The newest revision of each of the last days, newest day first. */
export async function listCertificates(db: Db, corp: number, limit: number): Promise<StoredCertificate[]> {
  const { rows } =
    await sql<StoredCertificate>`SELECT DISTINCT ON (c.day) ${COLUMNS} FROM completeness_certificate c
    WHERE corp_id = ${corp} ORDER BY c.day DESC, c.revision DESC LIMIT ${limit}`.execute(db)
  return rows
}
export async function certificatesByRef(
  db: Db,
  corp: number,
  refs: string[],
): Promise<(StoredCertificate & { wholeMs: boolean })[]> {
  // PostgreSQL keeps microseconds, we write milliseconds: a change of one must show.
  const { rows } = await sql<StoredCertificate & { wholeMs: boolean }>`
    SELECT ${COLUMNS}, issued_at = date_trunc('milliseconds', issued_at) AS "wholeMs" FROM completeness_certificate
    WHERE corp_id = ${corp} AND day::text || '|' || revision = ANY(${refs}::text[])`.execute(db)
  return rows
}
export async function certificatesWithoutLeaf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ ref: string }>`
    SELECT day::text || '|' || revision AS ref FROM completeness_certificate c WHERE NOT EXISTS (SELECT FROM leaf f
        WHERE f.corp_id = c.corp_id AND f.log_id = 'archive' AND f.kind = 'certificate' AND f.ref = c.day::text || '|' || c.revision)
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = c.corp_id AND p.log_id = 'archive' AND p.kind = 'certificate'
        AND p.ref = c.day::text || '|' || c.revision) LIMIT 100`.execute(db)
  return rows.map(row => row.ref)
}
