import { createHash } from 'node:crypto'
import { type Db, epochMs, sql, type Tx, wholeMs } from '../../base/index.ts'
import type { Flag, UnitState } from './contract.ts'
import type { Stratum } from './draw.ts'
import type { DrawDocument } from './leaf.ts'

/** SQL on the tables of sampling. */

const when = (at: number): string => new Date(at).toISOString()

export type PlanStored = {
  id: string
  number: string
  scopeKey: string
  document: string
  titleSealed: Buffer
  registeredBy: string
  registeredAt: number
}
const PLAN = sql`p.id::text, p.number, p.scope_key AS "scopeKey", p.document, p.title_sealed AS "titleSealed", 
  p.registered_by AS "registeredBy", ${wholeMs('p.registered_at')} AS "registeredAt"`

/** Registrations of one institution come one after another, so that none overlooks another of its own scope. */
export async function lockPlans(tx: Tx, corp: number): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`tongjian sample plan ${corp}`}))`.execute(tx)
}

export async function nextPlanNumber(tx: Tx, corp: number, year: string): Promise<string> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM sample_plan
    WHERE corp_id = ${corp} AND number LIKE ${`CJ-${year}-%`}`.execute(tx)
  return `CJ-${year}-${String((rows[0]?.n ?? 0) + 1).padStart(4, '0')}`
}

export async function insertPlan(tx: Tx, corp: number, row: PlanStored): Promise<void> {
  await sql`INSERT INTO sample_plan (corp_id, id, number, scope_key, document, title_sealed, registered_by, registered_at)
    VALUES (${corp}, ${row.id}, ${row.number}, ${row.scopeKey}, ${row.document}, ${row.titleSealed}, ${row.registeredBy},
      ${when(row.registeredAt)}::timestamptz)`.execute(tx)
}

export async function selectPlan(db: Db, corp: number, id: string): Promise<PlanStored | null> {
  const { rows } = await sql<PlanStored>`SELECT ${PLAN} FROM sample_plan p WHERE p.corp_id = ${corp}
    AND (p.id::text = ${id} OR p.number = ${id})`.execute(db)
  return rows[0] ?? null
}

export async function selectPlans(db: Db, corp: number): Promise<PlanStored[]> {
  const { rows } = await sql<PlanStored>`SELECT ${PLAN} FROM sample_plan p WHERE p.corp_id = ${corp}
    ORDER BY p.registered_at DESC, p.id DESC LIMIT 200`.execute(db)
  return rows
}

/** In the order of registration. */
export async function plansOfScope(db: Db, corp: number, scopeKey: string): Promise<PlanStored[]> {
  const { rows } =
    await sql<PlanStored>`SELECT ${PLAN} FROM sample_plan p WHERE p.corp_id = ${corp} AND p.scope_key = ${scopeKey}
    ORDER BY p.registered_at, p.id`.execute(db)
  return rows
}

export async function selectPlansOf(db: Db, corp: number, ids: string[]): Promise<Map<string, PlanStored>> {
  const { rows } = await sql<PlanStored>`SELECT ${PLAN} FROM sample_plan p
    WHERE p.corp_id = ${corp} AND p.id::text = ANY(${ids}::text[])`.execute(db)
  return new Map(rows.map(row => [row.id, row]))
}

/** A draw as its leaf holds it, and the note itself. */
export type DrawStored = DrawDocument & { note: string; strata: Stratum[] }
type DrawRaw = Omit<DrawStored, 'checkpoint' | 'corp'>

export async function selectDraws(db: Db, corp: number, plans: string[]): Promise<DrawDocument[]> {
  const rows = await selectDrawRows(db, corp, plans)
  return rows.map(({ note: _, strata: __, ...document }) => document)
}

export async function selectDraw(db: Db, corp: number, plan: string): Promise<DrawStored | null> {
  return (await selectDrawRows(db, corp, [plan]))[0] ?? null
}

