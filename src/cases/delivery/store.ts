import { type Db, epochMs, sql, type Tx } from '../../base/index.ts'
import type { Severity } from '../../monitor/index.ts'
import { type Channel, DELIVERY_MOVES, type DeliveryState, type PressOutcome } from './contract.ts'

const at = (instant: number): Date => new Date(instant)

const statesThatMayBecome = (to: DeliveryState): DeliveryState[] =>
  (Object.keys(DELIVERY_MOVES) as DeliveryState[]).filter(from =>
    (DELIVERY_MOVES[from] as readonly DeliveryState[]).includes(to),
  )

export type SettingRow = { version: number; settings: unknown; setBy: string; setAt: number }
export async function selectSettings(db: Db, corp: number): Promise<SettingRow | null> {
  const { rows } = await sql<SettingRow>`
    SELECT version, settings, set_by AS "setBy", ${epochMs('set_at')} AS "setAt" FROM delivery_setting
    WHERE corp_id = ${corp} ORDER BY version DESC LIMIT 1`.execute(db)
  return rows[0] ?? null
}

/** False when somebody else wrote this version meanwhile. */
export async function insertSettings(
  tx: Tx,
  corp: number,
  row: { version: number; settings: object; by: string; at: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO delivery_setting (corp_id, version, settings, set_by, set_at)
    VALUES (${corp}, ${row.version}, ${JSON.stringify(row.settings)}::jsonb, ${row.by}, ${at(row.at)}) ON CONFLICT DO NOTHING`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

export type NewDelivery = {
  id: string
  alert: string | null
  receiver: string
  channel: Channel
  step: number
  severity: Severity
  dueAt: number
  createdAt: number
}

/** How many were new: an alert is told to a person once a way and step. */
export async function insertDeliveries(tx: Tx, corp: number, rows: NewDelivery[]): Promise<number> {
  if (rows.length === 0) return 0
  const { numAffectedRows } = await sql`
    INSERT INTO delivery (corp_id, id, alert_id, receiver, channel, step, severity, due_at, created_at)
    SELECT ${corp}, * FROM unnest(${rows.map(r => r.id)}::uuid[], ${rows.map(r => r.alert)}::uuid[], ${rows.map(r => r.receiver)}::uuid[],
      ${rows.map(r => r.channel)}::text[], ${rows.map(r => r.step)}::smallint[], ${rows.map(r => r.severity)}::text[],
      ${rows.map(r => at(r.dueAt).toISOString())}::timestamptz[], ${rows.map(r => at(r.createdAt).toISOString())}::timestamptz[])
    ON CONFLICT (corp_id, alert_id, receiver, channel, step) DO NOTHING`.execute(tx)
  return Number(numAffectedRows ?? 0)
}

export type DueRow = {
  id: string
  alert: string | null
  receiver: string
  channel: Channel
  step: number
  severity: Severity
  attempts: number
}
const DUE = sql`d.id::text, d.alert_id::text AS alert, d.receiver::text, d.channel, d.step, d.severity, d.attempts`

/**
 * Take what is due, sharpest first, for so long; whoever dies with it loses it when that is over. What was taken counts as
 * an attempt.
 */
export async function claimDue(
  db: Db,
  corp: number,
  ask: { channel: Channel; now: number; until: number; limit: number },
): Promise<DueRow[]> {
  const { rows } = await sql<DueRow>`
    UPDATE delivery d SET claimed_until = ${at(ask.until)}, attempts = d.attempts + 1
    FROM (SELECT id FROM delivery WHERE corp_id = ${corp} AND channel = ${ask.channel} AND state IN ('waiting', 'retry')
        AND due_at <= ${at(ask.now)} AND (claimed_until IS NULL OR claimed_until <= ${at(ask.now)})
      ORDER BY severity, due_at, id LIMIT ${ask.limit} FOR UPDATE SKIP LOCKED) due
    WHERE d.corp_id = ${corp} AND d.id = due.id RETURNING ${DUE}`.execute(db)
  return rows
}

/** Nobody holds what a dead process held: for the only process on its database. */
export async function unclaimDeliveries(db: Db, corp: number): Promise<void> {
  await sql`UPDATE delivery SET claimed_until = NULL WHERE corp_id = ${corp} AND state IN ('waiting', 'retry')`.execute(
    db,
  )
  await sql`UPDATE delivery_update SET claimed_until = NULL WHERE corp_id = ${corp} AND state IN ('waiting', 'retry')`.execute(
    db,
  )
}

export type Settled = {
  state: DeliveryState
  reason: string | null
  at: number
  dueAt?: number | undefined
  sealed?: Buffer | undefined
}
export async function settleDelivery(db: Db, corp: number, ids: string[], to: Settled): Promise<void> {
  const ended = to.state === 'retry' ? null : at(to.at)
  await sql`
    UPDATE delivery SET state = ${to.state}, reason = ${to.reason}, settled_at = ${ended}, claimed_until = NULL,
      due_at = coalesce(${to.dueAt === undefined ? null : at(to.dueAt)}::timestamptz, due_at),
      sealed = coalesce(${to.sealed ?? null}::bytea, sealed)
    WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[]) AND state = ANY(${statesThatMayBecome(to.state)}::text[])`.execute(
    db,
  )
}

/** Too many cards at once: what is left is gathered. A row that is gathered already stays as it is. */
export async function gatherInstead(db: Db, corp: number, id: string, dueAt: number): Promise<void> {
  const { numAffectedRows } = await sql`
    UPDATE delivery d SET channel = 'digest', due_at = ${at(dueAt)}, claimed_until = NULL, attempts = 0
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND NOT EXISTS (SELECT FROM delivery o WHERE o.corp_id = d.corp_id
      AND o.alert_id = d.alert_id AND o.receiver = d.receiver AND o.channel = 'digest' AND o.step = d.step)`.execute(
    db,
  )
  if (numAffectedRows === 0n)
    await sql`UPDATE delivery SET state = 'void', reason = 'gathered', settled_at = ${at(dueAt)}, claimed_until = NULL
      WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
}

