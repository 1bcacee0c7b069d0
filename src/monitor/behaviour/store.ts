import type { MessageKey } from '../../archive/index.ts'
import { type Db, now, sql, type Tx } from '../../base/index.ts'
import type { Severity } from '../contract.ts'
import type { StepName } from './contract.ts'
import type { Occurrence } from './heard.ts'
import type { Counted } from './window.ts'

const iso = (ms: number): string => new Date(ms).toISOString()
/** Of one group within one window: more than this says nothing new, and bounds what a process holds. */
const MOST = 5000

export type Noted = Occurrence & { dueAt: number | null }

/** Write down what is not there yet. */
export async function insertEvents(tx: Tx, corp: number, events: Noted[]): Promise<void> {
  if (events.length === 0) return
  const of = <T>(pick: (event: Noted) => T): T[] => events.map(pick)
  await sql`
    INSERT INTO behaviour_event (corp_id, conv_id, sent_at, src_msgid, rule, step, grp, staff, counterpart, room, noted_at, due_at)
    SELECT ${corp}::smallint, conv, sent, msgid, rule, step, grp, staff, counterpart, room, ${iso(now())}::timestamptz, due
    FROM unnest(${of(e => e.key.convId)}::bigint[], ${of(e => iso(e.key.sentAt))}::timestamptz[], ${of(e => e.key.msgid)}::text[],
      ${of(e => e.rule)}::text[], ${of(e => e.step)}::text[], ${of(e => e.group)}::text[], ${of(e => e.staff)}::text[],
      ${of(e => e.counterpart)}::text[], ${of(e => e.room)}::boolean[],
      ${of(e => (e.dueAt === null ? null : iso(e.dueAt)))}::timestamptz[])
      AS t (conv, sent, msgid, rule, step, grp, staff, counterpart, room, due)
    ON CONFLICT DO NOTHING`.execute(tx)
}

const EVENT = sql`jsonb_build_object('convId', e.conv_id::text, 'sentAt', (extract(epoch FROM e.sent_at) * 1000)::bigint,
  'msgid', e.src_msgid) AS key, e.rule, e.step, e.grp AS "group", e.staff, e.counterpart, e.room`

export type Reach = { rule: string; group: string; from: number; to: number }

/** Everything noted for these groups within these times, in one query. */
export async function selectAround(db: Db, corp: number, reaches: Reach[]): Promise<Occurrence[]> {
  if (reaches.length === 0) return []
  const { rows } = await sql<Occurrence>`
    SELECT e.* FROM unnest(${reaches.map(r => r.rule)}::text[], ${reaches.map(r => r.group)}::text[],
      ${reaches.map(r => iso(r.from))}::timestamptz[], ${reaches.map(r => iso(r.to))}::timestamptz[]) AS r (rule, grp, since, until)
    CROSS JOIN LATERAL (SELECT ${EVENT} FROM behaviour_event e WHERE e.corp_id = ${corp} AND e.rule = r.rule AND e.grp = r.grp
      AND e.sent_at BETWEEN r.since AND r.until ORDER BY e.sent_at LIMIT ${MOST}) e`.execute(db)
  return rows
}

/** Of these, what was found before, as `rule|group|bucket`. */
export async function selectSaid(
  db: Db,
  corp: number,
  named: { rule: string; group: string; bucket: string }[],
): Promise<Set<string>> {
  if (named.length === 0) return new Set()
  const { rows } = await sql<{ rule: string; grp: string; bucket: string }>`
    SELECT f.rule, f.grp, f.bucket FROM behaviour_finding f
    JOIN unnest(${named.map(n => n.rule)}::text[], ${named.map(n => n.group)}::text[], ${named.map(n => n.bucket)}::text[])
      AS t (rule, grp, bucket) ON f.rule = t.rule AND f.grp = t.grp AND f.bucket = t.bucket
    WHERE f.corp_id = ${corp}`.execute(db)
  return new Set(rows.map(row => `${row.rule}|${row.grp}|${row.bucket}`))
}

export type Waiting = Occurrence & { dueAt: number }

const WAITING = sql`${EVENT}, (extract(epoch FROM e.due_at) * 1000)::bigint AS "dueAt"`

/** What should have happened by now, noted before `noted`, earliest first. */
export async function selectDue(
  db: Db,
  corp: number,
  before: { due: number; noted: number },
  limit: number,
): Promise<Waiting[]> {
  const { rows } = await sql<Waiting>`
    SELECT ${WAITING} FROM behaviour_event e WHERE e.corp_id = ${corp} AND e.due_at <= ${iso(before.due)}::timestamptz
      AND e.noted_at <= ${iso(before.noted)}::timestamptz ORDER BY e.due_at, e.sent_at, e.src_msgid LIMIT ${limit}`.execute(
    db,
  )
  return rows
}

