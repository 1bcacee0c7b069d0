import { type Db, sql, type Tx } from '../base/index.ts'

export type ContactRow = { id: string; type: number; sealed: Buffer }
export type FollowRow = { userid: string; id: string; addedAt: number; addWay: number; sealed: Buffer }
type KnownFollow = FollowRow & { endedBy: string | null }
export type GroupRow = { id: string; owner: string; createdAt: number; sealed: Buffer }
type KnownGroup = GroupRow & { dismissed: boolean }

const hex = <T extends { sealed: Buffer }>(rows: T[]) =>
  JSON.stringify(rows.map(row => ({ ...row, sealed: row.sealed.toString('hex') })))
export const iso = (ms: number) => new Date(ms).toISOString()

export async function selectContacts(db: Db, corp: number, ids: string[]): Promise<ContactRow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<ContactRow>`
    SELECT external_userid AS id, type, sealed FROM external_contact
    WHERE corp_id = ${corp} AND external_userid = ANY(${ids}::text[])`.execute(db)
  return rows
}

export async function selectFollows(db: Db, corp: number, ids: string[]): Promise<KnownFollow[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<KnownFollow>`
    SELECT userid, external_userid AS id, (extract(epoch FROM added_at) * 1000)::bigint AS "addedAt",
      add_way AS "addWay", sealed, ended_by AS "endedBy"
    FROM contact_follow WHERE corp_id = ${corp} AND external_userid = ANY(${ids}::text[])`.execute(db)
  return rows
}

export async function upsertContacts(tx: Tx, corp: number, rows: ContactRow[], at: number): Promise<void> {
  await sql`
    INSERT INTO external_contact (corp_id, external_userid, type, sealed, synced_at)
    SELECT ${corp}::smallint, r.id, r.type, decode(r.sealed, 'hex'), ${new Date(at)}::timestamptz
    FROM jsonb_to_recordset(${hex(rows)}::jsonb) AS r(id text, type smallint, sealed text)
    ON CONFLICT (corp_id, external_userid) DO UPDATE SET type = excluded.type, sealed = excluded.sealed,
      synced_at = excluded.synced_at`.execute(tx)
}

export async function upsertFollows(tx: Tx, corp: number, rows: FollowRow[], at: number): Promise<void> {
  const list = hex(rows.map(row => ({ ...row, addedAt: iso(row.addedAt) })))
  await sql`
    INSERT INTO contact_follow (corp_id, userid, external_userid, added_at, add_way, sealed, synced_at)
    SELECT ${corp}::smallint, r.userid, r.id, r."addedAt", r."addWay", decode(r.sealed, 'hex'), ${new Date(at)}::timestamptz
    FROM jsonb_to_recordset(${list}::jsonb)
      AS r(userid text, id text, "addedAt" timestamptz, "addWay" int, sealed text)
    ON CONFLICT (corp_id, external_userid, userid) DO UPDATE SET added_at = excluded.added_at,
      add_way = excluded.add_way, sealed = excluded.sealed, synced_at = excluded.synced_at`.execute(tx)
}

export async function selectGroups(db: Db, corp: number, ids: string[]): Promise<KnownGroup[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<KnownGroup>`
    SELECT chat_id AS id, owner, (extract(epoch FROM created_at) * 1000)::bigint AS "createdAt", sealed,
      dismissed_at IS NOT NULL AS dismissed
    FROM customer_group WHERE corp_id = ${corp} AND chat_id = ANY(${ids}::text[])`.execute(db)
  return rows
}

export async function upsertGroup(tx: Tx, corp: number, group: GroupRow, at: number): Promise<void> {
  await sql`
    INSERT INTO customer_group (corp_id, chat_id, owner, created_at, sealed, synced_at)
    VALUES (${corp}, ${group.id}, ${group.owner}, ${new Date(group.createdAt)}, ${group.sealed}, ${new Date(at)})
    ON CONFLICT (corp_id, chat_id) DO UPDATE SET owner = excluded.owner, created_at = excluded.created_at,
      sealed = excluded.sealed, synced_at = excluded.synced_at`.execute(tx)
}