async function selectDrawRows(db: Db, corp: number, plans: string[]): Promise<DrawStored[]> {
  const { rows } = await sql<DrawRaw>`
    SELECT plan_id::text AS plan, size, note, encode(seed, 'hex') AS seed, population, encode(population_sha256, 'hex') AS "populationSha256",
      drawn, encode(drawn_sha256, 'hex') AS "drawnSha256", strata, ${wholeMs('drawn_at')} AS at
    FROM sample_draw WHERE corp_id = ${corp} AND plan_id::text = ANY(${plans}::text[])`.execute(db)
  return rows.map(row => ({ ...row, corp, checkpoint: createHash('sha256').update(row.note).digest('hex') }))
}

/** True when this plan had not been drawn yet. */
export async function insertDraw(tx: Tx, row: DrawStored): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO sample_draw (corp_id, plan_id, size, note, seed, population, population_sha256, drawn, drawn_sha256, strata, drawn_at)
    VALUES (${row.corp}, ${row.plan}::uuid, ${row.size}, ${row.note}, decode(${row.seed}, 'hex'), ${row.population},
      decode(${row.populationSha256}, 'hex'), ${row.drawn}, decode(${row.drawnSha256}, 'hex'), ${JSON.stringify(row.strata)}::jsonb, ${when(row.at)}::timestamptz)
    ON CONFLICT DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

const withoutLeaf = (
  kind: string,
) => sql`NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = t.corp_id AND f.log_id = 'archive'
    AND f.kind = ${kind} AND f.conv_id = 0 AND f.sent_at = timestamptz 'epoch' AND f.ref = t.id)
  AND NOT EXISTS (SELECT FROM leaf_pending f WHERE f.corp_id = t.corp_id AND f.log_id = 'archive' AND f.kind = ${kind}
    AND f.conv_id = 0 AND f.sent_at = timestamptz 'epoch' AND f.ref = t.id)`

export async function plansWithoutLeaf(db: Db, corp: number): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`SELECT t.id FROM (SELECT corp_id, id::text AS id FROM sample_plan) t
    WHERE t.corp_id <> ${corp} OR ${withoutLeaf('plan')} LIMIT 100`.execute(db)
  return rows.map(row => row.id)
}
export async function drawsWithoutLeaf(db: Db, corp: number): Promise<string[]> {
  const { rows } = await sql<{
    id: string
  }>`SELECT t.id FROM (SELECT corp_id, plan_id::text AS id FROM sample_draw) t
    WHERE t.corp_id <> ${corp} OR ${withoutLeaf('draw')} LIMIT 100`.execute(db)
  return rows.map(row => row.id)
}

/** Alerts of these people and this time, as they stand under review. */
export async function alertFlags(
  db: Db,
  corp: number,
  scope: { from: number; to: number; staff: string[] },
): Promise<Flag[]> {
  const { rows } = await sql<{ conv: string; at: string; msgid: string; severity: Flag[3] }>`
    SELECT conv_id::text AS conv, ((extract(epoch FROM sent_at) * 1000000)::bigint)::text AS at, src_msgid AS msgid, min(severity) AS severity
    FROM review WHERE corp_id = ${corp} AND sent_at >= ${when(scope.from)}::timestamptz AND sent_at < ${when(scope.to)}::timestamptz
      AND staff = ANY(${scope.staff}::text[]) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`.execute(db)
  return rows.map(row => [row.conv, row.at, row.msgid, row.severity])
}

/** Alerts a person since then: what makes somebody stand out. */
export async function alertsOfStaff(db: Db, corp: number, since: number): Promise<Map<string, number>> {
  const { rows } = await sql<{ staff: string; n: number }>`SELECT staff, count(*) AS n FROM review
    WHERE corp_id = ${corp} AND sent_at >= ${when(since)}::timestamptz GROUP BY staff`.execute(db)
  return new Map(rows.map(row => [row.staff, row.n]))
}

