import { type Db, sql } from '../base/index.ts'
import type { ViolationSource } from './contract.ts'

/** What followed from these sources, and what of it was taken back, for the file of a case. */
export type Followed = {
  sourceId: string
  points: number
  confirmedBy: string
  confirmedAt: number
  reversedBy: string | null
  reversedAt: number | null
  courses: { course: string; state: string; at: number; endedAt: number | null }[]
}

export async function followedFrom(
  db: Db,
  corp: number,
  kind: ViolationSource['kind'],
  ids: readonly string[],
): Promise<Followed[]> {
  if (ids.length === 0) return []
  const { rows } = await sql<Followed>`
    SELECT v.source_id AS "sourceId", v.points, v.confirmed_by AS "confirmedBy",
      (extract(epoch FROM v.confirmed_at) * 1000)::bigint AS "confirmedAt", v.reversed_by AS "reversedBy",
      (extract(epoch FROM v.reversed_at) * 1000)::bigint AS "reversedAt",
      coalesce((SELECT jsonb_agg(jsonb_build_object('course', t.course, 'state', t.state,
          'at', (extract(epoch FROM t.assigned_at) * 1000)::bigint, 'endedAt', (extract(epoch FROM t.ended_at) * 1000)::bigint)
          ORDER BY t.course) FROM training_task t WHERE t.corp_id = v.corp_id AND t.violation_id = v.id), '[]') AS courses
    FROM violation v WHERE v.corp_id = ${corp} AND v.source_kind = ${kind} AND v.source_id = ANY(${[...ids]}::text[])
    ORDER BY v.confirmed_at`.execute(db)
  return rows
}
