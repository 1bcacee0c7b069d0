import { statfsSync } from 'node:fs'
import { countGramGaps } from '../../archive/index.ts'
import { causeOf, type Db, now, repeat, sql } from '../../base/index.ts'
import { logState, stampState } from '../../notary/index.ts'
import { CONDITIONS, type ConditionName, type Level } from '../contract.ts'
import type { Premises } from '../house.ts'

export type ConditionDeps = Pick<Premises, 'db' | 'house' | 'outside' | 'config'>
export type Measured = Record<ConditionName, number | null>
export type Condition = { name: ConditionName; level: Level; value: number | null; since: number }

const EVERY_MS = 30_000
/** Counting texts without grams reads whole months; once an hour shows a gap soon enough. */
const GRAMS_MS = 3_600_000

/** Which side of its lines a value lies on. Disk counts what is left, so there less is worse. */
export function levelOf(name: ConditionName, value: number | null): Level {
  const { warn, alarm, worse } = CONDITIONS[name]
  if (value === null) return 'ok'
  const beyond = (line: number): boolean => (worse === 'more' ? value >= line : value <= line)
  return beyond(alarm) ? 'alarm' : beyond(warn) ? 'warn' : 'ok'
}

/** Look at everything that can lag, run full or drift. Null: nothing to measure. */
export async function measure(deps: ConditionDeps): Promise<Measured> {
  const { db, house, config } = deps
  const at = new Date(now()).toISOString()
  const { rows } = await sql<{
    sealing: number | null
    media: number | null
    grams: number | null
    findings: number
  }>`
    SELECT (SELECT extract(epoch FROM ${at}::timestamptz - min(queued_at))::float8 FROM leaf_pending WHERE corp_id = ${house.corp}) AS sealing,
      (SELECT extract(epoch FROM ${at}::timestamptz - min(m.captured_at))::float8 FROM message_media a JOIN message m ON m.corp_id = a.corp_id
        AND m.conv_id = a.conv_id AND m.sent_at = a.sent_at AND m.src_msgid = a.src_msgid
        WHERE a.corp_id = ${house.corp} AND a.state = 'waiting' AND m.source <> 'import') AS media,
      (SELECT sum(missing)::float8 FROM gram_gap WHERE corp_id = ${house.corp}) AS grams,
      (SELECT count(*) FROM integrity_finding WHERE corp_id = ${house.corp} AND cleared_at IS NULL) AS findings`.execute(
    db,
  )
  const row = rows[0] ?? { sealing: null, media: null, grams: null, findings: 0 }
  return {
    findings: row.findings,
    sealing: row.sealing,
    outside: await outsideLag(deps),
    media: row.media,
    grams: row.grams,
    disk: diskLeft(config.dataDir),
    clock: await clockDrift(db, house.corp),
    stamps: await stampLag(deps),
  }
}

/** Seconds since the first checkpoint that is in the database and not yet outside. */
async function outsideLag({ db, house, outside }: ConditionDeps): Promise<number | null> {
  const state = await logState(db, house, outside, 'archive')
  const outer = state.outsideSize ?? 0
  // The database is behind: an old restore or a rewrite. The longest lag there is.
  if (outer > state.sealed) return CONDITIONS.outside.alarm
  if (outer === state.sealed) return 0
  const { rows } = await sql<{ at: number }>`
    SELECT (extract(epoch FROM sealed_at) * 1000)::bigint AS at FROM checkpoint
    WHERE corp_id = ${house.corp} AND log_id = 'archive' AND size > ${outer} ORDER BY size LIMIT 1`.execute(
    db,
  )
  return rows[0] ? Math.max(0, (now() - rows[0].at) / 1000) : null
}

/** Seconds since the newest time stamp, while the log has grown beyond it; nothing where no authority is configured. */
async function stampLag({ db, house, outside, config }: ConditionDeps): Promise<number | null> {
  if (!config.stamps) return null
  const { last } = await stampState(db, house)
  const { sealed } = await logState(db, house, outside, 'archive')
  if (last === null || last.size >= sealed) return 0
  const seconds = Math.max(0, (now() - last.at) / 1000)
  // Where one is due once a day, the line of two hours says nothing before two turns were missed.
  return seconds < 2 * 60 * config.stamps.minutes ? 0 : seconds
}

