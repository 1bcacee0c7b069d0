import { type Db, type House, sql } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import { isExternal } from '../wecom/index.ts'
import { partyIn } from './view.ts'

/** Titles of conversations, for lists that name several; one that is not there keeps its number. */
export async function conversationTitles(
  db: Db,
  house: House,
  convIds: readonly string[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ conv: string; from: string; to: string[] | null; room: string | null }>`
    SELECT c.conv::text AS conv, m.from_party AS "from", ARRAY(SELECT jsonb_array_elements_text(m.meta -> 'to')) AS to,
      m.meta ->> 'room' AS room
    FROM unnest(${[...new Set(convIds)]}::bigint[]) AS c (conv)
    CROSS JOIN LATERAL (SELECT from_party, meta FROM message x WHERE x.corp_id = ${house.corp} AND x.conv_id = c.conv
      ORDER BY x.sent_at DESC LIMIT 1) m`.execute(db)
  const names = await partiesOf(
    db,
    house,
    rows.flatMap(row => (row.room === null ? [row.from, ...(row.to ?? [])] : [row.room])),
  )
  return new Map(
    rows.map(row => {
      const parties = [...new Set([row.from, ...(row.to ?? [])])]
      const order = parties.sort((a, b) => Number(isExternal(a)) - Number(isExternal(b)))
      const title =
        row.room === null
          ? order.map(id => partyIn(names, id).name).join(' ↔ ')
          : partyIn(names, row.room).name
      return [row.conv, title]
    }),
  )
}
