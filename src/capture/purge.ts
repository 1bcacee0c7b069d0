import type { PurgeReach } from '../archive/index.ts'
import { sql } from '../base/index.ts'

/** When messages are destroyed: another record under the same message id, which stands in quarantine as a conflict. */
export const capturePurge: PurgeReach = async (tx, house, keys) => {
  await sql`UPDATE quarantine SET sealed = ''::bytea, resolved_at = coalesce(resolved_at, clock_timestamp()),
      resolved_by = coalesce(resolved_by, 'system:purge')
    WHERE corp_id = ${house.corp} AND src_msgid = ANY(${keys.map(key => key.msgid)}::text[])`.execute(tx)
}