/** Cards that reached each of these people since then. */
export async function cardsSince(
  db: Db,
  corp: number,
  receivers: string[],
  since: number,
): Promise<Map<string, number>> {
  const { rows } = await sql<{ receiver: string; n: number }>`
    SELECT receiver::text, count(*) AS n FROM delivery WHERE corp_id = ${corp} AND receiver = ANY(${receivers}::uuid[])
      AND channel = 'card' AND state = 'sent' AND settled_at > ${at(since)} GROUP BY receiver`.execute(db)
  return new Map(rows.map(row => [row.receiver, Number(row.n)]))
}

/** What of this alert has not gone out need not any more. */
export async function voidDeliveries(tx: Tx, corp: number, alert: string, now: number): Promise<void> {
  await sql`UPDATE delivery SET state = 'void', reason = 'taken', settled_at = ${at(now)}, claimed_until = NULL
    WHERE corp_id = ${corp} AND alert_id = ${alert}::uuid AND state IN ('waiting', 'retry') AND channel <> 'hook'`.execute(
    tx,
  )
}

export type SentCard = { id: string; receiver: string; sealed: Buffer }
/** Cards of this alert that can still be changed; without those that were pressed, which have a word of their own. */
export async function selectSentCards(
  db: Db,
  corp: number,
  alert: string,
  ask: { since: number; pressedToo: boolean },
): Promise<SentCard[]> {
  const { rows } = await sql<SentCard>`
    SELECT d.id::text, d.receiver::text, d.sealed FROM delivery d WHERE d.corp_id = ${corp} AND d.alert_id = ${alert}::uuid
      AND d.channel = 'card' AND d.state = 'sent' AND length(d.sealed) > 0 AND d.settled_at > ${at(ask.since)}
      AND (${ask.pressedToo} OR NOT EXISTS (SELECT FROM delivery_press p WHERE p.corp_id = d.corp_id AND p.delivery_id = d.id))`.execute(
    db,
  )
  return rows
}

