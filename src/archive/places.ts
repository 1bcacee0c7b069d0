import type { z } from 'zod'
import { type Actor, type Db, sql } from '../base/index.ts'
import type { MessageKey, placeQuery } from './contract.ts'
import { inSight } from './pages.ts'
import { authoriseConversation } from './transcript.ts'

type Query = z.infer<typeof placeQuery>

/**
 * The next or previous message of a conversation from a place on, or the next one with a hit. Hits are known by the marks
 * that detection leaves on messages. It tells where to look, and shows nothing: the look itself is what the trail keeps.
 */
export async function findPlace(
  db: Db,
  actor: Actor,
  convId: string,
  query: Query,
): Promise<{ key: MessageKey | null }> {
  await authoriseConversation(db, actor, convId)
  const onward = query.to === 'next' || query.to === 'next-hit'
  const from = new Date(query.from)
  const place = onward
    ? sql`(m.sent_at, m.src_msgid) > (${from}::timestamptz, ${query.msgid})`
    : sql`(m.sent_at, m.src_msgid) < (${from}::timestamptz, ${query.msgid})`
  const hit = query.to.endsWith('hit')
    ? sql`EXISTS (SELECT FROM message_mark k WHERE k.corp_id = m.corp_id AND k.conv_id = m.conv_id
        AND k.sent_at = m.sent_at AND k.src_msgid = m.src_msgid AND k.kind = 'severity')`
    : sql`true`
  const order = onward ? sql`m.sent_at, m.src_msgid` : sql`m.sent_at DESC, m.src_msgid DESC`
  const sight = { corp: actor.house.corp, convId, at: query.at ?? null, knownAt: null }
  const { rows } = await sql<{ sentAt: number; msgid: string }>`
    SELECT (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid
    FROM message m WHERE ${inSight(sight)} AND ${place} AND ${hit} ORDER BY ${order} LIMIT 1`.execute(db)
  const found = rows[0]
  return { key: found ? { convId, ...found } : null }
}
