import type { MessageKey, PurgeReach } from '../archive/index.ts'
import { sql } from '../base/index.ts'

const place = (table: string, keys: MessageKey[]): ReturnType<typeof sql> =>
  sql`(${sql.raw(`${table}.conv_id, ${table}.sent_at, ${table}.src_msgid`)}) IN (SELECT * FROM unnest(${keys.map(k => k.convId)}::bigint[],
    ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[], ${keys.map(k => k.msgid)}::text[]))`

/** When messages are destroyed: what their hits were read as, and what a second reader said of them, goes with them. */
export const monitorPurge: PurgeReach = async (tx, house, keys) => {
  await sql`UPDATE hit SET reading_sealed = NULL WHERE corp_id = ${house.corp} AND reading_sealed IS NOT NULL AND ${place('hit', keys)}`.execute(
    tx,
  )
  await sql`UPDATE second_reading SET sealed = ''::bytea WHERE corp_id = ${house.corp} AND ${place('second_reading', keys)}`.execute(
    tx,
  )
  // Digests of what was said; the findings keep only counts and places.
  await sql`DELETE FROM behaviour_event WHERE corp_id = ${house.corp} AND ${place('behaviour_event', keys)}`.execute(
    tx,
  )
}
