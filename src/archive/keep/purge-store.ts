import { type Db, epochMs, sql, type Tx, wholeMs } from '../../base/index.ts'
import type { DestructionDocument, DryRun, PurgeScope, Refusals } from './contract.ts'
import type { Part } from './judge.ts'
import { when } from './store.ts'

/** Rows of purge requests, their parts and what they destroyed. */

export type Basis = DestructionDocument['basis']
export type RequestRow = {
  id: string
  number: string
  scope: PurgeScope
  basis: Basis
  counts: DryRun
  refused: boolean
  sealed: Buffer
  requestedBy: string
  requestedAt: number
  verdict: 'approved' | 'rejected' | 'withdrawn' | null
  decidedBy: string | null
  decidedAt: number | null
  decidedSealed: Buffer | null
  parts: number
  done: number
  messages: number
  stayed: Refusals[]
  certificate: boolean
}

export async function selectRequests(
  db: Db,
  corp: number,
  id: string | null,
  limit = 200,
): Promise<RequestRow[]> {
  const { rows } = await sql<RequestRow>`
    SELECT q.id::text, q.number, q.scope, q.basis, q.counts, q.refused, q.reason_sealed AS sealed, q.requested_by AS "requestedBy",
      ${epochMs('q.requested_at')} AS "requestedAt", d.verdict, d.decided_by AS "decidedBy", ${epochMs('d.decided_at')} AS "decidedAt",
      d.reason_sealed AS "decidedSealed", i.parts, i.done, i.messages, i.stayed,
      EXISTS (SELECT FROM destruction x WHERE x.corp_id = q.corp_id AND x.id = q.id) AS certificate
    FROM purge_request q
    LEFT JOIN purge_decision d ON d.corp_id = q.corp_id AND d.request_id = q.id
    CROSS JOIN LATERAL (SELECT count(*) AS parts, count(p.done_at) AS done, coalesce(sum(p.messages), 0)::bigint AS messages,
      coalesce(jsonb_agg(p.refused) FILTER (WHERE p.refused <> '{}'), '[]') AS stayed
      FROM purge_item p WHERE p.corp_id = q.corp_id AND p.request_id = q.id) i
    WHERE q.corp_id = ${corp} ${id === null ? sql`` : sql`AND q.id = ${id}::uuid`}
    ORDER BY q.requested_at DESC, q.id DESC LIMIT ${limit}`.execute(db)
  return rows
}

/** Numbers go on within a year: P-2026-0007. The caller holds the keep lock. */
export async function nextNumber(tx: Tx, corp: number, year: string): Promise<string> {
  const prefix = `P-${year}-`
  const { rows } = await sql<{ n: number }>`
    SELECT coalesce(max(substr(number, ${prefix.length + 1})::int), 0) AS n FROM purge_request
    WHERE corp_id = ${corp} AND number LIKE ${`${prefix}%`}`.execute(tx)
  return `${prefix}${String((rows[0]?.n ?? 0) + 1).padStart(4, '0')}`
}

export async function insertRequest(
  tx: Tx,
  corp: number,
  row: Pick<
    RequestRow,
    'id' | 'number' | 'scope' | 'basis' | 'counts' | 'refused' | 'sealed' | 'requestedBy' | 'requestedAt'
  >,
  parts: Part[],
): Promise<void> {
  await sql`INSERT INTO purge_request (corp_id, id, number, scope, basis, counts, refused, reason_sealed, requested_by, requested_at)
    VALUES (${corp}, ${row.id}, ${row.number}, ${JSON.stringify(row.scope)}::jsonb, ${JSON.stringify(row.basis)}::jsonb,
      ${JSON.stringify(row.counts)}::jsonb, ${row.refused}, ${row.sealed}, ${row.requestedBy}, ${when(row.requestedAt)})`.execute(
    tx,
  )
  await sql`INSERT INTO purge_item (corp_id, request_id, conv_id, month)
    SELECT ${corp}::smallint, ${row.id}::uuid, * FROM unnest(${parts.map(part => part.convId)}::bigint[], ${parts.map(part => part.month)}::date[])`.execute(
    tx,
  )
}

export async function insertDecision(
  tx: Tx,
  corp: number,
  row: { id: string; verdict: string; requestedBy: string; by: string; at: number; sealed: Buffer },
): Promise<void> {
  await sql`INSERT INTO purge_decision (corp_id, request_id, verdict, requested_by, decided_by, reason_sealed, decided_at)
    VALUES (${corp}, ${row.id}, ${row.verdict}, ${row.requestedBy}, ${row.by}, ${row.sealed}, ${when(row.at)})`.execute(
    tx,
  )
}

/**
 * Conversation-months that may hold something over, oldest first, after a place in that order. With `until` null only
 * conversations with an anchor are looked at, because no line in force runs from the message itself.
 */
