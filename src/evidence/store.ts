import type { Stretch } from '../archive/index.ts'
import { type Db, epochMs, sql, type Tx, wholeMs } from '../base/index.ts'
import type { EvidenceState } from './contract.ts'

/** This folder's SQL. */

export type PackageRow = {
  id: string
  number: string
  state: EvidenceState
  stretches: Stretch[]
  names: 'masked' | 'clear'
  keepDays: number
  messages: number
  requestedBy: string
  requestedAt: number
  requestSealed: Buffer
  decidedBy: string | null
  decidedAt: number | null
  decisionSealed: Buffer | null
  attempt: number
  step: string | null
  done: number
  failure: string | null
  builtAt: number | null
  fileBytes: number | null
  fileSha256: Buffer | null
  pieces: number | null
  expiresAt: number | null
  expiredAt: number | null
}

const COLUMNS = sql`id::text, number, state, stretches, names, keep_days AS "keepDays", messages, requested_by AS "requestedBy",
  ${epochMs('requested_at')} AS "requestedAt", request_sealed AS "requestSealed", decided_by AS "decidedBy", ${epochMs('decided_at')} AS "decidedAt",
  decision_sealed AS "decisionSealed", attempt, step, done, failure, ${epochMs('built_at')} AS "builtAt", file_bytes AS "fileBytes",
  file_sha256 AS "fileSha256", pieces, ${epochMs('expires_at')} AS "expiresAt", ${epochMs('expired_at')} AS "expiredAt"`

const when = (at: number): string => new Date(at).toISOString()

/** Was a package of this number issued, by now or once? */
export async function issuedNumber(db: Db, corp: number, number: string): Promise<boolean> {
  const { rows } =
    await sql`SELECT 1 FROM evidence_issue WHERE corp_id = ${corp} AND number = ${number}`.execute(db)
  return rows.length > 0
}

