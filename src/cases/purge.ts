import { identityOf, type MessageKey, type PurgeGuard, type PurgeReach } from '../archive/index.ts'
import { sql } from '../base/index.ts'

const among = (keys: MessageKey[]): ReturnType<typeof sql> =>
  sql`(conv_id, sent_at, src_msgid) IN (SELECT * FROM unnest(${keys.map(k => k.convId)}::bigint[],
    ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[], ${keys.map(k => k.msgid)}::text[]))`

/**
 * Nothing is destroyed that an officer has still to settle: alerts that wait, reviews not concluded, samples of an open
 * inspection, and the conversation of a complaint that is not closed.
 */
export const openReviews: PurgeGuard = async (db, house, keys) => {
  if (keys.length === 0) return new Set()
  const { rows } = await sql<MessageKey>`
    SELECT conv_id::text AS "convId", (extract(epoch FROM sent_at) * 1000)::bigint AS "sentAt", src_msgid AS msgid FROM review
    WHERE corp_id = ${house.corp} AND state NOT IN ('violation', 'false_positive') AND ${among(keys)}
    UNION ALL
    SELECT conv_id::text, (extract(epoch FROM sent_at) * 1000)::bigint, src_msgid FROM alert a
    WHERE corp_id = ${house.corp} AND ${among(keys)} AND NOT EXISTS (SELECT FROM review r WHERE r.corp_id = a.corp_id AND r.alert_id = a.id)
    UNION ALL
    SELECT k.conv::text, (extract(epoch FROM k.at) * 1000)::bigint, k.msgid FROM ${named(keys)}
    WHERE EXISTS (SELECT FROM complaint c WHERE c.corp_id = ${house.corp} AND c.conv_id = k.conv
      AND c.state NOT IN ('closed', 'withdrawn'))
    UNION ALL
    SELECT k.conv::text, (extract(epoch FROM k.at) * 1000)::bigint, k.msgid FROM ${named(keys)}
    JOIN sample_unit u ON u.corp_id = ${house.corp} AND u.conv_id = k.conv AND k.at BETWEEN u.first_at AND u.last_at
    JOIN inspection i ON i.corp_id = u.corp_id AND i.plan_id = u.plan_id AND i.state <> 'closed'`.execute(db)
  return new Set(rows.map(identityOf))
}

const named = (keys: MessageKey[]): ReturnType<typeof sql> =>
  sql`(SELECT * FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
    ${keys.map(k => k.msgid)}::text[])) AS k (conv, at, msgid)`

/**
 * When messages are destroyed: the notes of decisions and moves about them, which quote them, and the hash by which the
 * same words would be known. That and how it was decided stays.
 */
export const casesPurge: PurgeReach = async (tx, house, keys) => {
  const alerts = sql`SELECT alert_id FROM review WHERE corp_id = ${house.corp} AND ${among(keys)}`
  await sql`UPDATE decision SET note_sealed = ''::bytea WHERE corp_id = ${house.corp} AND alert_id IN (${alerts})`.execute(
    tx,
  )
  await sql`UPDATE review_move SET note_sealed = ''::bytea
    WHERE corp_id = ${house.corp} AND note_sealed IS NOT NULL AND alert_id IN (${alerts})`.execute(tx)
  await sql`UPDATE review SET text_key = NULL WHERE corp_id = ${house.corp} AND ${among(keys)}`.execute(tx)
  await sql`UPDATE wall_note SET note_sealed = ''::bytea WHERE corp_id = ${house.corp} AND ${among(keys)}`.execute(
    tx,
  )
  await sql`UPDATE step_in SET ask_sealed = ''::bytea, answer_sealed = CASE WHEN answer_sealed IS NULL THEN NULL ELSE ''::bytea END
    WHERE corp_id = ${house.corp} AND ${among(keys)}`.execute(tx)
  const units = sql`EXISTS (SELECT FROM ${named(keys)} JOIN sample_unit u ON u.corp_id = ${house.corp} AND u.conv_id = k.conv
    AND k.at BETWEEN u.first_at AND u.last_at WHERE u.plan_id = t.plan_id AND u.unit = t.unit)`
  const empty = sql`''::bytea`
  await sql`UPDATE sample_unit t SET note_sealed = ${empty} WHERE t.corp_id = ${house.corp} AND t.note_sealed IS NOT NULL
    AND ${units}`.execute(tx)
  await sql`UPDATE finding t SET note_sealed = ${empty}, decision_sealed = ${empty}, rectified_sealed = ${empty}, checked_sealed = ${empty}
    WHERE t.corp_id = ${house.corp} AND ${units}`.execute(tx)
  await sql`UPDATE second_look t SET note_sealed = ${empty} WHERE t.corp_id = ${house.corp} AND t.note_sealed IS NOT NULL
    AND EXISTS (SELECT FROM ${named(keys)} WHERE k.conv = t.conv_id AND k.at = t.at)`.execute(tx)
}
