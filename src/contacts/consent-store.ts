import { type Db, epochMs, sql, type Tx, wholeMs } from '../base/index.ts'
import { type Choice, consentState } from './choice.ts'
import type { MoveCause, Processing } from './contract.ts'

export type ConsentRow = Choice & { externalUserid: string; beforeLedger: boolean }

const COLUMNS = sql`e.id::text, e.external_userid AS "externalUserid", e.userid, e.chat_id AS "chatId", e.state, e.source,
  e.source_ref AS "sourceRef", ${wholeMs('e.effective_at')} AS "effectiveAt", ${wholeMs('e.recorded_at')} AS "recordedAt",
  e.before_ledger AS "beforeLedger"`

/** A row as it stands, for `verify`: a state nobody knows is a finding and not an error. */
export type RecordedConsent = Omit<ConsentRow, 'state'> & { state: string }
type Raw = RecordedConsent
const known = (rows: Raw[]): ConsentRow[] => rows.map(row => ({ ...row, state: consentState(row.state) }))

/** As they stand, in any state. */
export async function consentsById(db: Db, corp: number, ids: readonly string[]): Promise<RecordedConsent[]> {
  // A ref that is no UUID is no row of ours, not an error of the query.
  const asked = ids.filter(id => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id))
  if (asked.length === 0) return []
  const { rows } = await sql<Raw>`
    SELECT ${COLUMNS} FROM consent_event e WHERE e.corp_id = ${corp} AND e.id = ANY(${asked}::uuid[])`.execute(
    db,
  )
  return rows
}

export async function consentsWithoutLeaf(db: Db, corp: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT e.id::text FROM consent_event e WHERE e.corp_id = ${corp} AND NOT e.before_ledger
      AND NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = e.corp_id AND f.log_id = 'archive' AND f.conv_id = 0
        AND f.sent_at = 'epoch' AND f.ref = e.id::text AND f.kind = 'consent')
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = e.corp_id AND p.log_id = 'archive' AND p.kind = 'consent'
        AND p.conv_id = 0 AND p.sent_at = 'epoch' AND p.ref = e.id::text)
    LIMIT 100`.execute(db)
  return rows.map(row => row.id)
}

/** Every choice of those among these customers who ever refused; of the others there is nothing to weigh. */
export async function choicesOfRefusers(
  db: Db,
  corp: number,
  customers: readonly string[],
): Promise<ConsentRow[]> {
  if (customers.length === 0) return []
  const { rows } = await sql<Raw>`
    SELECT ${COLUMNS} FROM consent_event e WHERE e.corp_id = ${corp} AND e.external_userid IN (
      SELECT r.external_userid FROM consent_event r WHERE r.corp_id = ${corp} AND r.state IN ('disagree', 'withdrawn')
        AND r.external_userid = ANY(${customers}::text[]))`.execute(db)
  return known(rows)
}

export async function choicesOf(db: Db, corp: number, customers: readonly string[]): Promise<ConsentRow[]> {
  return known(await recordedOf(db, corp, customers))
}

/** All choices of these customers as they stand, in any state. */
export async function recordedOf(
  db: Db,
  corp: number,
  customers: readonly string[],
): Promise<RecordedConsent[]> {
  if (customers.length === 0) return []
  const { rows } = await sql<Raw>`
    SELECT ${COLUMNS} FROM consent_event e WHERE e.corp_id = ${corp} AND e.external_userid = ANY(${customers}::text[])
    ORDER BY e.effective_at, e.recorded_at, e.id`.execute(db)
  return rows
}

export async function selectRefusers(db: Db, corp: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT DISTINCT external_userid AS id FROM consent_event WHERE corp_id = ${corp} AND state IN ('disagree', 'withdrawn')`.execute(
    db,
  )
  return rows.map(row => row.id)
}

export type MoveRow = {
  id: string
  externalUserid: string
  from: Processing
  to: Processing
  cause: MoveCause
  causeRef: string
  by: string
  at: number
}

/** Every move of these customers, oldest first. */
export async function selectMoves(db: Db, corp: number, customers: readonly string[]): Promise<MoveRow[]> {
  if (customers.length === 0) return []
  const { rows } = await sql<MoveRow>`
    SELECT id::text, external_userid AS "externalUserid", from_state AS "from", to_state AS "to", cause, cause_ref AS "causeRef",
      moved_by AS "by", ${epochMs('moved_at')} AS at FROM customer_move
    WHERE corp_id = ${corp} AND external_userid = ANY(${customers}::text[]) ORDER BY moved_at, id`.execute(db)
  return rows
}

export async function insertMove(tx: Tx, corp: number, move: MoveRow): Promise<void> {
  const { id, externalUserid, from, to, cause, causeRef, by, at } = move
  await sql`
    INSERT INTO customer_move (corp_id, id, external_userid, from_state, to_state, cause, cause_ref, moved_by, moved_at)
    VALUES (${corp}, ${id}, ${externalUserid}, ${from}, ${to}, ${cause}, ${causeRef}, ${by}, ${new Date(at)})`.execute(
    tx,
  )
}

/** One at a time where somebody refuses: two that write at once would not see each other's choice. */
export async function lockRefusals(tx: Tx, key: string): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(${key}::bigint)`.execute(tx)
}
