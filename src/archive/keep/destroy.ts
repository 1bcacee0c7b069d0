import { createHash } from 'node:crypto'
import { type House, sql, type Tx } from '../../base/index.ts'
import { recordHash } from '../../ledger/index.ts'
import type { MessageKey } from '../contract.ts'
import type { Part } from './judge.ts'
import type { Destroyed, DonePart } from './purge-store.ts'

/**
 * What a later room holds of a message's words, sealed: it removes it itself, with its own SQL, inside the transaction
 * that destroys and under the role that may. So nothing of a message outlives its body by a moment.
 */
export type PurgeReach = (tx: Tx, house: House, keys: MessageKey[]) => Promise<void>

const keyTable = (keys: MessageKey[]): ReturnType<typeof sql> =>
  sql`unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
    ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)`

const same = (table: string): ReturnType<typeof sql> =>
  sql.raw(
    `${table}.conv_id = k.conv AND ${table}.sent_at = k.sent AND ${table}.src_msgid = k.msgid`,
  ) as ReturnType<typeof sql>

/**
 * Take the bodies, the derived texts, the pointers to files and the grams of these messages, and write down what was
 * taken by its commitment. The rows and their leaves stay. Returns how many things are gone.
 */
export async function destroyMessages(
  tx: Tx,
  corp: number,
  request: string,
  part: Part,
  keys: MessageKey[],
): Promise<number> {
  const { numAffectedRows } = await sql`
    INSERT INTO destroyed (corp_id, conv_id, sent_at, src_msgid, item, digest, request_id, month)
    SELECT ${corp}::smallint, t.conv, t.sent, t.msgid, t.item, t.digest, ${request}::uuid, ${part.month}::date FROM (
      SELECT k.conv, k.sent, k.msgid, 'body' AS item, m.commitment AS digest FROM ${keyTable(keys)}
        JOIN message m ON m.corp_id = ${corp} AND ${same('m')} AND m.body IS NOT NULL
      UNION ALL
      SELECT k.conv, k.sent, k.msgid, 'text:' || d.source || '|' || d.part, d.commitment FROM ${keyTable(keys)}
        JOIN derived_text d ON d.corp_id = ${corp} AND ${same('d')} AND d.body IS NOT NULL
      UNION ALL
      SELECT k.conv, k.sent, k.msgid, 'file:' || a.part, a.sha256 FROM ${keyTable(keys)}
        JOIN message_media a ON a.corp_id = ${corp} AND ${same('a')} AND a.sha256 IS NOT NULL) t`.execute(tx)
  await sql`INSERT INTO purge_file (corp_id, request_id, sha256)
    SELECT DISTINCT ${corp}::smallint, ${request}::uuid, a.sha256 FROM ${keyTable(keys)}
      JOIN message_media a ON a.corp_id = ${corp} AND ${same('a')} AND a.sha256 IS NOT NULL
    ON CONFLICT DO NOTHING`.execute(tx)
  await sql`UPDATE message m SET body = NULL FROM ${keyTable(keys)} WHERE m.corp_id = ${corp} AND ${same('m')}`.execute(
    tx,
  )
  await sql`UPDATE derived_text d SET body = NULL FROM ${keyTable(keys)} WHERE d.corp_id = ${corp} AND ${same('d')}`.execute(
    tx,
  )
  await sql`UPDATE message_media a SET sdkfileid = ''::bytea FROM ${keyTable(keys)} WHERE a.corp_id = ${corp} AND ${same('a')}`.execute(
    tx,
  )
  await sql`DELETE FROM message_gram g USING ${keyTable(keys)} WHERE g.corp_id = ${corp} AND ${same('g')}`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

const RECORD_VERSION = 1

/** The digest of a hash list: SHA-256 over its lines in order, each `time msgid item digest`. */
export function listDigest(list: readonly Destroyed[]): Buffer {
  const lines = list.map(
    ({ sentAt, msgid, item, digest }) => `${sentAt} ${msgid} ${item} ${digest.toString('hex')}\n`,
  )
  return createHash('sha256').update(lines.toSorted().join('')).digest()
}

/** What stands in the ledger for one destroyed conversation-month of a purge. */
export function partRecord(
  house: House,
  purge: { id: string; requestedBy: string; approvedBy: string },
  part: DonePart & { listSha256: Buffer },
): Buffer {
  const { convId, month, at, messages, records, keyShredded } = part
  const envelope = {
    corp: house.corp,
    purge: purge.id,
    requestedBy: purge.requestedBy,
    approvedBy: purge.approvedBy,
    conv: convId,
    month,
    at,
    messages,
    records,
    keyShredded,
    list: part.listSha256.toString('hex'),
  }
  return recordHash(RECORD_VERSION, 'destruction', envelope, null)
}

export const partRef = (purge: string, part: Part): string => `${purge}|${part.convId}|${part.month}`

/** What stands in the ledger for a certificate of destruction. */
export function certificateRecord(
  house: House,
  row: { id: string; requestedBy: string; approvedBy: string; at: number; certificate: object },
): Buffer {
  const { id, requestedBy, approvedBy, at, certificate } = row
  return recordHash(
    RECORD_VERSION,
    'destruction',
    { corp: house.corp, id, requestedBy, approvedBy, at, certificate },
    null,
  )
}
