import { type Db, type House, keyMonth, open, sql } from '../base/index.ts'
import { normalise, textsOf } from '../wecom/index.ts'
import { gramsOf, splitBody } from './prepare.ts'
import { bodyContext } from './record.ts'

/** Texts without a row of grams, by UTC month: search cannot find them. Only kind `text` is sure to have words. */
export async function countGramGaps(db: Db, corp: number): Promise<{ month: string; missing: number }[]> {
  const { rows } = await sql<{ month: string; missing: number }>`
    SELECT date_trunc('month', m.sent_at AT TIME ZONE 'UTC')::date::text AS month, count(*) AS missing FROM message m
    WHERE m.corp_id = ${corp} AND m.kind = 'text' AND m.body IS NOT NULL AND NOT EXISTS (SELECT FROM message_gram g
      WHERE g.corp_id = m.corp_id AND g.sent_at = m.sent_at AND g.conv_id = m.conv_id AND g.src_msgid = m.src_msgid AND g.source = 'body')
    GROUP BY 1 ORDER BY 1`.execute(db)
  return rows
}

const BATCH = 500
type Row = { conv: string; sentAt: string; sentMs: number; msgid: string; body: Buffer }

/**
 * Make the missing grams of messages again, batch by batch. It may be stopped at any moment and started again: what
 * has a row is passed over. A message without words gets an empty row, so that it is not looked at twice.
 */
export async function rebuildGrams(db: Db, house: House, told: (made: number) => void): Promise<number> {
  const hasher = await gramsOf(db, house)
  let made = 0
  let after = { sentAt: '-infinity', conv: '0', msgid: '' }
  for (;;) {
    const rows = await selectWithout(db, house.corp, after)
    const scopes = rows.map(row => ({ conv: row.conv, month: keyMonth(row.sentMs) }))
    await house.keys.loadSound(db, scopes)
    const grams = rows.map(row => {
      const text = wordsOf(house, row)
      return text === null ? null : `{${hasher.of(text).join(',')}}`
    })
    const ready = rows.filter((_, i) => grams[i] !== null)
    await sql`
      INSERT INTO message_gram (corp_id, conv_id, sent_at, src_msgid, source, part, g)
      SELECT ${house.corp}::smallint, conv, sent, msgid, 'body', '', g::int4[] FROM unnest(${ready.map(r => r.conv)}::bigint[],
        ${ready.map(r => r.sentAt)}::timestamptz[], ${ready.map(r => r.msgid)}::text[], ${grams.filter(g => g !== null)}::text[])
        AS t (conv, sent, msgid, g) ON CONFLICT DO NOTHING`.execute(db)
    made += ready.length
    told(made)
    const last = rows.at(-1)
    if (!last || rows.length < BATCH) return made
    after = last
  }
}

async function selectWithout(
  db: Db,
  corp: number,
  after: { sentAt: string; conv: string; msgid: string },
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT m.conv_id::text AS conv, m.sent_at::text AS "sentAt", (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentMs",
      m.src_msgid AS msgid, m.body FROM message m
    WHERE m.corp_id = ${corp} AND m.body IS NOT NULL
      AND (m.sent_at, m.conv_id, m.src_msgid) > (${after.sentAt}::timestamptz, ${after.conv}::bigint, ${after.msgid})
      AND NOT EXISTS (SELECT FROM message_gram g WHERE g.corp_id = m.corp_id AND g.sent_at = m.sent_at AND g.conv_id = m.conv_id
        AND g.src_msgid = m.src_msgid AND g.source = 'body')
    ORDER BY m.sent_at, m.conv_id, m.src_msgid LIMIT ${BATCH}`.execute(db)
  return rows
}

/** Null when the body does not open: that is for `verify` to tell. */
function wordsOf(house: House, row: Row): string | null {
  try {
    const { key } = house.keys.cached(row.conv, keyMonth(row.sentMs))
    const opened = open(key, row.body, bodyContext(house.corp, row.conv, row.sentMs, row.msgid))
    const normal = normalise(splitBody(opened).raw.toString('utf8'))
    if (typeof normal === 'string') return ''
    return textsOf(normal)
      .map(text => text.text)
      .join('\n')
  } catch {
    return null
  }
}
