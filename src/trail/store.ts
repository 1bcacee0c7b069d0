import { type Db, sql, type Tx } from '../base/index.ts'

export type StoredEntry = {
  id: string
  at: number
  actor: string
  role: string
  verb: string
  thingKind: string
  thingId: string
  sealed: Buffer
  keyId: string
  commitment: Buffer
}

export type EntryFilter = {
  actor: string | null
  verb: string | null
  before: { at: number; id: string } | null
  limit: number
}

const COLUMNS = sql`id::text, (extract(epoch FROM at) * 1000)::bigint AS at, actor, role, verb,
  thing_kind AS "thingKind", thing_id AS "thingId", sealed, key_id::text AS "keyId", commitment`

export async function insertEntry(tx: Tx, corp: number, entry: StoredEntry): Promise<void> {
  await sql`
    INSERT INTO trail_entry (corp_id, id, at, actor, role, verb, thing_kind, thing_id, sealed, key_id, commitment)
    VALUES (${corp}, ${entry.id}, ${new Date(entry.at)}, ${entry.actor}, ${entry.role}, ${entry.verb},
      ${entry.thingKind}, ${entry.thingId}, ${entry.sealed}, ${entry.keyId}, ${entry.commitment})
  `.execute(tx)
}

/** Newest first. The key of a page is (at, id), so entries that come meanwhile shift nothing. */
export async function selectEntries(db: Db, corp: number, filter: EntryFilter): Promise<StoredEntry[]> {
  const { actor, verb, before, limit } = filter
  const { rows } = await sql<StoredEntry>`
    SELECT ${COLUMNS} FROM trail_entry
    WHERE corp_id = ${corp}
      AND (${actor}::text IS NULL OR actor = ${actor}) AND (${verb}::text IS NULL OR verb = ${verb})
      AND (${before === null} OR (at, id) < (${before ? new Date(before.at) : null}::timestamptz, ${before?.id ?? null}::uuid))
    ORDER BY at DESC, id DESC LIMIT ${limit}
  `.execute(db)
  return rows
}

/** `wholeMs`: the time stands on a millisecond, as we write it; PostgreSQL keeps microseconds, and one must show. */
export type CheckedEntry = StoredEntry & { wholeMs: boolean }

export async function selectEntriesById(db: Db, corp: number, ids: string[]): Promise<CheckedEntry[]> {
  const { rows } = await sql<CheckedEntry>`
    SELECT ${COLUMNS}, at = date_trunc('milliseconds', at) AS "wholeMs" FROM trail_entry
    WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])
  `.execute(db)
  return rows
}

/** Counted first: each leaf has just been found to have its entry, so only unequal counts are worth a search. */
export async function selectUnledgered(db: Db, corp: number): Promise<string[]> {
  const counted = await sql<{ surplus: number }>`
    SELECT (SELECT count(*) FROM trail_entry) - (SELECT count(*) FROM leaf WHERE corp_id = ${corp} AND log_id = 'trail')
      - (SELECT count(*) FROM leaf_pending WHERE corp_id = ${corp} AND log_id = 'trail') AS surplus`.execute(
    db,
  )
  if (counted.rows[0]?.surplus === 0) return []
  const { rows } = await sql<{ id: string }>`
    SELECT t.id::text FROM trail_entry t
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = ${corp} AND t.corp_id = f.corp_id AND f.log_id = 'trail' AND f.conv_id = 0
        AND f.sent_at = 'epoch' AND f.ref = t.id::text)
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = ${corp} AND t.corp_id = p.corp_id AND p.log_id = 'trail'
        AND p.conv_id = 0 AND p.sent_at = 'epoch' AND p.ref = t.id::text) LIMIT 100`.execute(db)
  return rows.map(row => row.id)
}