export type UnitInsert = {
  unit: string
  place: number
  staff: string
  department: number
  convId: string
  firstAt: number
  lastAt: number
  msgid: string
  messages: number
  group: boolean
  severity: Flag[3] | null
  rules: string[]
}
export type UnitStored = UnitInsert & {
  plan: string
  state: UnitState
  openedBy: string | null
  openedAt: number | null
  concludedBy: string | null
  concludedAt: number | null
  noteSealed: Buffer | null
}

export async function insertUnits(tx: Tx, corp: number, plan: string, units: UnitInsert[]): Promise<void> {
  const list = JSON.stringify(units)
  await sql`
    INSERT INTO sample_unit (corp_id, plan_id, unit, place, staff, department, conv_id, first_at, last_at, msgid, messages, grouped, severity, rules)
    SELECT ${corp}::smallint, ${plan}::uuid, u.unit, u.place, u.staff, u.department, u."convId"::bigint, to_timestamp(u."firstAt" / 1000.0),
      to_timestamp(u."lastAt" / 1000.0), u.msgid, u.messages, u."group", u.severity, u.rules
    FROM jsonb_to_recordset(${list}::jsonb) AS u(unit text, place int, staff text, department int, "convId" text, "firstAt" bigint,
      "lastAt" bigint, msgid text, messages int, "group" boolean, severity text, rules text[])`.execute(tx)
}

const UNIT = sql`plan_id::text AS plan, unit, place, staff, department, conv_id::text AS "convId", ${epochMs('first_at')} AS "firstAt",
  ${epochMs('last_at')} AS "lastAt", msgid, messages, grouped AS group, severity, rules, state, opened_by AS "openedBy",
  ${epochMs('opened_at')} AS "openedAt", concluded_by AS "concludedBy", ${epochMs('concluded_at')} AS "concludedAt", note_sealed AS "noteSealed"`

export async function selectUnits(db: Db, corp: number, plan: string): Promise<UnitStored[]> {
  const { rows } =
    await sql<UnitStored>`SELECT ${UNIT} FROM sample_unit WHERE corp_id = ${corp} AND plan_id::text = ${plan}
    ORDER BY place`.execute(db)
  return rows
}

export async function lockUnit(tx: Tx, corp: number, plan: string, unit: string): Promise<UnitStored | null> {
  const { rows } =
    await sql<UnitStored>`SELECT ${UNIT} FROM sample_unit WHERE corp_id = ${corp} AND plan_id::text = ${plan}
    AND unit = ${unit} FOR UPDATE`.execute(tx)
  return rows[0] ?? null
}

export async function markOpened(
  tx: Tx,
  corp: number,
  at: { plan: string; unit: string; by: string; at: number },
): Promise<void> {
  await sql`UPDATE sample_unit SET state = 'opened', opened_by = ${at.by}, opened_at = ${when(at.at)}::timestamptz
    WHERE corp_id = ${corp} AND plan_id::text = ${at.plan} AND unit = ${at.unit}`.execute(tx)
}

export async function markConcluded(
  tx: Tx,
  corp: number,
  done: { plan: string; unit: string; state: 'clean' | 'finding'; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`UPDATE sample_unit SET state = ${done.state}, concluded_by = ${done.by}, concluded_at = ${when(done.at)}::timestamptz,
      note_sealed = ${done.sealed}
    WHERE corp_id = ${corp} AND plan_id::text = ${done.plan} AND unit = ${done.unit}`.execute(tx)
}

export type Progress = { plan: string; total: number; done: number; findings: number }
export async function progressOf(db: Db, corp: number): Promise<Map<string, Progress>> {
  const { rows } = await sql<Progress>`SELECT plan_id::text AS plan, count(*) AS total,
      count(*) FILTER (WHERE state IN ('clean', 'finding')) AS done, count(*) FILTER (WHERE state = 'finding') AS findings
    FROM sample_unit WHERE corp_id = ${corp} GROUP BY plan_id`.execute(db)
  return new Map(rows.map(row => [row.plan, row]))
}