/** A code works once: it is gone when it is used. */
export async function forgetCode(tx: Tx, corp: number, id: string): Promise<void> {
  await sql`UPDATE delivery SET sealed = ''::bytea WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(tx)
}

type Found = DueRow & { state: DeliveryState; reason: string | null }
export async function selectDelivery(db: Db, corp: number, id: string): Promise<Found | null> {
  const { rows } = await sql<Found>`
    SELECT ${DUE}, d.state, d.reason FROM delivery d WHERE d.corp_id = ${corp} AND d.id = ${id}::uuid`.execute(
    db,
  )
  return rows[0] ?? null
}

/** Dead or off goes back to waiting; anything else stays. */
export async function reviveDelivery(tx: Tx, corp: number, id: string, now: number): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE delivery SET state = 'waiting', attempts = 0, reason = NULL, settled_at = NULL, due_at = ${at(now)}
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND state = ANY(${statesThatMayBecome('waiting')}::text[])`.execute(
    tx,
  )
  return numAffectedRows === 1n
}

export type ListedRow = DueRow & {
  number: string | null
  state: DeliveryState
  reason: string | null
  createdAt: number
  dueAt: number
  settledAt: number | null
}
export async function selectDeliveries(
  db: Db,
  corp: number,
  ask: { state?: string | undefined; channel?: string | undefined; limit: number },
): Promise<ListedRow[]> {
  const { rows } = await sql<ListedRow>`
    SELECT ${DUE}, r.number, d.state, d.reason, ${epochMs('d.created_at')} AS "createdAt", ${epochMs('d.due_at')} AS "dueAt",
      ${epochMs('d.settled_at')} AS "settledAt"
    FROM delivery d LEFT JOIN review r ON r.corp_id = d.corp_id AND r.alert_id = d.alert_id
    WHERE d.corp_id = ${corp} AND (${ask.state ?? null}::text IS NULL OR d.state = ${ask.state ?? null})
      AND (${ask.channel ?? null}::text IS NULL OR d.channel = ${ask.channel ?? null})
    ORDER BY d.created_at DESC, d.id LIMIT ${ask.limit}`.execute(db)
  return rows
}

export type ChannelCount = { channel: Channel; sent: number; failed: number }
export async function countChannels(db: Db, corp: number, since: number): Promise<ChannelCount[]> {
  const { rows } = await sql<ChannelCount>`
    SELECT channel, count(*) FILTER (WHERE state = 'sent') AS sent, count(*) FILTER (WHERE state = 'dead') AS failed
    FROM delivery WHERE corp_id = ${corp} AND settled_at > ${at(since)} GROUP BY channel`.execute(db)
  return rows
}

export async function countOpen(
  db: Db,
  corp: number,
): Promise<{ waiting: number; dead: number; escalating: number }> {
  const { rows } = await sql<{ waiting: number; dead: number; escalating: number }>`
    SELECT (SELECT count(*) FROM delivery WHERE corp_id = ${corp} AND state IN ('waiting', 'retry')) AS waiting,
      (SELECT count(*) FROM delivery WHERE corp_id = ${corp} AND state = 'dead') AS dead,
      (SELECT count(DISTINCT alert_id) FROM delivery_escalation WHERE corp_id = ${corp} AND state = 'waiting') AS escalating`.execute(
    db,
  )
  const [row] = rows
  return {
    waiting: Number(row?.waiting ?? 0),
    dead: Number(row?.dead ?? 0),
    escalating: Number(row?.escalating ?? 0),
  }
}

export type NewEscalation = { alert: string; step: number; dueAt: number }
/** Set, or set again when the alert lies open once more. One that has come due stays done. */
export async function armEscalations(tx: Tx, corp: number, rows: NewEscalation[]): Promise<void> {
  if (rows.length === 0) return
  await sql`
    INSERT INTO delivery_escalation (corp_id, alert_id, step, due_at)
    SELECT ${corp}, * FROM unnest(${rows.map(r => r.alert)}::uuid[], ${rows.map(r => r.step)}::smallint[],
      ${rows.map(r => at(r.dueAt).toISOString())}::timestamptz[])
    ON CONFLICT (corp_id, alert_id, step) DO UPDATE SET state = 'waiting', due_at = excluded.due_at, settled_at = NULL
      WHERE delivery_escalation.state = 'void'`.execute(tx)
}

