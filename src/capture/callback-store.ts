import { type Db, sql, type Tx } from '../base/index.ts'

export type EventState = 'received' | 'done' | 'noted' | 'failed'

export type EventRow = {
  id: string
  type: string
  eventAt: Date
  receivedAt: Date
  fingerprint: Buffer
  delivery: Buffer
  sealed: Buffer
}

/** False when this event, or this very delivery, is here already. */
export async function insertEvent(tx: Tx, corp: number, row: EventRow): Promise<boolean> {
  const { numAffectedRows } = await sql`
    INSERT INTO callback_event (corp_id, id, type, event_at, received_at, fingerprint, delivery, sealed)
    VALUES (${corp}, ${row.id}, ${row.type}, ${row.eventAt}, ${row.receivedAt}, ${row.fingerprint}, ${row.delivery}, ${row.sealed})
    ON CONFLICT DO NOTHING
  `.execute(tx)
  return Number(numAffectedRows ?? 0) === 1
}

export type OpenEvent = { state: EventState; sealed: Buffer }

/** The event, held against another worker until this transaction ends. */
export async function lockEvent(tx: Tx, corp: number, id: string): Promise<OpenEvent | null> {
  const { rows } = await sql<OpenEvent>`
    SELECT state, sealed FROM callback_event WHERE corp_id = ${corp} AND id = ${id}::uuid FOR UPDATE`.execute(
    tx,
  )
  return rows[0] ?? null
}

/** Count one attempt and say how it ended. Returns how many attempts there were; an event that is settled stays so. */
export async function settleEvent(
  db: Db | Tx,
  corp: number,
  id: string,
  state: EventState,
  reason: string | null,
): Promise<number> {
  const { rows } = await sql<{ attempts: number }>`
    UPDATE callback_event SET state = ${state}, reason = ${reason}, attempts = attempts + 1, settled_at = clock_timestamp()
    WHERE corp_id = ${corp} AND id = ${id}::uuid AND state IN ('received', 'failed') RETURNING attempts
  `.execute(db)
  return rows[0]?.attempts ?? 0
}

export const WAKE_CHANNEL = 'capture_wake'

/** Heard by every process when this transaction commits. */
export async function ring(tx: Tx, corp: number): Promise<void> {
  await sql`SELECT pg_notify(${WAKE_CHANNEL}, ${String(corp)})`.execute(tx)
}

export async function addCount(db: Db, corp: number, outcome: string, n: number, at: Date): Promise<void> {
  await sql`
    INSERT INTO callback_count (corp_id, outcome, n, last_at) VALUES (${corp}, ${outcome}, ${n}, ${at})
    ON CONFLICT (corp_id, outcome) DO UPDATE SET n = callback_count.n + excluded.n, last_at = excluded.last_at
  `.execute(db)
}

export type OutcomeRow = { outcome: string; n: number; lastAt: number }

export async function selectCounts(db: Db, corp: number): Promise<OutcomeRow[]> {
  const { rows } = await sql<OutcomeRow>`
    SELECT outcome, n, (extract(epoch FROM last_at) * 1000)::bigint AS "lastAt"
    FROM callback_count WHERE corp_id = ${corp} ORDER BY outcome`.execute(db)
  return rows
}

export async function countOpen(db: Db, corp: number): Promise<{ waiting: number; failed: number }> {
  const { rows } = await sql<{ waiting: number; failed: number }>`
    SELECT count(*) FILTER (WHERE state = 'received') AS waiting, count(*) FILTER (WHERE state = 'failed') AS failed
    FROM callback_event WHERE corp_id = ${corp} AND state IN ('received', 'failed')`.execute(db)
  return rows[0] ?? { waiting: 0, failed: 0 }
}