/** Per cent of the data folder's disk that is free. */
function diskLeft(folder: string): number | null {
  try {
    const disk = statfsSync(folder)
    return Math.round((disk.bavail / disk.blocks) * 1000) / 10
  } catch {
    return null
  }
}

/**
 * How far the messages' own time lies ahead of ours, in seconds, over what was captured in the last hour: a message
 * cannot be archived before it was sent, so this is our clock being slow (or WeCom's fast).
 */
async function clockDrift(db: Db, corp: number): Promise<number | null> {
  const { rows } = await sql<{ drift: number | null }>`
    SELECT max(extract(epoch FROM sent_at - captured_at))::float8 AS drift FROM message
    WHERE corp_id = ${corp} AND source <> 'import' AND captured_at > ${new Date(now() - 3_600_000).toISOString()}::timestamptz
      AND sent_at < captured_at + interval '2 days'`.execute(db)
  const drift = rows[0]?.drift ?? null
  return drift === null ? null : Math.max(0, drift)
}

/** Write down what was measured; what changed its level is told in the log. */
export async function noteConditions(deps: ConditionDeps, measured: Measured): Promise<Condition[]> {
  const { db, house } = deps
  const at = new Date(now()).toISOString()
  const before = new Map((await selectConditions(db, house.corp)).map(known => [known.name, known.level]))
  for (const name of Object.keys(CONDITIONS) as ConditionName[]) {
    const level = levelOf(name, measured[name])
    await sql`INSERT INTO integrity_condition (corp_id, name, level, value, since, at)
      VALUES (${house.corp}, ${name}, ${level}, ${measured[name]}, ${at}::timestamptz, ${at}::timestamptz)
      ON CONFLICT (corp_id, name) DO UPDATE SET value = excluded.value, at = excluded.at, level = excluded.level,
        since = CASE WHEN integrity_condition.level = excluded.level THEN integrity_condition.since ELSE excluded.since END`.execute(
      db,
    )
    const was = before.get(name) ?? 'ok'
    if (was === level) continue
    const told = { condition: name, from: was, to: level, value: measured[name] }
    if (level === 'ok') house.log.info(told, 'a condition of the machine has cleared')
    else house.log.warn(told, 'a condition of the machine has crossed an internal warning line')
  }
  return selectConditions(db, house.corp)
}

export async function selectConditions(db: Db, corp: number): Promise<Condition[]> {
  const { rows } = await sql<Condition>`
    SELECT name, level, value, (extract(epoch FROM since) * 1000)::bigint AS since FROM integrity_condition WHERE corp_id = ${corp}`.execute(
    db,
  )
  return rows.filter(row => row.name in CONDITIONS)
}

/** Count texts that search cannot find, by month. */
export async function noteGramGaps({ db, house }: ConditionDeps): Promise<void> {
  const gaps = await countGramGaps(db, house.corp)
  const at = new Date(now()).toISOString()
  await db.transaction().execute(async tx => {
    await sql`DELETE FROM gram_gap WHERE corp_id = ${house.corp}`.execute(tx)
    for (const { month, missing } of gaps)
      await sql`INSERT INTO gram_gap (corp_id, month, missing, counted_at)
        VALUES (${house.corp}, ${month}::date, ${missing}, ${at}::timestamptz)`.execute(tx)
  })
}

/** Look every half minute. */
export function watchConditions(deps: ConditionDeps): { stop(): Promise<void> } {
  let counted = 0
  return repeat(
    EVERY_MS,
    EVERY_MS / 3,
    async () => {
      if (now() - counted > GRAMS_MS) {
        counted = now()
        await noteGramGaps(deps)
      }
      await noteConditions(deps, await measure(deps))
    },
    error =>
      deps.house.log.error({ error: causeOf(error) }, 'the conditions of the machine could not be read'),
  )
}