export type NamedRow = { kind: 'customer' | 'group'; id: string; sealed: Buffer; syncedAt: number }

/** Customers and groups written since `after`, for the index of names. */
export async function selectNamed(db: Db, corp: number, after: number): Promise<NamedRow[]> {
  const { rows } = await sql<NamedRow>`
    SELECT 'customer' AS kind, external_userid AS id, sealed, (extract(epoch FROM synced_at) * 1000)::bigint AS "syncedAt"
    FROM external_contact WHERE corp_id = ${corp} AND synced_at >= ${new Date(after)}
    UNION ALL
    SELECT 'group', chat_id, sealed, (extract(epoch FROM synced_at) * 1000)::bigint
    FROM customer_group WHERE corp_id = ${corp} AND synced_at >= ${new Date(after)}`.execute(db)
  return rows
}

export type ConsentInsert = {
  id: string
  externalUserid: string
  userid: string | null
  chatId: string | null
  state: string
  source: string
  sourceRef: string
  effectiveAt: number
  recordedAt: number
}

/** The ids of those that were not known yet. */
export async function insertConsents(tx: Tx, corp: number, events: ConsentInsert[]): Promise<string[]> {
  const list = JSON.stringify(
    events.map(event => ({
      ...event,
      effectiveAt: iso(event.effectiveAt),
      recordedAt: iso(event.recordedAt),
    })),
  )
  const { rows } = await sql<{ id: string }>`
    INSERT INTO consent_event (corp_id, id, external_userid, userid, chat_id, state, source, source_ref, effective_at, recorded_at)
    SELECT ${corp}::smallint, r.id, r."externalUserid", r.userid, r."chatId", r.state, r.source, r."sourceRef",
      r."effectiveAt", r."recordedAt"
    FROM jsonb_to_recordset(${list}::jsonb) AS r(id uuid, "externalUserid" text, userid text, "chatId" text, state text,
      source text, "sourceRef" text, "effectiveAt" timestamptz, "recordedAt" timestamptz)
    ON CONFLICT DO NOTHING RETURNING id::text`.execute(tx)
  return rows.map(row => row.id)
}

/** ORDER BY for choices of the same instant. */
export const strictest = sql`array_position(ARRAY['withdrawn', 'disagree', 'agree', 'default_agree'], state)`

export type ConsentFilter = {
  externalUserid: string
  userid: string | null
  chatId: string | null
  at: number | null
  knownAt: number | null
}

/**
 * The newest choice that was in force at `at`, as far as we knew at `knownAt`. Of two at the same instant the one that
 * allows less holds: the answer must not hang on which we were told first.
 */
export async function selectConsent(
  db: Db,
  corp: number,
  filter: ConsentFilter,
): Promise<{ id: string; state: string; at: number } | null> {
  const at = filter.at === null ? null : new Date(filter.at)
  const knownAt = filter.knownAt === null ? null : new Date(filter.knownAt)
  const { rows } = await sql<{ id: string; state: string; at: number }>`
    SELECT id::text, state, (extract(epoch FROM effective_at) * 1000)::bigint AS at FROM consent_event
    WHERE corp_id = ${corp} AND external_userid = ${filter.externalUserid}
      AND (chat_id IS NULL AND userid IS NULL OR chat_id IS NOT DISTINCT FROM ${filter.chatId}::text
        AND (${filter.chatId}::text IS NOT NULL OR ${filter.userid}::text IS NULL OR userid = ${filter.userid}))
      AND (${at}::timestamptz IS NULL OR effective_at <= ${at})
      AND (${knownAt}::timestamptz IS NULL OR recorded_at <= ${knownAt})
    ORDER BY effective_at DESC, ${strictest}, source, source_ref LIMIT 1`.execute(db)
  return rows[0] ?? null
}
