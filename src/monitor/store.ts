import type { MessageKey } from '../archive/index.ts'
import { type Db, now, sql, type Tx } from '../base/index.ts'
import type { Severity } from './contract.ts'

export type HitInsert = {
  key: MessageKey
  rule: string
  ruleVersion: string
  part: string
  start: number
  end: number
  category: string
  severity: Severity
  verdict: string
  audience: string
  path: string[]
  /** Null: the hit is older than the keeping of grounds. */
  grounds: string[] | null
  /** See hit-reading.ts; null when the words were read as they stand. */
  sealed: Buffer | null
}
export type AlertInsert = {
  id: string
  key: MessageKey
  severity: Severity
  rules: string[]
  staff: string
  counterpart: string
  room: boolean
  raisedAt: number
  /** The behaviour rule it comes of; absent for what the words of one message raised. */
  behaviour?: string
}
export type StoredHit = HitInsert
export type StoredAlert = AlertInsert

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** Text arrays inside unnest travel as JSON: unnest flattens arrays of arrays. */
export async function insertHits(tx: Tx, corp: number, hits: HitInsert[]): Promise<void> {
  await sql`
    INSERT INTO hit (corp_id, conv_id, sent_at, src_msgid, rule, rule_version, part, start_at, end_at, category, severity,
      verdict, audience, path, grounds, reading_sealed, detected_at)
    SELECT ${corp}::smallint, conv, sent, msgid, rule, version, part, start_at, end_at, category, severity, verdict, audience,
      ARRAY(SELECT jsonb_array_elements_text(path)),
      CASE WHEN jsonb_typeof(grounds) = 'array' THEN ARRAY(SELECT jsonb_array_elements_text(grounds)) END, sealed,
      ${iso(now())}::timestamptz
    FROM unnest(${hits.map(h => h.key.convId)}::bigint[], ${hits.map(h => iso(h.key.sentAt))}::timestamptz[],
      ${hits.map(h => h.key.msgid)}::text[], ${hits.map(h => h.rule)}::text[], ${hits.map(h => h.ruleVersion)}::text[],
      ${hits.map(h => h.part)}::text[], ${hits.map(h => h.start)}::int[], ${hits.map(h => h.end)}::int[],
      ${hits.map(h => h.category)}::text[], ${hits.map(h => h.severity)}::text[], ${hits.map(h => h.verdict)}::text[],
      ${hits.map(h => h.audience)}::text[], ${hits.map(h => JSON.stringify(h.path))}::jsonb[],
      ${hits.map(h => JSON.stringify(h.grounds))}::jsonb[], ${hits.map(h => h.sealed)}::bytea[])
      AS t (conv, sent, msgid, rule, version, part, start_at, end_at, category, severity, verdict, audience, path, grounds, sealed)
    ON CONFLICT DO NOTHING
  `.execute(tx)
}

/** Insert what is new; the ids of it. */
export async function insertAlerts(tx: Tx, corp: number, alerts: AlertInsert[]): Promise<string[]> {
  if (alerts.length === 0) return []
  const { rows } = await sql<{ id: string }>`
    INSERT INTO alert (corp_id, id, conv_id, sent_at, src_msgid, severity, rules, staff, counterpart, room, raised_at, behaviour)
    SELECT ${corp}::smallint, id, conv, sent, msgid, severity, ARRAY(SELECT jsonb_array_elements_text(rules)), staff, counterpart, room, raised, behaviour
    FROM unnest(${alerts.map(a => a.id)}::uuid[], ${alerts.map(a => a.key.convId)}::bigint[],
      ${alerts.map(a => iso(a.key.sentAt))}::timestamptz[], ${alerts.map(a => a.key.msgid)}::text[],
      ${alerts.map(a => a.severity)}::text[], ${alerts.map(a => JSON.stringify(a.rules))}::jsonb[],
      ${alerts.map(a => a.staff)}::text[], ${alerts.map(a => a.counterpart)}::text[], ${alerts.map(a => a.room)}::boolean[],
      ${alerts.map(a => iso(a.raisedAt))}::timestamptz[], ${alerts.map(a => a.behaviour ?? '')}::text[])
      AS t (id, conv, sent, msgid, severity, rules, staff, counterpart, room, raised, behaviour)
    ON CONFLICT DO NOTHING RETURNING id::text
  `.execute(tx)
  return rows.map(row => row.id)
}

