import { type Db, type House, sql } from '../base/index.ts'
import type { Problem } from '../notary/index.ts'

/**
 * Rows that no leaf and no waiting leaf knows: put in behind the ledger's back. Each leaf has just been found to have its
 * one row, so equal counts leave room for no other; only unequal ones are worth looking for it row by row.
 */
export async function unledgered(db: Db, house: House, known: boolean): Promise<Problem[]> {
  const { rows } = await sql<{ messages: number; derived: number }>`
    SELECT (SELECT count(*) FROM message) - (SELECT count(*) FROM leaf WHERE log_id = 'archive' AND kind = 'message')
        - (SELECT count(*) FROM leaf_pending WHERE log_id = 'archive' AND kind = 'message') AS messages,
      (SELECT count(*) FROM derived_text) - (SELECT count(*) FROM leaf WHERE log_id = 'archive' AND kind = 'derived')
        - (SELECT count(*) FROM leaf_pending WHERE log_id = 'archive' AND kind = 'derived') AS derived
  `.execute(db)
  const surplus = rows[0]
  const orphans = await orphanLinks(db)
  if (known && surplus?.messages === 0 && surplus.derived === 0) return orphans
  return [...(await strangers(db, house)), ...orphans]
}

async function orphanLinks(db: Db): Promise<Problem[]> {
  const { rows } = await sql<{ ref: string }>`
    SELECT l.src_msgid AS ref FROM message_link l WHERE NOT EXISTS (SELECT FROM message m WHERE m.corp_id = l.corp_id
      AND m.conv_id = l.conv_id AND m.sent_at = l.sent_at AND m.src_msgid = l.src_msgid) LIMIT 100
  `.execute(db)
  return rows.map(row => ({ log: 'archive', index: null, what: 'link without its message', ref: row.ref }))
}

async function strangers(db: Db, house: House): Promise<Problem[]> {
  const { rows } = await sql<{ ref: string; what: string }>`
    SELECT m.src_msgid AS ref, 'message unknown to the ledger' AS what FROM message m
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = ${house.corp} AND m.corp_id = f.corp_id AND f.log_id = 'archive' AND f.conv_id = m.conv_id
        AND f.sent_at = m.sent_at AND f.ref = m.src_msgid AND f.kind = 'message')
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = m.corp_id AND p.log_id = 'archive' AND p.conv_id = m.conv_id
        AND p.sent_at = m.sent_at AND p.ref = m.src_msgid AND p.kind = 'message')
    UNION ALL
    SELECT d.src_msgid, 'derived text unknown to the ledger' FROM derived_text d
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = d.corp_id AND f.log_id = 'archive' AND f.conv_id = d.conv_id
        AND f.sent_at = d.sent_at AND f.ref = d.src_msgid || '|' || d.source || '|' || d.part AND f.kind = 'derived')
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = d.corp_id AND p.log_id = 'archive' AND p.conv_id = d.conv_id
        AND p.sent_at = d.sent_at AND p.ref = d.src_msgid || '|' || d.source || '|' || d.part AND p.kind = 'derived')
    LIMIT 100
  `.execute(db)
  return rows.map(row => ({ log: 'archive', index: null, what: row.what, ref: row.ref }))
}
