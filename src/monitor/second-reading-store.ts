import type { MessageKey } from '../archive/index.ts'
import { type Db, sql, type Tx } from '../base/index.ts'

export type StoredReading = {
  key: MessageKey
  promptVersion: string
  model: string
  host: string
  inputSha256: Buffer
  outcome: 'added' | 'explained' | 'nothing' | 'unusable' | 'given_up'
  sealed: Buffer
  keyId: string
  at: number
}

export async function insertReading(tx: Tx, corp: number, reading: StoredReading): Promise<boolean> {
  const { key } = reading
  const { rows } = await sql`
    INSERT INTO second_reading (corp_id, conv_id, sent_at, src_msgid, prompt_version, model, host, input_sha256, outcome, sealed,
      key_id, read_at)
    VALUES (${corp}, ${key.convId}::bigint, ${new Date(key.sentAt)}, ${key.msgid}, ${reading.promptVersion}, ${reading.model},
      ${reading.host}, ${reading.inputSha256}, ${reading.outcome}, ${reading.sealed}, ${reading.keyId}, ${new Date(reading.at)})
    ON CONFLICT DO NOTHING RETURNING 1`.execute(tx)
  return rows.length > 0
}

export async function selectReadings(db: Db, corp: number, keys: MessageKey[]): Promise<StoredReading[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<StoredReading>`
    SELECT jsonb_build_object('convId', r.conv_id::text, 'sentAt', (extract(epoch FROM r.sent_at) * 1000)::bigint,
      'msgid', r.src_msgid) AS key, r.prompt_version AS "promptVersion", r.model, r.host, r.input_sha256 AS "inputSha256",
      r.outcome, r.sealed, r.key_id::text AS "keyId", (extract(epoch FROM r.read_at) * 1000)::bigint AS at
    FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
    CROSS JOIN LATERAL (SELECT * FROM second_reading x WHERE x.corp_id = ${corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
      AND x.src_msgid = k.msgid AND x.sealed <> ''::bytea OFFSET 0) r
    ORDER BY r.read_at`.execute(db)
  return rows
}