const ALERT_COLUMNS = sql`id::text, jsonb_build_object('convId', conv_id::text, 'sentAt', (extract(epoch FROM sent_at) * 1000)::bigint,
  'msgid', src_msgid) AS key, severity, rules, staff, counterpart, room, (extract(epoch FROM raised_at) * 1000)::bigint AS "raisedAt"`

export async function selectAlerts(db: Db, corp: number, ids: string[]): Promise<StoredAlert[]> {
  const { rows } = await sql<StoredAlert>`
    SELECT ${ALERT_COLUMNS} FROM alert WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])
  `.execute(db)
  return rows
}

export async function countAlertsAmong(db: Db, corp: number, keys: MessageKey[]): Promise<number> {
  const { rows } = await sql<{ n: number }>`
    SELECT count(*) AS n FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => iso(k.sentAt))}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
    CROSS JOIN LATERAL (SELECT id FROM alert a WHERE a.corp_id = ${corp} AND a.conv_id = k.conv AND a.sent_at = k.sent
      AND a.src_msgid = k.msgid AND a.behaviour = '' OFFSET 0) a
  `.execute(db)
  return rows[0]?.n ?? 0
}

const HIT_COLUMNS = sql`jsonb_build_object('convId', h.conv_id::text, 'sentAt', (extract(epoch FROM h.sent_at) * 1000)::bigint,
  'msgid', h.src_msgid) AS key, h.rule, h.rule_version AS "ruleVersion", h.part, h.start_at AS start, h.end_at AS "end", h.category,
  h.severity, h.verdict, h.audience, h.path, h.grounds, h.reading_sealed AS sealed`

/** Hits of one conversation between two moments. */
export async function selectHitsBetween(
  db: Db,
  corp: number,
  convId: string,
  from: number,
  to: number,
): Promise<StoredHit[]> {
  const { rows } = await sql<StoredHit>`
    SELECT ${HIT_COLUMNS} FROM hit h WHERE h.corp_id = ${corp} AND h.conv_id = ${convId}::bigint
      AND h.sent_at BETWEEN ${iso(from)}::timestamptz AND ${iso(to)}::timestamptz ORDER BY h.sent_at, h.start_at
  `.execute(db)
  return rows
}

export async function selectHitsOf(db: Db, corp: number, keys: MessageKey[]): Promise<StoredHit[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<StoredHit>`
    SELECT ${HIT_COLUMNS} FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => iso(k.sentAt))}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
    CROSS JOIN LATERAL (SELECT * FROM hit x WHERE x.corp_id = ${corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
      AND x.src_msgid = k.msgid OFFSET 0) h
    ORDER BY h.sent_at, h.start_at
  `.execute(db)
  return rows
}

export type AtRisk = {
  convId: string
  category: string
  audience: string
  hits: number
  last: MessageKey
}
const MOST_AT_RISK = 2000

/** High-risk words of staff and signals of customers since a moment, by conversation and category. */
export async function selectAtRisk(db: Db, corp: number, since: number): Promise<AtRisk[]> {
  const { rows } = await sql<AtRisk>`
    SELECT conv_id::text AS "convId", category, audience, count(DISTINCT src_msgid)::int AS hits,
      (array_agg(jsonb_build_object('convId', conv_id::text, 'sentAt', (extract(epoch FROM sent_at) * 1000)::bigint, 'msgid', src_msgid)
        ORDER BY sent_at DESC, src_msgid DESC))[1] AS last
    FROM hit WHERE corp_id = ${corp} AND sent_at > ${iso(since)}::timestamptz AND (verdict = 'high_risk' OR audience = 'customer')
      AND part NOT LIKE '%#quote' GROUP BY conv_id, category, audience ORDER BY max(sent_at) DESC LIMIT ${MOST_AT_RISK}`.execute(
    db,
  )
  return rows
}

/** Every message alerted for its words, for the demo's score. */
export async function alertedAll(db: Db, corp: number): Promise<string[]> {
  const { rows } = await sql<{
    msgid: string
  }>`SELECT src_msgid AS msgid FROM alert WHERE corp_id = ${corp} AND behaviour = ''`.execute(db)
  return rows.map(row => row.msgid)
}
