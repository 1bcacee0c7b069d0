import { type Db, newId, now, sql, type Tx } from '../base/index.ts'
import { iso } from './store.ts'

type Source = 'callback' | 'reconcile'
export type FollowKind =
  | 'added'
  | 'half_added'
  | 'seen_again'
  | 'deleted_by_staff'
  | 'deleted_by_customer'
  | 'ended'
  | 'transfer_failed'
export type FollowEvent = {
  userid: string
  externalUserid: string
  kind: FollowKind
  reason?: string
  source: Source
  effectiveAt: number
}
export type GroupKind =
  | 'created'
  | 'joined'
  | 'left'
  | 'owner_changed'
  | 'renamed'
  | 'announced'
  | 'dismissed'
  | 'seen_again'
export type GroupEvent = {
  chatId: string
  /** Who joined or left, or the new owner; '' when the event does not say. */
  party: string
  kind: GroupKind
  /** JoinScene or QuitScene of WeCom (wecom-api.md §2.3). */
  scene?: number | null
  source: Source
  effectiveAt: number
}

const BEGINS = ['added', 'half_added', 'seen_again']
const ENDS = ['deleted_by_staff', 'deleted_by_customer', 'ended']

/** Write down what happened between staff and customers, then make `contact_follow` say what it adds up to. */
export async function insertFollowEvents(tx: Tx, corp: number, events: FollowEvent[]): Promise<number> {
  if (events.length === 0) return 0
  const list = JSON.stringify(
    events.map(event => ({ reason: '', ...event, id: newId(), effectiveAt: iso(event.effectiveAt) })),
  )
  const { numAffectedRows } = await sql`
    INSERT INTO follow_event (corp_id, id, userid, external_userid, kind, reason, source, effective_at, recorded_at)
    SELECT ${corp}::smallint, r.id, r.userid, r."externalUserid", r.kind, r.reason, r.source, r."effectiveAt",
      ${new Date(now())}::timestamptz
    FROM jsonb_to_recordset(${list}::jsonb) AS r(id uuid, userid text, "externalUserid" text, kind text, reason text,
      source text, "effectiveAt" timestamptz)
    ON CONFLICT DO NOTHING`.execute(tx)
  await projectFollows(tx, corp, events)
  return Number(numAffectedRows ?? 0n)
}

/**
 * A friendship has ended when an end stands after its newest beginning; the first such end is when and by whom. A pure
 * function of the set of events, so order and repetition of callbacks do not matter.
 */
export async function projectFollows(
  tx: Tx,
  corp: number,
  pairs: { userid: string; externalUserid: string }[],
): Promise<void> {
  const users = pairs.map(pair => pair.userid)
  const ids = pairs.map(pair => pair.externalUserid)
  await sql`
    WITH p AS (SELECT DISTINCT userid, id FROM unnest(${users}::text[], ${ids}::text[]) AS u(userid, id)),
    s AS (
      SELECT p.userid, p.id, e.at, e.kind FROM p LEFT JOIN LATERAL (
        SELECT x.effective_at AS at, x.kind FROM follow_event x
        WHERE x.corp_id = ${corp} AND x.external_userid = p.id AND x.userid = p.userid AND x.kind = ANY(${ENDS}::text[])
          AND x.effective_at >= coalesce((
            SELECT max(b.effective_at) FROM follow_event b WHERE b.corp_id = ${corp} AND b.external_userid = p.id
              AND b.userid = p.userid AND b.kind = ANY(${BEGINS}::text[])), '-infinity')
        ORDER BY x.effective_at, x.kind LIMIT 1) e ON true)
    UPDATE contact_follow f SET ended_at = s.at, ended_by = s.kind FROM s
    WHERE f.corp_id = ${corp} AND f.userid = s.userid AND f.external_userid = s.id
      AND (f.ended_at IS DISTINCT FROM s.at OR f.ended_by IS DISTINCT FROM s.kind)`.execute(tx)
}

