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

export async function selectEntriesById(db: Db, corp: number, ids: string[]): Promise<StoredEntry[]> {
  const { rows } = await sql<StoredEntry>`
    SELECT ${COLUMNS} FROM trail_entry WHERE corp_id = ${corp} AND id = ANY(${ids}::uuid[])
  `.execute(db)
  return rows
}
