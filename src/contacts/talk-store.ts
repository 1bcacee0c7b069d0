import { type Db, epochMs, sql } from '../base/index.ts'
import type { GroupFact } from './replay.ts'
import { strictest } from './store.ts'

/** What happened around a conversation, as it was written down; `known` limits it to what we knew then (epoch ms). */

const when = (known: number | null) => (known === null ? null : new Date(known))

export type GroupFactRow = Omit<GroupFact, 'name' | 'was'> & { sealed: Buffer | null }

export async function selectGroupFacts(
  db: Db,
  corp: number,
  chatId: string,
  known: number | null,
): Promise<GroupFactRow[]> {
  const { rows } = await sql<GroupFactRow>`
    SELECT id::text, kind, party, scene, source, sealed, ${epochMs('effective_at')} AS at, ${epochMs('recorded_at')} AS "learntAt"
    FROM group_event WHERE corp_id = ${corp} AND chat_id = ${chatId}
      AND (${when(known)}::timestamptz IS NULL OR recorded_at <= ${when(known)})
    ORDER BY effective_at`.execute(db)
  return rows
}

export type ConsentRow = {
  id: string
  externalUserid: string
  userid: string | null
  state: string
  source: string
  sourceRef: string
  at: number
  learntAt: number
}

/** Choices of these customers towards an employee, or in a room. */
export async function selectConsents(
  db: Db,
  corp: number,
  ask: { customers: string[]; staff: string[]; chatId: string | null; known: number | null },
): Promise<ConsentRow[]> {
  const { rows } = await sql<ConsentRow>`
    SELECT id::text, external_userid AS "externalUserid", userid, state, source, source_ref AS "sourceRef",
      ${epochMs('effective_at')} AS at, ${epochMs('recorded_at')} AS "learntAt"
    FROM consent_event WHERE corp_id = ${corp} AND external_userid = ANY(${ask.customers}::text[])
      AND chat_id IS NOT DISTINCT FROM ${ask.chatId}::text
      AND (userid IS NULL OR ${ask.chatId}::text IS NOT NULL OR userid = ANY(${ask.staff}::text[]))
      AND (${when(ask.known)}::timestamptz IS NULL OR recorded_at <= ${when(ask.known)})
    ORDER BY effective_at DESC, ${strictest}, source, source_ref`.execute(db)
  return rows
}

export type FollowFact = {
  id: string
  userid: string
  kind: string
  reason: string
  source: string
  at: number
  learntAt: number
}

/** Who added and who deleted this customer, all employees: a hand-over shows as one's end and another's beginning. */
export async function selectFollowFacts(
  db: Db,
  corp: number,
  customer: string,
  known: number | null,
): Promise<FollowFact[]> {
  const { rows } = await sql<FollowFact>`
    SELECT id::text, userid, kind, reason, source, ${epochMs('effective_at')} AS at, ${epochMs('recorded_at')} AS "learntAt"
    FROM follow_event WHERE corp_id = ${corp} AND external_userid = ${customer}
      AND (${when(known)}::timestamptz IS NULL OR recorded_at <= ${when(known)})
    ORDER BY effective_at`.execute(db)
  return rows
}

export type NoticeFact = {
  id: string
  state: string
  reason: string | null
  dueAt: number
  sentAt: number | null
  provedAt: number | null
  msgid: string | null
}

export async function selectNoticeFacts(
  db: Db,
  corp: number,
  ask: { kind: 'contact' | 'group'; party: string; staff: string[] },
): Promise<NoticeFact[]> {
  const { rows } = await sql<NoticeFact>`
    SELECT id::text, state, reason, ${epochMs('due_at')} AS "dueAt", ${epochMs('sent_at')} AS "sentAt",
      ${epochMs('proved_at')} AS "provedAt", proved_msgid AS msgid
    FROM notice WHERE corp_id = ${corp} AND kind = ${ask.kind} AND party = ${ask.party}
      AND (${ask.kind} = 'group' OR staff = ANY(${ask.staff}::text[])) ORDER BY due_at`.execute(db)
  return rows
}