type Pair = { userid: string; externalUserid: string }

/** Friendships of these members that stand with us but are not among the pairs just listed. */
export async function selectUnlisted(
  tx: Tx,
  corp: number,
  userids: string[],
  pairs: Pair[],
): Promise<Pair[]> {
  const { rows } = await sql<Pair>`
    SELECT f.userid, f.external_userid AS "externalUserid" FROM contact_follow f
    WHERE corp_id = ${corp} AND userid = ANY(${userids}::text[]) AND ended_at IS NULL AND NOT EXISTS (
      SELECT FROM unnest(${pairs.map(pair => pair.userid)}::text[], ${pairs.map(pair => pair.externalUserid)}::text[])
        AS p(userid, id) WHERE p.userid = f.userid AND p.id = f.external_userid)`.execute(tx)
  return rows
}

/** Write down what happened in groups, then make stays and groups say what it adds up to. */
export async function insertGroupEvents(
  tx: Tx,
  corp: number,
  events: (GroupEvent & { id?: string; sealed?: Buffer | null })[],
): Promise<void> {
  if (events.length === 0) return
  const list = JSON.stringify(
    events.map(event => ({
      scene: null,
      ...event,
      id: event.id ?? newId(),
      sealed: event.sealed?.toString('hex') ?? null,
      effectiveAt: iso(event.effectiveAt),
    })),
  )
  await sql`
    INSERT INTO group_event (corp_id, id, chat_id, party, kind, scene, source, sealed, effective_at, recorded_at)
    SELECT ${corp}::smallint, r.id, r."chatId", r.party, r.kind, r.scene, r.source, decode(r.sealed, 'hex'),
      r."effectiveAt", ${new Date(now())}::timestamptz
    FROM jsonb_to_recordset(${list}::jsonb) AS r(id uuid, "chatId" text, party text, kind text, scene smallint,
      source text, sealed text, "effectiveAt" timestamptz)
    ON CONFLICT DO NOTHING`.execute(tx)
  await projectGroups(tx, corp, [...new Set(events.map(event => event.chatId))])
}

/**
 * A stay ends with the first leaving after it began, or with the group; a group that shows again was not dismissed.
 * That somebody was missing from a look ends only stays known before that look: clocks differ.
 */
async function projectGroups(tx: Tx, corp: number, chats: string[]): Promise<void> {
  const dismissal = sql`(
    SELECT min(e.effective_at) FROM group_event e WHERE e.corp_id = ${corp} AND e.chat_id = t.chat_id AND e.kind = 'dismissed'
      AND e.effective_at > coalesce((SELECT max(s.effective_at) FROM group_event s WHERE s.corp_id = ${corp}
        AND s.chat_id = t.chat_id AND s.kind = 'seen_again'), '-infinity'))`
  await sql`
    UPDATE customer_group t SET dismissed_at = ${dismissal}
    WHERE corp_id = ${corp} AND chat_id = ANY(${chats}::text[]) AND dismissed_at IS DISTINCT FROM ${dismissal}`.execute(
    tx,
  )
  const end = sql`least((
    SELECT min(e.effective_at) FROM group_event e WHERE e.corp_id = ${corp} AND e.chat_id = t.chat_id AND e.kind = 'left'
      AND e.party = t.party AND e.effective_at > t.joined_at AND (e.source = 'callback' OR EXISTS (
        SELECT FROM group_event j WHERE j.corp_id = ${corp} AND j.chat_id = t.chat_id AND j.party = t.party
          AND j.kind = 'joined' AND j.effective_at = t.joined_at AND j.recorded_at < e.recorded_at))), ${dismissal})`
  await sql`
    UPDATE customer_group_member t SET left_at = ${end}
    WHERE corp_id = ${corp} AND chat_id = ANY(${chats}::text[]) AND left_at IS DISTINCT FROM ${end}`.execute(
    tx,
  )
}

