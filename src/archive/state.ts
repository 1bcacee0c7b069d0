import { type Db, type House, sql } from '../base/index.ts'

export type ArchiveState = {
  messages: number
  conversations: number
  firstAt: number | null
  lastAt: number | null
  databaseMb: number
}

/** Exact counting is cheap up to here; beyond it the planner's estimate, good to a few per cent, is shown. */
const COUNT_UP_TO = 200_000

/** How much is archived, for the 系统 page. */
export async function archiveState(db: Db, house: House): Promise<ArchiveState> {
  const { rows } = await sql<ArchiveState & { estimate: number }>`
    SELECT
      (SELECT count(*) FROM (SELECT 1 FROM message WHERE corp_id = ${house.corp} LIMIT ${COUNT_UP_TO}) few) AS messages,
      (SELECT greatest(sum(reltuples), 0)::bigint FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'message\\_2%') AS estimate,
      (SELECT count(DISTINCT conv_id) FROM data_key WHERE corp_id = ${house.corp} AND conv_id <> 0 AND month > '1000-01-01') AS conversations,
      (SELECT (extract(epoch FROM min(sent_at)) * 1000)::bigint FROM message WHERE corp_id = ${house.corp} AND sent_at > 'epoch') AS "firstAt",
      (SELECT (extract(epoch FROM max(sent_at)) * 1000)::bigint FROM message WHERE corp_id = ${house.corp} AND sent_at < now() + interval '1 day') AS "lastAt",
      pg_database_size(current_database()) / 1048576 AS "databaseMb"
  `.execute(db)
  const row = rows[0]
  if (!row) return { messages: 0, conversations: 0, firstAt: null, lastAt: null, databaseMb: 0 }
  const { estimate, ...state } = row
  return {
    ...state,
    messages: state.messages < COUNT_UP_TO ? state.messages : Math.max(state.messages, estimate),
  }
}
