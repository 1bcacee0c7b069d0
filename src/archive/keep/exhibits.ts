import { type Db, type House, sql } from '../../base/index.ts'
import { type ClearScope, selectHolds } from './store.ts'

type HoldSeen = {
  id: string
  scope: ClearScope
  cause: string
  placedBy: string
  placedAt: number
  releasedBy: string | null
  releasedAt: number | null
}

/** Holds ever placed on these conversations or people, and their release; their sealed words stay with us. */
export async function holdsPlaced(
  db: Db,
  house: House,
  about: { convs: readonly string[]; parties: readonly string[] },
): Promise<HoldSeen[]> {
  const named = new Set([...about.convs, ...about.parties])
  const rows = await selectHolds(db, house.corp, 'all')
  return rows
    .filter(({ scope }) => scope.id !== undefined && named.has(scope.id))
    .map(({ id, scope, cause, placedBy, placedAt, releasedBy, releasedAt }) => ({
      id,
      scope,
      cause,
      placedBy,
      placedAt,
      releasedBy,
      releasedAt,
    }))
}

/** Leaves below `below` that say bodies of this conversation were destroyed, one for each month of a purge. */
export async function destructionsOf(
  db: Db,
  house: House,
  convId: string,
  below: number,
): Promise<{ leaf: number; ref: string; recordHash: Buffer }[]> {
  const { rows } = await sql<{ leaf: number; ref: string; recordHash: Buffer }>`
    SELECT f.idx AS leaf, f.ref, f.record_hash AS "recordHash"
    FROM (SELECT DISTINCT request_id, month FROM destroyed WHERE corp_id = ${house.corp} AND conv_id = ${convId}::bigint) d
    JOIN leaf f ON f.corp_id = ${house.corp} AND f.log_id = 'archive' AND f.conv_id = 0 AND f.sent_at = 'epoch' AND f.kind = 'destruction'
      AND f.ref = d.request_id::text || '|' || ${convId}::text || '|' || to_char(d.month, 'YYYY-MM-DD')
    WHERE f.idx < ${below} ORDER BY f.idx`.execute(db)
  return rows
}
