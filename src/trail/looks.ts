import { type Db, type House, sql } from '../base/index.ts'
import type { StoredEntry } from './store.ts'

/** A look at something, with all that leads to its leaf; the detail itself stays sealed behind its commitment. */
export type Look = {
  leaf: number
  envelope: {
    corp: number
    id: string
    at: number
    actor: string
    role: string
    verb: string
    thingKind: string
    thingId: string
  }
  commitment: Buffer
}

/** Looks at these things that are sealed below `below` in the trail's own log, oldest first, at most `limit`. */
export async function looksAt(
  db: Db,
  house: House,
  thing: { kind: string; ids: string[] },
  below: number,
  limit: number,
): Promise<Look[]> {
  const { rows } = await sql<Omit<StoredEntry, 'sealed' | 'keyId'> & { leaf: number }>`
    SELECT f.idx AS leaf, t.id::text, (extract(epoch FROM t.at) * 1000)::bigint AS at, t.actor, t.role, t.verb,
      t.thing_kind AS "thingKind", t.thing_id AS "thingId", t.commitment
    FROM trail_entry t JOIN leaf f ON f.corp_id = t.corp_id AND f.log_id = 'trail' AND f.conv_id = 0 AND f.sent_at = 'epoch'
      AND f.ref = t.id::text AND f.kind = 'trail' AND f.idx < ${below}
    WHERE t.corp_id = ${house.corp} AND t.thing_kind = ${thing.kind} AND t.thing_id = ANY(${thing.ids}::text[])
    ORDER BY t.at, t.id LIMIT ${limit}`.execute(db)
  return rows.map(({ leaf, commitment, ...entry }) => ({
    leaf,
    envelope: { corp: house.corp, ...entry },
    commitment,
  }))
}
