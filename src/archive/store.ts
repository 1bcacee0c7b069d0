import { type Db, keyMonth, sql, type Tx } from '../base/index.ts'
import type { Normal } from '../wecom/index.ts'
import type { Prepared } from './prepare.ts'

/** This folder's SQL for writing. conv_id travels as text: it exceeds what a JavaScript number can hold. */

export type StoredBody = { conv: string; sentAt: number; msgid: string; body: Buffer | null }

export async function selectByMsgid(db: Db, corp: number, msgids: string[]): Promise<StoredBody[]> {
  const { rows } = await sql<StoredBody>`
    SELECT conv_id::text AS conv, (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid, body
    FROM message WHERE corp_id = ${corp} AND src_msgid = ANY(${msgids}::text[])
  `.execute(db)
  return rows
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** Insert what is not there; the identities of what was inserted. */
export async function insertMessages(tx: Tx, corp: number, batch: Prepared[]): Promise<Set<string>> {
  if (batch.length === 0) return new Set()
  const of = <T>(pick: (item: Prepared) => T): T[] => batch.map(pick)
  const { rows } = await sql<{ identity: string }>`
    INSERT INTO message (corp_id, conv_id, sent_at, src_msgid, source, seq, kind, action, direction, from_party, meta,
      consent_event, body, key_id, commitment, captured_at)
    SELECT ${corp}::smallint, * FROM unnest(
      ${of(i => i.conv)}::bigint[], ${of(i => iso(i.sentAt))}::timestamptz[], ${of(i => i.incoming.normal.msgid)}::text[],
      ${of(i => i.incoming.source)}::text[], ${of(i => i.incoming.seq)}::bigint[], ${of(i => i.incoming.normal.kind)}::text[],
      ${of(i => i.incoming.normal.action)}::text[], ${of(i => i.incoming.normal.direction)}::text[],
      ${of(i => i.incoming.normal.from)}::text[], ${of(i => JSON.stringify(i.incoming.normal.meta))}::jsonb[],
      ${of(i => i.consentEvent)}::uuid[], ${of(i => i.body)}::bytea[], ${of(i => i.keyId)}::uuid[], ${of(i => i.commitment)}::bytea[],
      ${of(i => iso(i.capturedAt))}::timestamptz[])
    ON CONFLICT DO NOTHING
    RETURNING conv_id::text || '|' || (extract(epoch FROM sent_at) * 1000)::bigint || '|' || src_msgid AS identity
  `.execute(tx)
  return new Set(rows.map(row => row.identity))
}

export async function insertLinks(tx: Tx, corp: number, batch: Prepared[]): Promise<void> {
  const rows = batch.flatMap(item => item.incoming.normal.links.map(link => ({ item, link })))
  if (rows.length === 0) return
  await sql`
    INSERT INTO message_link (corp_id, conv_id, sent_at, src_msgid, kind, target_msgid)
    SELECT ${corp}::smallint, * FROM unnest(
      ${rows.map(r => r.item.conv)}::bigint[], ${rows.map(r => iso(r.item.sentAt))}::timestamptz[],
      ${rows.map(r => r.item.incoming.normal.msgid)}::text[], ${rows.map(r => r.link.kind)}::text[],
      ${rows.map(r => r.link.target)}::text[])
  `.execute(tx)
}

export async function insertDerived(tx: Tx, corp: number, batch: Prepared[]): Promise<void> {
  const rows = batch.flatMap(item => item.derived.map(text => ({ item, text })))
  if (rows.length === 0) return
  await sql`
    INSERT INTO derived_text (corp_id, conv_id, sent_at, src_msgid, source, part, body, key_id, commitment, derived_at)
    SELECT ${corp}::smallint, conv, sent, msgid, 'record', part, body, key_id, commitment, at FROM unnest(
      ${rows.map(r => r.item.conv)}::bigint[], ${rows.map(r => iso(r.item.sentAt))}::timestamptz[],
      ${rows.map(r => r.item.incoming.normal.msgid)}::text[], ${rows.map(r => r.text.part)}::text[],
      ${rows.map(r => r.text.body)}::bytea[], ${rows.map(r => r.item.keyId)}::uuid[],
      ${rows.map(r => r.text.commitment)}::bytea[], ${rows.map(r => iso(r.item.capturedAt))}::timestamptz[])
      AS t (conv, sent, msgid, part, body, key_id, commitment, at)
  `.execute(tx)
}

/** unnest cannot carry an array of arrays, so each row's grams travel as one array literal. */
export async function insertGrams(tx: Tx, corp: number, batch: Prepared[]): Promise<void> {
  const rows = batch.filter(item => item.grams.length > 0)
  if (rows.length === 0) return
  await sql`
    INSERT INTO message_gram (corp_id, conv_id, sent_at, src_msgid, source, part, g)
    SELECT ${corp}::smallint, conv, sent, msgid, 'body', '', g::int4[] FROM unnest(
      ${rows.map(r => r.conv)}::bigint[], ${rows.map(r => iso(r.sentAt))}::timestamptz[],
      ${rows.map(r => r.incoming.normal.msgid)}::text[], ${rows.map(r => `{${r.grams.join(',')}}`)}::text[])
      AS t (conv, sent, msgid, g)
  `.execute(tx)
}

/** Who took part in which conversation in which month, for searches for a person. Most of it is there already. */
export async function insertParties(tx: Tx, corp: number, batch: Prepared[]): Promise<void> {
  const rows = new Map<string, [string, string, string]>()
  for (const { conv, sentAt, incoming } of batch) {
    const month = keyMonth(sentAt)
    for (const party of partiesIn(incoming.normal))
      rows.set(`${conv}|${month}|${party}`, [party, month, conv])
  }
  // In one order everywhere, so that two batches at once never wait for each other.
  const sorted = [...rows.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row)
  await sql`
    INSERT INTO conversation_party (corp_id, party, month, conv_id)
    SELECT ${corp}::smallint, * FROM unnest(${sorted.map(r => r[0])}::text[], ${sorted.map(r => r[1])}::date[],
      ${sorted.map(r => r[2])}::bigint[])
    ON CONFLICT DO NOTHING
  `.execute(tx)
}

/** Everybody a message names: sender, receivers, room. */
function partiesIn(normal: Pick<Normal, 'from' | 'meta'>): string[] {
  const { to, room } = normal.meta
  const others = Array.isArray(to) ? to.filter(party => typeof party === 'string') : []
  return [...new Set([normal.from, ...others, ...(typeof room === 'string' ? [room] : [])])]
}

export async function insertMedia(tx: Tx, corp: number, batch: Prepared[]): Promise<void> {
  const rows = batch.flatMap(item => item.media.map(media => ({ item, media })))
  if (rows.length === 0) return
  await sql`
    INSERT INTO message_media (corp_id, conv_id, sent_at, src_msgid, part, sdkfileid)
    SELECT ${corp}::smallint, * FROM unnest(
      ${rows.map(r => r.item.conv)}::bigint[], ${rows.map(r => iso(r.item.sentAt))}::timestamptz[],
      ${rows.map(r => r.item.incoming.normal.msgid)}::text[], ${rows.map(r => r.media.part)}::text[],
      ${rows.map(r => r.media.sdkfileid)}::bytea[])
    ON CONFLICT DO NOTHING
  `.execute(tx)
}