/** Numbers of a year are given one after another; held until the transaction ends. */
export async function nextNumber(tx: Tx, corp: number, year: string): Promise<string> {
  await sql`SELECT pg_advisory_xact_lock(hashtext(${`tongjian evidence ${corp} ${year}`}))`.execute(tx)
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM evidence_package
    WHERE corp_id = ${corp} AND number LIKE ${`YJ-${year}-%`}`.execute(tx)
  return `YJ-${year}-${String((rows[0]?.n ?? 0) + 1).padStart(4, '0')}`
}

export async function insertPackage(
  tx: Tx,
  corp: number,
  row: Pick<
    PackageRow,
    | 'id'
    | 'number'
    | 'stretches'
    | 'names'
    | 'keepDays'
    | 'messages'
    | 'requestedBy'
    | 'requestedAt'
    | 'requestSealed'
  >,
): Promise<void> {
  await sql`INSERT INTO evidence_package (corp_id, id, number, state, stretches, names, keep_days, messages, requested_by, requested_at, request_sealed)
    VALUES (${corp}, ${row.id}, ${row.number}, 'waiting', ${JSON.stringify(row.stretches)}::jsonb, ${row.names}, ${row.keepDays},
      ${row.messages}, ${row.requestedBy}, ${when(row.requestedAt)}::timestamptz, ${row.requestSealed})`.execute(
    tx,
  )
}

export async function selectPackage(
  db: Db,
  corp: number,
  id: string,
  options: { lock: boolean } = { lock: false },
): Promise<PackageRow | null> {
  const { rows } = await sql<PackageRow>`SELECT ${COLUMNS} FROM evidence_package
    WHERE corp_id = ${corp} AND id = ${id} ${options.lock ? sql`FOR UPDATE` : sql``}`.execute(db)
  return rows[0] ?? null
}

export async function selectByNumber(db: Db, corp: number, number: string): Promise<PackageRow | null> {
  const { rows } = await sql<PackageRow>`SELECT ${COLUMNS} FROM evidence_package
    WHERE corp_id = ${corp} AND number = ${number}`.execute(db)
  return rows[0] ?? null
}

export async function selectPackages(
  db: Db,
  corp: number,
  filter: { state: EvidenceState | null; limit: number },
): Promise<PackageRow[]> {
  const { rows } = await sql<PackageRow>`SELECT ${COLUMNS} FROM evidence_package
    WHERE corp_id = ${corp} AND (${filter.state}::text IS NULL OR state = ${filter.state})
    ORDER BY requested_at DESC, id DESC LIMIT ${filter.limit}`.execute(db)
  return rows
}

export async function countStates(db: Db, corp: number): Promise<Record<string, number>> {
  const { rows } = await sql<{ state: string; n: number }>`SELECT state, count(*) AS n FROM evidence_package
    WHERE corp_id = ${corp} GROUP BY state`.execute(db)
  return Object.fromEntries(rows.map(row => [row.state, row.n]))
}

export async function selectDue(db: Db, corp: number, at: number): Promise<PackageRow[]> {
  const { rows } = await sql<PackageRow>`SELECT ${COLUMNS} FROM evidence_package
    WHERE corp_id = ${corp} AND state = 'ready' AND expires_at <= ${when(at)}::timestamptz ORDER BY expires_at LIMIT 100`.execute(
    db,
  )
  return rows
}

export async function updateDecision(
  tx: Tx,
  corp: number,
  id: string,
  decision: { state: EvidenceState; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`UPDATE evidence_package SET state = ${decision.state}, decided_by = ${decision.by},
    decided_at = ${when(decision.at)}::timestamptz, decision_sealed = ${decision.sealed} WHERE corp_id = ${corp} AND id = ${id}`.execute(
    tx,
  )
}

export async function updateState(tx: Tx, corp: number, id: string, state: EvidenceState): Promise<void> {
  await sql`UPDATE evidence_package SET state = ${state} WHERE corp_id = ${corp} AND id = ${id}`.execute(tx)
}

/** A build begins, or begins anew after a kill. Its attempt is the only one that may finish. */
export async function beginAttempt(tx: Tx, corp: number, id: string, at: number): Promise<number> {
  const { rows } = await sql<{
    attempt: number
  }>`UPDATE evidence_package SET state = 'building', attempt = attempt + 1,
    started_at = ${when(at)}::timestamptz, step = 'messages', done = 0, failure = NULL WHERE corp_id = ${corp} AND id = ${id} RETURNING attempt`.execute(
    tx,
  )
  return rows[0]?.attempt ?? 0
}

/** False when another attempt has taken over. */
export async function noteProgress(
  db: Db,
  corp: number,
  place: { id: string; attempt: number },
  step: string,
  done: number,
): Promise<boolean> {
  const { numAffectedRows } =
    await sql`UPDATE evidence_package SET step = ${step}, done = ${done} WHERE corp_id = ${corp}
    AND id = ${place.id} AND attempt = ${place.attempt} AND state = 'building'`.execute(db)
  return Number(numAffectedRows ?? 0) === 1
}

export async function markFailed(tx: Tx, corp: number, id: string, failure: string): Promise<void> {
  await sql`UPDATE evidence_package SET state = 'failed', step = NULL, failure = ${failure} WHERE corp_id = ${corp} AND id = ${id}`.execute(
    tx,
  )
}

export async function markReady(
  tx: Tx,
  corp: number,
  place: { id: string; attempt: number },
  file: { bytes: number; sha256: Buffer; pieces: number; builtAt: number; expiresAt: number },
): Promise<boolean> {
  const { numAffectedRows } = await sql`UPDATE evidence_package SET state = 'ready', step = NULL,
    built_at = ${when(file.builtAt)}::timestamptz, file_bytes = ${file.bytes}, file_sha256 = ${file.sha256}, pieces = ${file.pieces},
    expires_at = ${when(file.expiresAt)}::timestamptz
    WHERE corp_id = ${corp} AND id = ${place.id} AND attempt = ${place.attempt} AND state = 'building'`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0) === 1
}

export async function markExpired(tx: Tx, corp: number, id: string, at: number): Promise<void> {
  await sql`UPDATE evidence_package SET state = 'expired', expired_at = ${when(at)}::timestamptz WHERE corp_id = ${corp} AND id = ${id}`.execute(
    tx,
  )
}

export type IssueRow = {
  id: string
  number: string
  requestedBy: string
  approvedBy: string
  issuedAt: number
  manifestSha256: Buffer
  note: string
}
const ISSUE_COLUMNS = sql`id::text, number, requested_by AS "requestedBy", approved_by AS "approvedBy", ${wholeMs('issued_at')} AS "issuedAt",
  manifest_sha256 AS "manifestSha256", note`

export async function insertIssue(tx: Tx, corp: number, issue: IssueRow): Promise<void> {
  await sql`INSERT INTO evidence_issue (corp_id, id, number, requested_by, approved_by, issued_at, manifest_sha256, note)
    VALUES (${corp}, ${issue.id}, ${issue.number}, ${issue.requestedBy}, ${issue.approvedBy}, ${when(issue.issuedAt)}::timestamptz,
      ${issue.manifestSha256}, ${issue.note})`.execute(tx)
}

export async function selectIssues(db: Db, corp: number, ids: string[]): Promise<IssueRow[]> {
  const { rows } = await sql<IssueRow>`SELECT ${ISSUE_COLUMNS} FROM evidence_issue
    WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])`.execute(db)
  return rows
}

/** Issues that no leaf and no waiting leaf knows. */
export async function issuesWithoutLeaf(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`SELECT id::text FROM evidence_issue e
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = e.corp_id AND f.log_id = 'archive' AND f.kind = 'evidence' AND f.ref = e.id::text)
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = e.corp_id AND p.log_id = 'archive' AND p.kind = 'evidence'
        AND p.ref = e.id::text) LIMIT 100`.execute(db)
  return rows.map(row => row.id)
}

export async function issueLeaf(db: Db, corp: number, id: string): Promise<number | null> {
  const { rows } = await sql<{
    idx: number
  }>`SELECT idx FROM leaf WHERE corp_id = ${corp} AND log_id = 'archive' AND conv_id = 0
    AND sent_at = 'epoch' AND ref = ${id} AND kind = 'evidence'`.execute(db)
  return rows[0]?.idx ?? null
}

export type DownloadRow = { by: string; at: number }

export async function insertDownload(
  tx: Tx,
  corp: number,
  row: { id: string; package: string; by: string; at: number },
): Promise<void> {
  await sql`INSERT INTO evidence_download (corp_id, id, package_id, taken_by, taken_at)
    VALUES (${corp}, ${row.id}, ${row.package}, ${row.by}, ${when(row.at)}::timestamptz)`.execute(tx)
}

export async function selectDownloads(db: Db, corp: number, id: string): Promise<DownloadRow[]> {
  const { rows } =
    await sql<DownloadRow>`SELECT taken_by AS by, ${epochMs('taken_at')} AS at FROM evidence_download
    WHERE corp_id = ${corp} AND package_id = ${id} ORDER BY taken_at`.execute(db)
  return rows
}
