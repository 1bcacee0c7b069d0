import { type Db, type House, sql } from '../base/index.ts'

/** A friendship that one side ended, and when we learnt of it. */
export type FriendshipEnd = {
  id: string
  userid: string
  externalUserid: string
  kind: 'deleted_by_customer' | 'deleted_by_staff'
  effectiveAt: number
  recordedAt: number
}

/** Customers who deleted staff and staff who deleted customers, as we learnt of them after this place; oldest first. */
export async function friendshipEnds(
  db: Db,
  house: House,
  after: { recordedAt: number; id: string },
  limit: number,
): Promise<FriendshipEnd[]> {
  const { rows } = await sql<FriendshipEnd>`
    SELECT id::text, userid, external_userid AS "externalUserid", kind, (extract(epoch FROM effective_at) * 1000)::bigint AS "effectiveAt",
      (extract(epoch FROM recorded_at) * 1000)::bigint AS "recordedAt"
    FROM follow_event WHERE corp_id = ${house.corp} AND kind IN ('deleted_by_customer', 'deleted_by_staff')
      AND reason <> 'DELETE_BY_TRANSFER'
      AND (date_trunc('milliseconds', recorded_at), id) > (${new Date(after.recordedAt)}::timestamptz, ${after.id}::uuid)
      AND recorded_at >= ${new Date(after.recordedAt)}
    ORDER BY date_trunc('milliseconds', recorded_at), id LIMIT ${limit}`.execute(db)
  return rows
}