export async function voidEscalations(tx: Tx, corp: number, alert: string, now: number): Promise<void> {
  await sql`UPDATE delivery_escalation SET state = 'void', settled_at = ${at(now)}
    WHERE corp_id = ${corp} AND alert_id = ${alert}::uuid AND state = 'waiting'`.execute(tx)
}

export type DueEscalation = { alert: string; step: number; dueAt: number }
/** Held until this transaction ends, so that two workers never tell twice. */
export async function lockDueEscalations(
  tx: Tx,
  corp: number,
  now: number,
  limit: number,
): Promise<DueEscalation[]> {
  const { rows } = await sql<DueEscalation>`
    SELECT alert_id::text AS alert, step, ${epochMs('due_at')} AS "dueAt" FROM delivery_escalation
    WHERE corp_id = ${corp} AND state = 'waiting' AND due_at <= ${at(now)} ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED`.execute(
    tx,
  )
  return rows
}

export async function settleEscalation(
  tx: Tx,
  corp: number,
  one: DueEscalation,
  state: 'done' | 'void',
  now: number,
): Promise<void> {
  await sql`UPDATE delivery_escalation SET state = ${state}, settled_at = ${at(now)}
    WHERE corp_id = ${corp} AND alert_id = ${one.alert}::uuid AND step = ${one.step}`.execute(tx)
}

export type PressRow = {
  id: string
  delivery: string
  key: 'take' | 'false_positive'
  sealed: Buffer
  outcome: PressOutcome | null
}
export async function insertPress(
  tx: Tx,
  corp: number,
  row: { id: string; delivery: string; key: string; sealed: Buffer; at: number },
): Promise<void> {
  await sql`INSERT INTO delivery_press (corp_id, id, delivery_id, key, sealed, pressed_at)
    VALUES (${corp}, ${row.id}, ${row.delivery}, ${row.key}, ${row.sealed}, ${at(row.at)})`.execute(tx)
}

export async function selectPress(db: Db, corp: number, id: string): Promise<PressRow | null> {
  const { rows } =
    await sql<PressRow>`SELECT id::text, delivery_id::text AS delivery, key, sealed, outcome FROM delivery_press
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

/** False when it was settled before. */
export async function settlePress(
  tx: Tx,
  corp: number,
  id: string,
  outcome: PressOutcome,
  now: number,
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`UPDATE delivery_press SET outcome = ${outcome}, settled_at = ${at(now)}
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND outcome IS NULL`.execute(tx)
  return numAffectedRows === 1n
}

export async function insertUpdate(
  tx: Tx,
  corp: number,
  row: { id: string; sealed: Buffer; at: number },
): Promise<void> {
  await sql`INSERT INTO delivery_update (corp_id, id, sealed, due_at, created_at)
    VALUES (${corp}, ${row.id}, ${row.sealed}, ${at(row.at)}, ${at(row.at)})`.execute(tx)
}

export type UpdateRow = { id: string; sealed: Buffer; attempts: number }
export async function claimUpdates(
  db: Db,
  corp: number,
  ask: { now: number; until: number; limit: number },
): Promise<UpdateRow[]> {
  const { rows } = await sql<UpdateRow>`
    UPDATE delivery_update d SET claimed_until = ${at(ask.until)}, attempts = d.attempts + 1
    FROM (SELECT id FROM delivery_update WHERE corp_id = ${corp} AND state IN ('waiting', 'retry') AND due_at <= ${at(ask.now)}
        AND (claimed_until IS NULL OR claimed_until <= ${at(ask.now)}) ORDER BY due_at LIMIT ${ask.limit} FOR UPDATE SKIP LOCKED) due
    WHERE d.corp_id = ${corp} AND d.id = due.id RETURNING d.id::text, d.sealed, d.attempts`.execute(db)
  return rows
}

export async function settleUpdate(
  db: Db,
  corp: number,
  id: string,
  to: { state: 'sent' | 'retry' | 'dead'; reason: string | null; at: number; dueAt?: number | undefined },
): Promise<void> {
  await sql`UPDATE delivery_update SET state = ${to.state}, reason = ${to.reason}, claimed_until = NULL,
      settled_at = ${to.state === 'retry' ? null : at(to.at)},
      due_at = coalesce(${to.dueAt === undefined ? null : at(to.dueAt)}::timestamptz, due_at)
    WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
}