export type MemberRow = { party: string; kind: number; joinedAt: number; scene: number | null }

export async function selectOpenStays(db: Db, corp: number, chatId: string): Promise<MemberRow[]> {
  const { rows } = await sql<MemberRow>`
    SELECT party, kind, scene, (extract(epoch FROM joined_at) * 1000)::bigint AS "joinedAt" FROM customer_group_member
    WHERE corp_id = ${corp} AND chat_id = ${chatId} AND left_at IS NULL`.execute(db)
  return rows
}

/** Who comes back has a second stay. */
export async function insertStays(tx: Tx, corp: number, chatId: string, members: MemberRow[]): Promise<void> {
  const list = JSON.stringify(members.map(member => ({ ...member, joinedAt: iso(member.joinedAt) })))
  await sql`
    INSERT INTO customer_group_member (corp_id, chat_id, party, kind, joined_at, scene)
    SELECT ${corp}::smallint, ${chatId}, r.party, r.kind, r."joinedAt", r.scene
    FROM jsonb_to_recordset(${list}::jsonb) AS r(party text, kind smallint, "joinedAt" timestamptz, scene smallint)
    ON CONFLICT (corp_id, chat_id, party, joined_at) DO NOTHING`.execute(tx)
}

/** Groups that stand with us but are not among those just listed. */
export async function selectVanished(tx: Tx, corp: number, chats: string[]): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT chat_id AS id FROM customer_group
    WHERE corp_id = ${corp} AND dismissed_at IS NULL AND chat_id <> ALL(${chats}::text[])`.execute(tx)
  return rows.map(row => row.id)
}

/** Which members' messages are archived, from this look on. An empty list is a broken permission: it changes nothing. */
export async function replaceSeats(tx: Tx, corp: number, userids: string[], at: number): Promise<void> {
  if (userids.length === 0) return
  const when = new Date(at)
  await sql`
    INSERT INTO archive_seat (corp_id, userid, since)
    SELECT ${corp}::smallint, u, ${when}::timestamptz FROM unnest(${userids}::text[]) AS u
    ON CONFLICT (corp_id, userid) DO UPDATE SET until = NULL, since = excluded.since
      WHERE archive_seat.until IS NOT NULL`.execute(tx)
  await sql`
    UPDATE archive_seat SET until = ${when}
    WHERE corp_id = ${corp} AND until IS NULL AND userid <> ALL(${userids}::text[])`.execute(tx)
}

export type Wanted = { kind: 'contact' | 'group' | 'directory'; id: string; wantedAt: number }

export async function upsertWanted(tx: Tx, corp: number, kind: Wanted['kind'], id: string): Promise<void> {
  await sql`
    INSERT INTO refresh_wanted (corp_id, kind, id, wanted_at) VALUES (${corp}, ${kind}, ${id}, ${new Date(now())})
    ON CONFLICT (corp_id, kind, id) DO UPDATE SET wanted_at = greatest(refresh_wanted.wanted_at, excluded.wanted_at)`.execute(
    tx,
  )
}

export async function selectWanted(db: Db, corp: number, limit: number): Promise<Wanted[]> {
  const { rows } = await sql<Wanted>`
    SELECT kind, id, (extract(epoch FROM wanted_at) * 1000)::bigint AS "wantedAt" FROM refresh_wanted
    WHERE corp_id = ${corp} ORDER BY wanted_at LIMIT ${limit}`.execute(db)
  return rows
}

/** Only as it was when it was read: what was wanted again meanwhile stays. */
export async function deleteWanted(tx: Db, corp: number, wanted: Wanted): Promise<void> {
  await sql`
    DELETE FROM refresh_wanted WHERE corp_id = ${corp} AND kind = ${wanted.kind} AND id = ${wanted.id}
      AND wanted_at <= ${new Date(wanted.wantedAt)}`.execute(tx)
}
