import { type Db, epochMs, sql, type Tx } from '../../base/index.ts'
import type { LookVerdict } from './contract.ts'

/** SQL of reviewer quality. */

const when = (at: number): string => new Date(at).toISOString()

/** Something concluded that may be looked at again. */
export type Concluded = {
  sourceKind: 'alert' | 'unit'
  sourceId: string
  convId: string
  at: number
  staff: string
  departments: number[]
  by: string
  verdict: LookVerdict
}

/** Alerts and units concluded since then that nobody was given a second time. */
export async function concludedSince(db: Db, corp: number, since: number): Promise<Concluded[]> {
  const { rows } = await sql<Concluded>`
    WITH done AS (
      SELECT 'alert' AS kind, alert_id::text AS id, conv_id, sent_at AS at, staff, departments, decided_by AS by,
        CASE state WHEN 'violation' THEN 'violation' ELSE 'clean' END AS verdict
      FROM review WHERE corp_id = ${corp} AND state IN ('violation', 'false_positive') AND decided_at >= ${when(since)}::timestamptz
      UNION ALL
      SELECT 'unit', plan_id::text || '|' || unit, conv_id, first_at, staff, ARRAY[department], concluded_by,
        CASE state WHEN 'finding' THEN 'violation' ELSE 'clean' END
      FROM sample_unit WHERE corp_id = ${corp} AND state IN ('clean', 'finding') AND concluded_at >= ${when(since)}::timestamptz
    )
    SELECT kind AS "sourceKind", id AS "sourceId", conv_id::text AS "convId", ${epochMs('at')} AS at, staff, departments, by, verdict
    FROM done WHERE NOT EXISTS (SELECT FROM second_look s WHERE s.corp_id = ${corp} AND s.source_kind = done.kind AND s.source_id = done.id)
    ORDER BY id`.execute(db)
  return rows
}

export async function insertLook(
  tx: Tx,
  corp: number,
  look: Concluded & { id: string; kind: 'blind' | 'known'; assignedAt: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO second_look (corp_id, id, kind, source_kind, source_id, conv_id, at, staff, departments, first_by, first_verdict, assigned_at)
    VALUES (${corp}, ${look.id}, ${look.kind}, ${look.sourceKind}, ${look.sourceId}, ${look.convId}::bigint, ${when(look.at)}::timestamptz,
      ${look.staff}, ${look.departments}::int[], ${look.by}, ${look.verdict}, ${when(look.assignedAt)}::timestamptz)
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

export type Look = {
  id: string
  kind: 'blind' | 'known'
  convId: string
  at: number
  staff: string
  departments: number[]
  firstBy: string
  firstVerdict: LookVerdict
  assignedAt: number
  openedBy: string | null
  verdict: LookVerdict | null
  concludedBy: string | null
}
const LOOK = sql`id::text, kind, conv_id::text AS "convId", ${epochMs('at')} AS at, staff, departments, first_by AS "firstBy",
  first_verdict AS "firstVerdict", ${epochMs('assigned_at')} AS "assignedAt", opened_by AS "openedBy", verdict, concluded_by AS "concludedBy"`

export async function waitingLooks(db: Db, corp: number): Promise<Look[]> {
  const { rows } = await sql<Look>`SELECT ${LOOK} FROM second_look WHERE corp_id = ${corp} AND verdict IS NULL
    ORDER BY assigned_at, id LIMIT 200`.execute(db)
  return rows
}

export async function lockLook(tx: Tx, corp: number, id: string): Promise<Look | null> {
  const { rows } =
    await sql<Look>`SELECT ${LOOK} FROM second_look WHERE corp_id = ${corp} AND id::text = ${id} FOR UPDATE`.execute(
      tx,
    )
  return rows[0] ?? null
}

export async function markLookOpened(
  tx: Tx,
  corp: number,
  id: string,
  by: string,
  at: number,
): Promise<void> {
  await sql`UPDATE second_look SET opened_by = ${by}, opened_at = ${when(at)}::timestamptz
    WHERE corp_id = ${corp} AND id::text = ${id}`.execute(tx)
}

export async function markLookConcluded(
  tx: Tx,
  corp: number,
  done: { id: string; verdict: LookVerdict; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`UPDATE second_look SET verdict = ${done.verdict}, concluded_by = ${done.by}, concluded_at = ${when(done.at)}::timestamptz,
    note_sealed = ${done.sealed} WHERE corp_id = ${corp} AND id::text = ${done.id}`.execute(tx)
}

export async function concludedLooks(db: Db, corp: number, since: number): Promise<Look[]> {
  const { rows } =
    await sql<Look>`SELECT ${LOOK} FROM second_look WHERE corp_id = ${corp} AND verdict IS NOT NULL
    AND concluded_at >= ${when(since)}::timestamptz`.execute(db)
  return rows
}

/** A first conclusion, with what there was to read and since when he had it before him, where the row itself says so. */
export type Made = {
  kind: 'alert' | 'unit'
  id: string
  by: string
  at: number
  falsePositive: boolean
  openedAt: number | null
  messages: number
  convId: string
  sentAt: number
  msgid: string
}
const MOST = 20_000

export async function madeSince(db: Db, corp: number, since: number): Promise<Made[]> {
  const { rows } = await sql<Made>`
    SELECT 'alert' AS kind, d.alert_id::text AS id, d.decided_by AS by, ${epochMs('d.decided_at')} AS at,
      d.conclusion = 'false_positive' AS "falsePositive", NULL::bigint AS "openedAt", 1 AS messages, r.conv_id::text AS "convId",
      ${epochMs('r.sent_at')} AS "sentAt", r.src_msgid AS msgid
    FROM decision d JOIN review r ON r.corp_id = d.corp_id AND r.alert_id = d.alert_id
    WHERE d.corp_id = ${corp} AND d.decided_at >= ${when(since)}::timestamptz
    UNION ALL
    SELECT 'unit', unit, concluded_by, ${epochMs('concluded_at')}, false, ${epochMs('opened_at')}, messages, conv_id::text, ${epochMs('first_at')}, msgid
    FROM sample_unit WHERE corp_id = ${corp} AND concluded_at >= ${when(since)}::timestamptz
    ORDER BY 4 DESC LIMIT ${MOST}`.execute(db)
  return rows
}
