import { type Db, newId, sql, type Tx } from '../../base/index.ts'
import type { LogId, Problem } from '../../notary/index.ts'
import type { Walk } from './walk-state.ts'

/** This room's SQL for the patrol: where walks stand, rounds, findings, what was checked when. */

const when = (ms: number): string => new Date(ms).toISOString()

/** One patrol at a time, across processes; false when another one is at it. */
export async function lockPatrol(tx: Tx, corp: number): Promise<boolean> {
  const { rows } = await sql<{ got: boolean }>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`tongjian patrol ${corp}`}, 0)) AS got`.execute(tx)
  return rows[0]?.got ?? false
}

export async function selectWalks(
  db: Db,
  corp: number,
): Promise<{ walk: Walk; state: string; at: number }[]> {
  const { rows } = await sql<{ walk: Walk; state: string; at: number }>`
    SELECT walk, state, (extract(epoch FROM at) * 1000)::bigint AS at FROM integrity_walk WHERE corp_id = ${corp}`.execute(
    db,
  )
  return rows
}

export async function saveWalk(db: Db, corp: number, walk: Walk, state: string, at: number): Promise<void> {
  await sql`INSERT INTO integrity_walk (corp_id, walk, state, at) VALUES (${corp}, ${walk}, ${state}, ${when(at)}::timestamptz)
    ON CONFLICT (corp_id, walk) DO UPDATE SET state = excluded.state, at = excluded.at`.execute(db)
}

export async function dropWalk(db: Db, corp: number, walk: Walk): Promise<void> {
  await sql`DELETE FROM integrity_walk WHERE corp_id = ${corp} AND walk = ${walk}`.execute(db)
}

export type Round = {
  walk: string
  startedAt: number
  endedAt: number
  leaves: number
  messages: number
  bytes: number
  found: number
}

export async function insertRound(tx: Tx, corp: number, round: Round): Promise<void> {
  await sql`INSERT INTO integrity_round (corp_id, id, walk, started_at, ended_at, leaves, messages, bytes, found)
    VALUES (${corp}, ${newId()}, ${round.walk}, ${when(round.startedAt)}::timestamptz, ${when(round.endedAt)}::timestamptz,
      ${round.leaves}, ${round.messages}, ${round.bytes}, ${round.found})`.execute(tx)
}

/** The newest rounds of each walk, newest first. */
export async function selectRounds(db: Db, corp: number, limit: number): Promise<Round[]> {
  const { rows } = await sql<Round>`
    SELECT walk, leaves, messages, bytes, found, (extract(epoch FROM started_at) * 1000)::bigint AS "startedAt",
      (extract(epoch FROM ended_at) * 1000)::bigint AS "endedAt"
    FROM (SELECT *, row_number() OVER (PARTITION BY walk ORDER BY ended_at DESC) AS n FROM integrity_round WHERE corp_id = ${corp}
      AND ended_at > (SELECT max(ended_at) - interval '40 days' FROM integrity_round WHERE corp_id = ${corp})) r
    WHERE n <= ${limit} ORDER BY ended_at DESC`.execute(db)
  return rows
}

/** What was not known yet, of these problems; what was known is seen again. */
export async function noteFindings(
  tx: Tx,
  corp: number,
  walk: string,
  problems: readonly Problem[],
  at: number,
): Promise<Problem[]> {
  const fresh: Problem[] = []
  for (const problem of problems) {
    const { log, index, what, ref, file = null } = problem
    const { rows } = await sql<{ fresh: boolean }>`
      INSERT INTO integrity_finding (corp_id, id, walk, log_id, idx, what, ref, file, found_at, seen_at)
      VALUES (${corp}, ${newId()}, ${walk}, ${log}, ${index}, ${what}, ${ref}, ${file}, ${when(at)}::timestamptz, ${when(at)}::timestamptz)
      ON CONFLICT (corp_id, walk, log_id, coalesce(idx, -1), what, coalesce(ref, ''), coalesce(file, '')) WHERE cleared_at IS NULL
      DO UPDATE SET seen_at = excluded.seen_at RETURNING found_at = seen_at AS fresh`.execute(tx)
    if (rows[0]?.fresh) fresh.push(problem)
  }
  return fresh
}

/** A whole round that began at `since` did not see these again. Returns how many are cleared. */
export async function clearFindings(
  tx: Tx,
  corp: number,
  walk: string,
  log: LogId,
  since: number,
  at: number,
): Promise<number> {
  const { numAffectedRows } = await sql`UPDATE integrity_finding SET cleared_at = ${when(at)}::timestamptz
    WHERE corp_id = ${corp} AND walk = ${walk} AND log_id = ${log} AND cleared_at IS NULL AND seen_at < ${when(since)}::timestamptz`.execute(
    tx,
  )
  return Number(numAffectedRows ?? 0)
}

export type Finding = Problem & { foundAt: number; seenAt: number }

export async function selectFindings(
  db: Db,
  corp: number,
  limit: number,
): Promise<{ items: Finding[]; total: number }> {
  const { rows } = await sql<Finding & { total: number }>`
    SELECT log_id AS log, idx AS index, what, ref, file, (extract(epoch FROM min(found_at)) * 1000)::bigint AS "foundAt",
      (extract(epoch FROM max(seen_at)) * 1000)::bigint AS "seenAt", count(*) OVER () AS total
    FROM integrity_finding WHERE corp_id = ${corp} AND cleared_at IS NULL GROUP BY log_id, idx, what, ref, file
    ORDER BY idx NULLS LAST, min(found_at) LIMIT ${limit}`.execute(db)
  return { items: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 }
}

/** Leaves from `from` to before `to` have just been checked. */
export async function noteSpan(
  tx: Tx,
  corp: number,
  log: LogId,
  from: number,
  to: number,
  at: number,
): Promise<void> {
  await sql`DELETE FROM integrity_span WHERE corp_id = ${corp} AND log_id = ${log} AND from_idx >= ${from} AND to_idx <= ${to}`.execute(
    tx,
  )
  await sql`UPDATE integrity_span SET from_idx = ${to} WHERE corp_id = ${corp} AND log_id = ${log} AND from_idx >= ${from} AND from_idx < ${to}`.execute(
    tx,
  )
  await sql`UPDATE integrity_span SET to_idx = ${from} WHERE corp_id = ${corp} AND log_id = ${log} AND from_idx < ${from} AND to_idx > ${from}`.execute(
    tx,
  )
  await sql`INSERT INTO integrity_span (corp_id, log_id, from_idx, to_idx, at)
    VALUES (${corp}, ${log}, ${from}, ${to}, ${when(at)}::timestamptz)
    ON CONFLICT (corp_id, log_id, from_idx) DO UPDATE SET to_idx = excluded.to_idx, at = excluded.at`.execute(
    tx,
  )
}