/** What these conversations still wait for, of rules that count messages. */
export async function selectWaitingIn(
  db: Db,
  corp: number,
  convs: string[],
  rules: string[],
): Promise<Waiting[]> {
  if (convs.length === 0 || rules.length === 0) return []
  const { rows } = await sql<Waiting>`
    SELECT ${WAITING} FROM behaviour_event e WHERE e.corp_id = ${corp} AND e.conv_id = ANY(${convs}::bigint[])
      AND e.due_at IS NOT NULL AND e.rule = ANY(${rules}::text[]) ORDER BY e.sent_at, e.src_msgid LIMIT ${MOST}`.execute(
    db,
  )
  return rows
}

export async function settleEvent(tx: Tx, corp: number, one: Occurrence): Promise<void> {
  await sql`
    UPDATE behaviour_event SET due_at = NULL WHERE corp_id = ${corp} AND conv_id = ${one.key.convId}::bigint
      AND sent_at = ${iso(one.key.sentAt)}::timestamptz AND src_msgid = ${one.key.msgid} AND rule = ${one.rule} AND step = ${one.step}`.execute(
    tx,
  )
}

/** What no window reaches any more; a part of it at a time. */
export async function pruneEvents(db: Db, corp: number, before: number, most: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM behaviour_event WHERE ctid = ANY(ARRAY(SELECT ctid FROM behaviour_event WHERE corp_id = ${corp}
      AND noted_at < ${iso(before)}::timestamptz AND due_at IS NULL LIMIT ${most}))`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

type Member = MessageKey & { who: string; step: StepName }
export type Finding = {
  id: string
  rule: string
  version: string
  severity: Severity
  group: string
  bucket: string
  key: MessageKey
  staff: string
  facts: Counted
  members: Member[]
  raisedAt: number
}

/** True when nothing was found under this name before. */
export async function insertFinding(tx: Tx, corp: number, found: Finding): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO behaviour_finding (corp_id, id, rule, rule_version, severity, grp, bucket, conv_id, sent_at, src_msgid, staff, facts,
      members, raised_at)
    VALUES (${corp}, ${found.id}, ${found.rule}, ${found.version}, ${found.severity}, ${found.group}, ${found.bucket},
      ${found.key.convId}::bigint, ${iso(found.key.sentAt)}::timestamptz, ${found.key.msgid}, ${found.staff},
      ${JSON.stringify(found.facts)}::jsonb, ${JSON.stringify(found.members)}::jsonb, ${iso(found.raisedAt)}::timestamptz)
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0n) === 1
}

/** Findings by id, which is also their alert's. */
export async function selectFindings(db: Db, corp: number, ids: string[]): Promise<Finding[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Finding>`
    SELECT id::text, rule, rule_version AS version, severity, grp AS "group", bucket, jsonb_build_object('convId', conv_id::text,
      'sentAt', (extract(epoch FROM sent_at) * 1000)::bigint, 'msgid', src_msgid) AS key, staff, facts, members,
      (extract(epoch FROM raised_at) * 1000)::bigint AS "raisedAt"
    FROM behaviour_finding WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])`.execute(db)
  return rows
}

/** Findings of each rule since a moment. */
export async function countFindings(db: Db, corp: number, since: number): Promise<Map<string, number>> {
  const { rows } = await sql<{ rule: string; n: number }>`
    SELECT rule, count(*) AS n FROM behaviour_finding WHERE corp_id = ${corp} AND raised_at > ${iso(since)}::timestamptz
    GROUP BY rule`.execute(db)
  return new Map(rows.map(row => [row.rule, row.n]))
}

/** Every finding with its messages, for the demo's score. */
export async function selectAllFindings(db: Db, corp: number): Promise<{ rule: string; msgids: string[] }[]> {
  const { rows } = await sql<{ rule: string; msgids: string[] }>`
    SELECT rule, ARRAY(SELECT m ->> 'msgid' FROM jsonb_array_elements(members) AS m) AS msgids FROM behaviour_finding
    WHERE corp_id = ${corp}`.execute(db)
  return rows
}

export async function selectCursor(db: Db, corp: number, source: 'follow' | 'staff'): Promise<number> {
  const { rows } = await sql<{ at: number }>`
    SELECT (extract(epoch FROM seen_to) * 1000)::bigint AS at FROM behaviour_cursor WHERE corp_id = ${corp} AND source = ${source}`.execute(
    db,
  )
  return rows[0]?.at ?? 0
}

export async function moveCursor(
  db: Db,
  corp: number,
  source: 'follow' | 'staff',
  to: number,
): Promise<void> {
  await sql`
    INSERT INTO behaviour_cursor (corp_id, source, seen_to) VALUES (${corp}, ${source}, ${iso(to)}::timestamptz)
    ON CONFLICT (corp_id, source) DO UPDATE SET seen_to = greatest(behaviour_cursor.seen_to, excluded.seen_to)`.execute(
    db,
  )
}
