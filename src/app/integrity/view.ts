import { authoriseConversation } from '../../archive/index.ts'
import { type Actor, now, sql } from '../../base/index.ts'
import { type LogId, logState } from '../../notary/index.ts'
import { authorise } from '../../people/index.ts'
import type { IntegrityView, Level, MessageSeals } from '../contract.ts'
import type { Premises } from '../house.ts'
import { selectConditions } from './conditions.ts'
import { type Round, selectFindings, selectRounds, selectWalks } from './store.ts'
import { readState, type Walk, type WalkState } from './walk-state.ts'

type Deps = Pick<Premises, 'db' | 'house' | 'outside' | 'config'>
type Standing = { state: WalkState; at: number }

const ROUNDS = 5
const FINDINGS = 20

/** The state of the archive's integrity, in one look. Holds counts, places and times, no content. */
export async function integrityState(deps: Deps, actor: Actor): Promise<IntegrityView> {
  authorise(actor, 'system.read')
  return integrityOf(deps)
}

export async function integrityOf(deps: Deps): Promise<IntegrityView> {
  const { db, house, outside, config } = deps
  const walks = new Map<Walk, Standing>()
  for (const { walk, state, at } of await selectWalks(db, house.corp)) {
    const read = readState(outside, walk, state)
    if (read) walks.set(walk, { state: read, at })
  }
  const rounds = await selectRounds(db, house.corp, ROUNDS)
  const findings = await selectFindings(db, house.corp, FINDINGS)
  const conditions = await selectConditions(db, house.corp)
  const files = rounds.find(round => round.walk === 'files')
  return {
    at: now(),
    level: findings.total > 0 ? 'alarm' : worst(conditions.map(condition => condition.level)),
    pace: { leaves: config.patrol.perSecond, mediaMb: config.patrol.mediaMb },
    logs: [await logOf(deps, 'archive', walks, rounds), await logOf(deps, 'trail', walks, rounds)],
    files: {
      done: walks.get('files')?.state.messages ?? 0,
      last: files ? { endedAt: files.endedAt, files: files.messages, bytes: files.bytes } : null,
    },
    rounds,
    findings: {
      total: findings.total,
      items: findings.items.map(item => ({ ...item, file: item.file ?? null })),
    },
    conditions,
  }
}

function worst(levels: Level[]): Level {
  return levels.includes('alarm') ? 'alarm' : levels.includes('warn') ? 'warn' : 'ok'
}

async function logOf(
  { db, house, outside }: Deps,
  log: LogId,
  walks: Map<Walk, Standing>,
  rounds: Round[],
): Promise<IntegrityView['logs'][number]> {
  const state = await logState(db, house, outside, log)
  const newest = walks.get(`newest-${log}`)
  const round = walks.get(log)
  const last = rounds.find(done => done.walk === log)
  return {
    log,
    sealed: state.sealed,
    pending: state.pending,
    outside: state.outsideSize,
    checked: newest?.state.tree.size ?? 0,
    checkedAt: newest || last ? Math.max(newest?.at ?? 0, last?.endedAt ?? 0) : null,
    round: round ? { startedAt: round.state.startedAt, done: round.state.tree.size } : null,
    last: last ? { endedAt: last.endedAt, leaves: last.leaves, found: last.found } : null,
  }
}

/** Messages one badge may speak of. */
const MOST = 500
/** Beyond this the difference of the two clocks is told beside the message (regulation §6.2). */
const DRIFT_SECONDS = 300

/** Index, sealing, last check and trouble of the messages of a conversation between two moments. */
export async function sealsOf(
  { db, house, outside }: Deps,
  actor: Actor,
  ask: { convId: string; from: number; to: number },
): Promise<MessageSeals> {
  await authoriseConversation(db, actor, ask.convId)
  const { rows } = await sql<MessageSeals['items'][number]>`
    SELECT m.src_msgid AS msgid, f.idx AS index, (extract(epoch FROM c.sealed_at) * 1000)::bigint AS "sealedAt",
      (extract(epoch FROM s.at) * 1000)::bigint AS "checkedAt", p.what AS problem,
      CASE WHEN m.source <> 'import' AND abs(extract(epoch FROM m.captured_at - m.sent_at)) > ${DRIFT_SECONDS}
        THEN extract(epoch FROM m.captured_at - m.sent_at)::bigint END AS drift
    FROM message m
    LEFT JOIN leaf f ON f.corp_id = m.corp_id AND f.log_id = 'archive' AND f.conv_id = m.conv_id AND f.sent_at = m.sent_at
      AND f.ref = m.src_msgid AND f.kind = 'message'
    LEFT JOIN LATERAL (SELECT sealed_at FROM checkpoint WHERE corp_id = f.corp_id AND log_id = 'archive' AND size > f.idx
      ORDER BY size LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT at, to_idx FROM integrity_span WHERE corp_id = f.corp_id AND log_id = 'archive' AND from_idx <= f.idx
      ORDER BY from_idx DESC LIMIT 1) s ON s.to_idx > f.idx
    LEFT JOIN LATERAL (SELECT what FROM integrity_finding WHERE corp_id = m.corp_id AND log_id = 'archive' AND cleared_at IS NULL
      AND (idx = f.idx OR ref = m.src_msgid OR ref LIKE replace(replace(m.src_msgid, '_', '\\_'), '%', '\\%') || '|%') LIMIT 1) p ON true
    WHERE m.corp_id = ${house.corp} AND m.conv_id = ${ask.convId}::bigint
      AND m.sent_at BETWEEN ${new Date(ask.from).toISOString()}::timestamptz AND ${new Date(ask.to).toISOString()}::timestamptz
    ORDER BY m.sent_at LIMIT ${MOST}`.execute(db)
  const { outsideSize, sealed } = await logState(db, house, outside, 'archive')
  return { outside: outsideSize !== null && outsideSize >= Math.min(sealed, lastOf(rows)), items: rows }
}

function lastOf(rows: MessageSeals['items']): number {
  return Math.max(0, ...rows.map(row => (row.index ?? -1) + 1))
}
