import { createHash } from 'node:crypto'
import { type Db, type House, keyMonth, open, sql } from '../base/index.ts'
import { splitBody } from './prepare.ts'
import { bodyContext } from './record.ts'

/** SHA-256 of the decrypted bytes a message was archived from, exactly as the source gave them. */
export type RawDigest = { msgid: string; sha256: string }

type Row = { conv: string; sentAt: number; msgid: string; body: Buffer | null }
const SWEEP = 1000

/**
 * The digests of every archived message, for comparing the archive with its source byte for byte. Purged bodies are
 * left out: nothing is left to compare.
 */
export async function* rawDigests(db: Db, house: House): AsyncGenerator<RawDigest> {
  let after = { sentAt: '-infinity', conv: '-1', msgid: '' }
  for (;;) {
    const { rows } = await sql<Row>`
      SELECT m.conv_id::text AS conv, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.body
      FROM message m WHERE m.corp_id = ${house.corp}
        AND (m.sent_at, m.conv_id, m.src_msgid) > (${after.sentAt}::timestamptz, ${after.conv}::bigint, ${after.msgid})
      ORDER BY m.sent_at, m.conv_id, m.src_msgid LIMIT ${SWEEP}`.execute(db)
    await house.keys.load(
      db,
      rows.map(row => ({ conv: row.conv, month: keyMonth(row.sentAt) })),
    )
    for (const { conv, sentAt, msgid, body } of rows) {
      if (body === null) continue
      const { key } = house.keys.cached(conv, keyMonth(sentAt))
      const { raw } = splitBody(open(key, body, bodyContext(house.corp, conv, sentAt, msgid)))
      yield { msgid, sha256: createHash('sha256').update(raw).digest('hex') }
    }
    const last = rows.at(-1)
    if (!last || rows.length < SWEEP) return
    after = { sentAt: new Date(last.sentAt).toISOString(), conv: last.conv, msgid: last.msgid }
  }
}
