import { type Db, sql, type Tx } from '../base/index.ts'
import type { Conclusion, ReviewMove, ReviewState, Tag } from './contract.ts'

/** What a move leaves behind. */
export type Standing = {
  state: ReviewState
  level: number
  assignee: string | null
  claimedAt: number | null
  acceptedAt: number | null
  decidedAt: number | null
  decidedBy: string | null
  tags: readonly Tag[]
}

const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString())

export async function updateReview(tx: Tx, corp: number, alertId: string, to: Standing): Promise<void> {
  await sql`
    UPDATE review SET state = ${to.state}, level = ${to.level}, assignee = ${to.assignee}, claimed_at = ${at(to.claimedAt)},
      accepted_at = ${at(to.acceptedAt)}, decided_at = ${at(to.decidedAt)}, decided_by = ${to.decidedBy},
      tags = ${[...to.tags]}::text[], moves = moves + 1
    WHERE corp_id = ${corp} AND alert_id = ${alertId}::uuid`.execute(tx)
}

export type MoveInsert = {
  id: string
  alertId: string
  at: number
  move: ReviewMove | 'upgrade'
  from: ReviewState
  to: ReviewState
  level: number
  by: string
  role: string
  assignee: string | null
  undoes: string | null
  sealed: Buffer | null
  decisionId: string | null
}

export async function insertMove(tx: Tx, corp: number, move: MoveInsert): Promise<void> {
  await sql`
    INSERT INTO review_move (corp_id, id, alert_id, at, move, from_state, to_state, level, by_account, by_role, assignee, undoes,
      note_sealed, decision_id)
    VALUES (${corp}, ${move.id}, ${move.alertId}, ${at(move.at)}, ${move.move}, ${move.from}, ${move.to}, ${move.level}, ${move.by},
      ${move.role}, ${move.assignee}, ${move.undoes}, ${move.sealed}, ${move.decisionId})`.execute(tx)
}

/** Moves of these alerts, oldest first, each with the sealed words that stand with it or in its decision. */
export type StoredMove = Omit<MoveInsert, 'undoes'>
export async function selectMoves(db: Db, corp: number, alertIds: string[]): Promise<StoredMove[]> {
  const { rows } = await sql<StoredMove>`
    SELECT m.id::text, m.alert_id::text AS "alertId", (extract(epoch FROM m.at) * 1000)::bigint AS at, m.move, m.from_state AS "from",
      m.to_state AS "to", m.level, m.by_account AS by, m.by_role AS role, m.assignee, coalesce(m.note_sealed, d.note_sealed) AS sealed,
      m.decision_id::text AS "decisionId"
    FROM review_move m LEFT JOIN decision d ON d.corp_id = m.corp_id AND d.id = m.decision_id
    WHERE m.corp_id = ${corp} AND m.alert_id = ANY(${alertIds}::uuid[]) ORDER BY m.at, m.id`.execute(db)
  return rows
}

type DecisionInsert = { id: string; conclusion: Conclusion; sealed: Buffer; by: string; at: number }

export async function insertDecision(
  tx: Tx,
  corp: number,
  alertId: string,
  decision: DecisionInsert,
): Promise<void> {
  await sql`
    INSERT INTO decision (corp_id, id, alert_id, conclusion, note_sealed, decided_by, decided_at)
    VALUES (${corp}, ${decision.id}, ${alertId}, ${decision.conclusion}, ${decision.sealed}, ${decision.by}, ${at(decision.at)})
  `.execute(tx)
}

/** How many alerts each account holds. */
export async function countHeld(db: Db, corp: number): Promise<Map<string, number>> {
  const { rows } = await sql<{ assignee: string; n: number }>`
    SELECT assignee, count(*) AS n FROM review WHERE corp_id = ${corp} AND assignee IS NOT NULL
      AND state IN ('claimed', 'watch', 'escalated') GROUP BY assignee`.execute(db)
  return new Map(rows.map(row => [row.assignee, row.n]))
}
