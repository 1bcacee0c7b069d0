import { type Db, epochMs, hash63, sql, type Tx } from '../base/index.ts'

export type UnlockRow = {
  id: string
  convId: string
  from: number
  to: number
  purpose: 'dispute' | 'regulator'
  sealed: Buffer
  requestedBy: string
  requestedAt: number
  verdict: 'approved' | 'rejected' | null
  decidedBy: string | null
  expiresAt: number | null
}

export async function insertUnlock(
  tx: Tx,
  corp: number,
  row: Omit<UnlockRow, 'verdict' | 'decidedBy' | 'expiresAt'>,
): Promise<void> {
  await sql`
    INSERT INTO restricted_unlock (corp_id, id, conv_id, from_at, to_at, purpose, sealed, requested_by, requested_at)
    VALUES (${corp}, ${row.id}, ${row.convId}::bigint, ${new Date(row.from)}, ${new Date(row.to)}, ${row.purpose}, ${row.sealed},
      ${row.requestedBy}, ${new Date(row.requestedAt)})`.execute(tx)
}

const UNLOCKS = sql`
  SELECT u.id::text, u.conv_id::text AS "convId", ${epochMs('u.from_at')} AS "from", ${epochMs('u.to_at')} AS "to", u.purpose, u.sealed,
    u.requested_by AS "requestedBy", ${epochMs('u.requested_at')} AS "requestedAt", d.verdict, d.decided_by AS "decidedBy",
    ${epochMs('d.expires_at')} AS "expiresAt"
  FROM restricted_unlock u LEFT JOIN restricted_unlock_decision d ON d.corp_id = u.corp_id AND d.unlock_id = u.id`

export async function selectUnlocks(db: Db, corp: number, limit: number): Promise<UnlockRow[]> {
  const { rows } = await sql<UnlockRow>`
    ${UNLOCKS} WHERE u.corp_id = ${corp} ORDER BY d.verdict IS NULL DESC, u.requested_at DESC LIMIT ${limit}`.execute(
    db,
  )
  return rows
}

/** Locked, so that two persons do not decide at once. */
export async function lockUnlock(tx: Tx, corp: number, id: string): Promise<UnlockRow | null> {
  await sql`SELECT pg_advisory_xact_lock(${hash63('tongjian unlock v1', id)}::bigint)`.execute(tx)
  const { rows } = await sql<UnlockRow>`${UNLOCKS} WHERE u.corp_id = ${corp} AND u.id = ${id}`.execute(tx)
  return rows[0] ?? null
}

export async function insertUnlockDecision(
  tx: Tx,
  corp: number,
  row: UnlockRow,
  decision: { verdict: 'approved' | 'rejected'; by: string; at: number; expiresAt: number },
): Promise<void> {
  await sql`
    INSERT INTO restricted_unlock_decision (corp_id, unlock_id, requested_by, verdict, decided_by, decided_at, expires_at)
    VALUES (${corp}, ${row.id}, ${row.requestedBy}, ${decision.verdict}, ${decision.by}, ${new Date(decision.at)},
      ${new Date(decision.expiresAt)})`.execute(tx)
}

export type DroppedRow = {
  event: string
  word: string
  convId: string
  messages: number
  first: number
  last: number
}

/** What the choices of refusers did to messages, by choice and conversation. */
export async function selectFlagged(db: Db, corp: number, events: readonly string[]): Promise<DroppedRow[]> {
  if (events.length === 0) return []
  const { rows } = await sql<DroppedRow>`
    SELECT m.consent_event::text AS event, m.meta ->> 'consent' AS word, m.conv_id::text AS "convId", count(*)::int AS messages,
      ${epochMs('min(m.sent_at)')} AS first, ${epochMs('max(m.sent_at)')} AS last
    FROM message m WHERE m.corp_id = ${corp} AND m.consent_event = ANY(${events}::uuid[]) GROUP BY 1, 2, 3`.execute(
    db,
  )
  return rows
}
