import { type Actor, now, sql, type Tx } from '../base/index.ts'
import type { MessageKey } from './contract.ts'

/** Let a later room add a fact to a message (rule, severity, approved …), so that search knows it. Idempotent. */
export async function mark(
  tx: Tx,
  actor: Actor,
  marks: { key: MessageKey; kind: string; value: string }[],
): Promise<void> {
  if (marks.length === 0) return
  const at = new Date(now()).toISOString()
  await sql`
    INSERT INTO message_mark (corp_id, conv_id, sent_at, src_msgid, kind, value, marked_by, marked_at)
    SELECT DISTINCT ${actor.house.corp}::smallint, conv, sent, msgid, kind, value, ${actor.name}, ${at}::timestamptz FROM unnest(
      ${marks.map(m => m.key.convId)}::bigint[], ${marks.map(m => new Date(m.key.sentAt).toISOString())}::timestamptz[],
      ${marks.map(m => m.key.msgid)}::text[], ${marks.map(m => m.kind)}::text[], ${marks.map(m => m.value)}::text[])
      AS t (conv, sent, msgid, kind, value)
    ON CONFLICT DO NOTHING
  `.execute(tx)
}
