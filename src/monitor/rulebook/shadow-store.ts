import type { MessageKey } from '../../archive/index.ts'
import { type Db, now, sql } from '../../base/index.ts'

type ShadowHit = { key: MessageKey; rule: string; severity: string; alerting: boolean; staff: string }

/** This room's SQL for versions in their shadow. A message judged again adds nothing. */
export async function insertShadow(
  db: Db,
  corp: number,
  of: { file: string; version: number },
  hits: ShadowHit[],
): Promise<void> {
  if (hits.length === 0) return
  const each = <T>(field: (hit: ShadowHit) => T): T[] => hits.map(field)
  await sql`INSERT INTO rule_shadow_hit (corp_id, conv_id, sent_at, src_msgid, file, version, rule, severity, alerting, staff, seen_at)
    SELECT ${corp}::smallint, conv, sent, msgid, ${of.file}, ${of.version}, rule, severity, alerting, staff, ${new Date(now())}::timestamptz
    FROM unnest(${each(h => h.key.convId)}::bigint[], ${each(h => new Date(h.key.sentAt).toISOString())}::timestamptz[],
      ${each(h => h.key.msgid)}::text[], ${each(h => h.rule)}::text[], ${each(h => h.severity)}::text[],
      ${each(h => h.alerting)}::bool[], ${each(h => h.staff)}::text[]) AS t (conv, sent, msgid, rule, severity, alerting, staff)
    ON CONFLICT DO NOTHING`.execute(db)
}

export async function countShadow(
  db: Db,
  corp: number,
  of: { file: string; version: number },
): Promise<{ hits: number; alerts: number }> {
  const { rows } = await sql<{ hits: number; alerts: number }>`
    SELECT count(*) AS hits, count(DISTINCT (conv_id, sent_at, src_msgid)) FILTER (WHERE alerting) AS alerts FROM rule_shadow_hit
    WHERE corp_id = ${corp} AND file = ${of.file} AND version = ${of.version}`.execute(db)
  return rows[0] ?? { hits: 0, alerts: 0 }
}