export async function scanParts(
  db: Db,
  corp: number,
  after: Part,
  until: { record: string | null; anchored: string },
  limit: number,
): Promise<Part[]> {
  const { rows } = await sql<Part>`
    SELECT k.conv_id::text AS "convId", k.month::text AS month FROM data_key k
    WHERE k.corp_id = ${corp} AND k.conv_id <> 0 AND k.shredded_at IS NULL AND k.month >= '1990-01-01'
      AND (k.month, k.conv_id) > (${after.month}::date, ${after.convId}::bigint)
      AND (k.month <= ${until.record}::date OR (k.month <= ${until.anchored}::date AND EXISTS (SELECT FROM retention_anchor a
        WHERE a.corp_id = k.corp_id AND a.conv_id = k.conv_id)))
    ORDER BY k.month, k.conv_id LIMIT ${limit}`.execute(db)
  return rows
}

export async function openParts(db: Db, corp: number, request: string): Promise<Part[]> {
  const { rows } = await sql<Part>`
    SELECT conv_id::text AS "convId", month::text AS month FROM purge_item
    WHERE corp_id = ${corp} AND request_id = ${request}::uuid AND done_at IS NULL ORDER BY month, conv_id`.execute(
    db,
  )
  return rows
}

/** Still to be done? Held until the transaction ends, so that two workers never do one part twice. */
export async function lockPart(tx: Tx, corp: number, request: string, part: Part): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM purge_item WHERE corp_id = ${corp} AND request_id = ${request}::uuid AND conv_id = ${part.convId}::bigint
      AND month = ${part.month}::date AND done_at IS NULL FOR UPDATE`.execute(tx)
  return rows.length === 1
}

export type DonePart = Part & {
  at: number
  messages: number
  records: number
  listSha256: Buffer | null
  keyShredded: boolean
  refused: Refusals
}

export async function settlePart(tx: Tx, corp: number, request: string, done: DonePart): Promise<void> {
  await sql`UPDATE purge_item SET done_at = ${when(done.at)}::timestamptz, messages = ${done.messages}, records = ${done.records},
      list_sha256 = ${done.listSha256}, key_shredded = ${done.keyShredded}, refused = ${JSON.stringify(done.refused)}::jsonb
    WHERE corp_id = ${corp} AND request_id = ${request}::uuid AND conv_id = ${done.convId}::bigint AND month = ${done.month}::date`.execute(
    tx,
  )
}

export async function doneParts(db: Db, corp: number, request: string): Promise<DonePart[]> {
  const { rows } = await sql<DonePart>`
    SELECT conv_id::text AS "convId", month::text AS month, ${wholeMs('done_at')} AS at, messages, records, list_sha256 AS "listSha256",
      key_shredded AS "keyShredded", refused
    FROM purge_item WHERE corp_id = ${corp} AND request_id = ${request}::uuid AND done_at IS NOT NULL ORDER BY month, conv_id`.execute(
    db,
  )
  return rows
}

/** One thing that is gone: what it was, and the commitment or hash by which the ledger still knows it. */
export type Destroyed = { convId: string; sentAt: string; msgid: string; item: string; digest: Buffer }

export async function selectDestroyed(
  db: Db,
  corp: number,
  request: string,
  part: Part | null,
): Promise<Destroyed[]> {
  const { rows } = await sql<Destroyed>`
    SELECT conv_id::text AS "convId", ((extract(epoch FROM sent_at) * 1000000)::bigint)::text AS "sentAt", src_msgid AS msgid, item, digest
    FROM destroyed WHERE corp_id = ${corp} AND request_id = ${request}::uuid
      ${part ? sql`AND conv_id = ${part.convId}::bigint AND month = ${part.month}::date` : sql``}
    ORDER BY conv_id, sent_at, src_msgid, item`.execute(db)
  return rows
}

export async function selectFiles(
  db: Db,
  corp: number,
  request: string,
): Promise<{ sha256: Buffer; state: string }[]> {
  const { rows } = await sql<{ sha256: Buffer; state: string }>`
    SELECT sha256, state FROM purge_file WHERE corp_id = ${corp} AND request_id = ${request}::uuid ORDER BY sha256`.execute(
    db,
  )
  return rows
}

export type DestructionRow = {
  id: string
  requestedBy: string
  approvedBy: string
  certificate: DestructionDocument
  at: number
}

export async function selectDestruction(db: Db, corp: number, id: string): Promise<DestructionRow | null> {
  const { rows } = await sql<DestructionRow>`
    SELECT id::text, requested_by AS "requestedBy", approved_by AS "approvedBy", certificate, ${wholeMs('at')} AS at
    FROM destruction WHERE corp_id = ${corp} AND id = ${id}::uuid`.execute(db)
  return rows[0] ?? null
}

export async function insertDestruction(tx: Tx, corp: number, row: DestructionRow): Promise<void> {
  await sql`INSERT INTO destruction (corp_id, id, requested_by, approved_by, certificate, at)
    VALUES (${corp}, ${row.id}, ${row.requestedBy}, ${row.approvedBy}, ${JSON.stringify(row.certificate)}::jsonb, ${when(row.at)})`.execute(
    tx,
  )
}
