import { type Db, type House, sql } from '../../base/index.ts'
import { partiesOf } from '../../contacts/index.ts'
import { isExternal } from '../../wecom/index.ts'
import { partyIn } from '../view.ts'

/** How screens name people and conversations that a hold or a purge is about; customers are masked. */
export async function namesOf(
  db: Db,
  house: House,
  about: { people: string[]; convs: string[] },
): Promise<Map<string, string>> {
  const { rows } = await sql<{ conv: string; from: string; to: string[] | null; room: string | null }>`
    SELECT w.conv, m.from_party AS "from", ARRAY(SELECT jsonb_array_elements_text(m.meta -> 'to')) AS to, m.meta ->> 'room' AS room
    FROM unnest(${about.convs}::text[]) AS w (conv) CROSS JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${house.corp}
      AND x.conv_id = w.conv::bigint ORDER BY x.sent_at DESC LIMIT 1) m`.execute(db)
  const sides = rows.map(row => ({
    conv: row.conv,
    ids: row.room === null ? [...new Set([row.from, ...(row.to ?? [])])].toSorted(staffFirst) : [row.room],
  }))
  const parties = await partiesOf(db, house, [...about.people, ...sides.flatMap(side => side.ids)])
  return new Map([
    ...about.people.map(id => [id, partyIn(parties, id).name] as const),
    ...sides.map(({ conv, ids }) => [conv, ids.map(id => partyIn(parties, id).name).join(' ↔ ')] as const),
  ])
}

const staffFirst = (a: string, b: string): number => Number(isExternal(a)) - Number(isExternal(b))
