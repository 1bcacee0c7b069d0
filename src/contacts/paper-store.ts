import { type Db, epochMs, hash63, sql, type Tx } from '../base/index.ts'

export type PaperRow = {
  id: string
  externalUserid: string
  userid: string | null
  chatId: string | null
  state: 'agree' | 'disagree' | 'withdrawn'
  reversal: boolean
  effectiveAt: number
  sealed: Buffer
  fileSha256: Buffer | null
  enteredBy: string
  enteredAt: number
  verdict: 'confirmed' | 'rejected' | null
  decidedBy: string | null
  decidedAt: number | null
}

export async function insertPaper(
  tx: Tx,
  corp: number,
  row: Omit<PaperRow, 'verdict' | 'decidedBy' | 'decidedAt'> & { fileSealed: Buffer | null },
): Promise<void> {
  await sql`
    INSERT INTO consent_paper (corp_id, id, external_userid, userid, chat_id, state, reversal, effective_at, sealed, file_sealed,
      file_sha256, entered_by, entered_at)
    VALUES (${corp}, ${row.id}, ${row.externalUserid}, ${row.userid}, ${row.chatId}, ${row.state}, ${row.reversal},
      ${new Date(row.effectiveAt)}, ${row.sealed}, ${row.fileSealed}, ${row.fileSha256}, ${row.enteredBy},
      ${new Date(row.enteredAt)})`.execute(tx)
}

const PAPERS = sql`
  SELECT p.id::text, p.external_userid AS "externalUserid", p.userid, p.chat_id AS "chatId", p.state, p.reversal,
    ${epochMs('p.effective_at')} AS "effectiveAt", p.sealed, p.file_sha256 AS "fileSha256", p.entered_by AS "enteredBy",
    ${epochMs('p.entered_at')} AS "enteredAt", d.verdict, d.decided_by AS "decidedBy", ${epochMs('d.decided_at')} AS "decidedAt"
  FROM consent_paper p LEFT JOIN consent_paper_decision d ON d.corp_id = p.corp_id AND d.paper_id = p.id`

/** Those that wait for a second person first, then the newest. */
export async function selectPapers(
  db: Db,
  corp: number,
  customer: string | null,
  limit: number,
): Promise<PaperRow[]> {
  const { rows } = await sql<PaperRow>`
    ${PAPERS} WHERE p.corp_id = ${corp} AND (${customer}::text IS NULL OR p.external_userid = ${customer})
    ORDER BY p.reversal AND d.verdict IS NULL DESC, p.entered_at DESC LIMIT ${limit}`.execute(db)
  return rows
}

/** Locked, so that two persons do not decide at once. */
export async function lockPaper(tx: Tx, corp: number, id: string): Promise<PaperRow | null> {
  await sql`SELECT pg_advisory_xact_lock(${hash63('tongjian paper v1', id)}::bigint)`.execute(tx)
  const { rows } = await sql<PaperRow>`${PAPERS} WHERE p.corp_id = ${corp} AND p.id = ${id}`.execute(tx)
  return rows[0] ?? null
}

export async function insertPaperDecision(
  tx: Tx,
  corp: number,
  decision: { id: string; enteredBy: string; verdict: 'confirmed' | 'rejected'; by: string; at: number },
): Promise<void> {
  await sql`
    INSERT INTO consent_paper_decision (corp_id, paper_id, entered_by, verdict, decided_by, decided_at)
    VALUES (${corp}, ${decision.id}, ${decision.enteredBy}, ${decision.verdict}, ${decision.by}, ${new Date(decision.at)})`.execute(
    tx,
  )
}

export async function selectPaperFile(
  db: Db,
  corp: number,
  id: string,
): Promise<{ sealed: Buffer; file: Buffer | null; sha256: Buffer | null } | null> {
  const { rows } = await sql<{ sealed: Buffer; file: Buffer | null; sha256: Buffer | null }>`
    SELECT sealed, file_sealed AS file, file_sha256 AS sha256 FROM consent_paper WHERE corp_id = ${corp} AND id = ${id}`.execute(
    db,
  )
  return rows[0] ?? null
}
