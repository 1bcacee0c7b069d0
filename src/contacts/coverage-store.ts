import { type Db, sql } from '../base/index.ts'
import type { NoticeQuery } from './contract.ts'
import { strictest } from './store.ts'

export type CoverageRow = {
  staff: string
  party: string
  since: number
  notice: 'proved' | 'sent' | 'pending' | 'missing'
  noticeAt: number | null
  reason: string | null
  errcode: number | null
  msgid: string | null
  version: string | null
  way: 'welcome' | 'group_task' | 'by_hand' | null
  consent: 'agree' | 'default_agree' | 'disagree' | 'withdrawn' | 'unknown'
  consentAt: number | null
  consentSource: string | null
  processing: 'active' | 'restricted' | 'erased'
  customers: number
  uncovered: number
}
type Kind = NoticeQuery['kind']

/** Seconds of WeCom against our milliseconds, and clocks that differ. */
const SLACK = sql`interval '1 minute'`
/** A notice that stands first: what is proved, then what may still be, then why there is none. */
const BEST = sql`array_position(ARRAY['proved', 'sent', 'due', 'pending_owner'], n.state) NULLS LAST, n.due_at DESC`
const SHOWN = sql.raw(
  `CASE n.state WHEN 'proved' THEN 'proved' WHEN 'sent' THEN 'sent' WHEN 'due' THEN 'pending' WHEN 'pending_owner' THEN 'pending' ELSE 'missing' END`,
)
/** A welcome message goes out by itself; a task waits for its owner; the rest was said by hand and recognised. */
const WAY = sql.raw(
  `CASE WHEN n.state IS NULL OR n.state NOT IN ('proved', 'sent', 'pending_owner') THEN NULL WHEN n.task_id IS NOT NULL THEN 'group_task'
    WHEN n.attempted_at IS NOT NULL THEN 'welcome' ELSE 'by_hand' END`,
)
const NOTICE = sql`n.version, n.task_id, n.attempted_at, n.state, n.reason, n.errcode, n.proved_msgid, coalesce(n.proved_at, n.sent_at, n.due_at) AS at`

/** One row for each standing friendship of a member whose talk is archived. A notice said before it began is another's. */
const contacts = (corp: number) => sql`
  SELECT f.userid AS staff, f.external_userid AS party, f.added_at AS since, ${SHOWN} AS notice, n.at AS notice_at,
    n.reason, n.errcode, n.proved_msgid AS msgid, n.version, ${WAY} AS way, coalesce(c.state, 'unknown') AS consent, c.at AS consent_at,
    c.source AS consent_source, coalesce(v.to_state, 'active') AS processing,
    1 AS customers, CASE WHEN n.state = 'proved' THEN 0 ELSE 1 END AS uncovered
  FROM contact_follow f
  JOIN archive_seat s ON s.corp_id = f.corp_id AND s.userid = f.userid AND s.until IS NULL
  LEFT JOIN LATERAL (
    SELECT ${NOTICE} FROM notice n WHERE n.corp_id = f.corp_id AND n.kind = 'contact' AND n.party = f.external_userid
      AND n.staff = f.userid AND n.due_at >= f.added_at - ${SLACK} ORDER BY ${BEST} LIMIT 1) n ON true
  LEFT JOIN LATERAL (
    SELECT state, effective_at AS at, source FROM consent_event e WHERE e.corp_id = f.corp_id
      AND e.external_userid = f.external_userid AND e.chat_id IS NULL AND (e.userid IS NULL OR e.userid = f.userid)
    ORDER BY effective_at DESC, ${strictest} LIMIT 1) c ON true
  LEFT JOIN LATERAL (
    SELECT to_state FROM customer_move v WHERE v.corp_id = f.corp_id AND v.external_userid = f.external_userid
    ORDER BY moved_at DESC, id DESC LIMIT 1) v ON true
  WHERE f.corp_id = ${corp} AND f.ended_at IS NULL`

/** One row for each standing customer group with a member whose talk is archived; proved means for everybody in it. */
const groups = (corp: number) => sql`
  SELECT g.owner AS staff, g.chat_id AS party, coalesce(m.newest, g.created_at) AS since,
    CASE WHEN n.state = 'proved' AND m.uncovered > 0 THEN 'missing' ELSE ${SHOWN} END AS notice, n.at AS notice_at,
    CASE WHEN n.state = 'proved' AND m.uncovered > 0 THEN 'joined_later' ELSE n.reason END AS reason, n.errcode,
    n.proved_msgid AS msgid, n.version, ${WAY} AS way, m.consent, m.consent_at, NULL::text AS consent_source,
    CASE WHEN m.consent IN ('disagree', 'withdrawn') THEN 'restricted' ELSE 'active' END AS processing, m.customers, m.uncovered
  FROM customer_group g
  LEFT JOIN LATERAL (
    SELECT ${NOTICE} FROM notice n WHERE n.corp_id = g.corp_id AND n.kind = 'group' AND n.party = g.chat_id
    ORDER BY n.state = 'proved' DESC, coalesce(n.proved_at, n.due_at) DESC LIMIT 1) p ON true
  LEFT JOIN LATERAL (
    SELECT count(*)::int AS customers, max(t.joined_at) AS newest,
      (count(*) FILTER (WHERE p.state IS DISTINCT FROM 'proved' OR t.joined_at > p.at + ${SLACK}))::int AS uncovered,
      CASE WHEN bool_or(c.state = 'disagree') THEN 'disagree' WHEN bool_or(c.state = 'withdrawn') THEN 'withdrawn'
        WHEN count(*) = 0 OR bool_or(c.state IS NULL) THEN 'unknown'
        WHEN bool_or(c.state = 'default_agree') THEN 'default_agree' ELSE 'agree' END AS consent,
      max(c.at) AS consent_at
    FROM customer_group_member t LEFT JOIN LATERAL (
      SELECT state, effective_at AS at FROM consent_event e WHERE e.corp_id = t.corp_id AND e.external_userid = t.party
        AND (e.chat_id = t.chat_id OR e.chat_id IS NULL AND e.userid IS NULL) ORDER BY effective_at DESC, ${strictest} LIMIT 1) c ON true
    WHERE t.corp_id = g.corp_id AND t.chat_id = g.chat_id AND t.kind = 2 AND t.left_at IS NULL) m ON true
  LEFT JOIN LATERAL (
    SELECT ${NOTICE} FROM notice n WHERE n.corp_id = g.corp_id AND n.kind = 'group' AND n.party = g.chat_id
      AND (n.state <> 'proved' OR m.uncovered = 0 OR n.proved_at = p.at)
    ORDER BY CASE WHEN n.state = 'proved' AND m.uncovered > 0 THEN 9 END NULLS FIRST, ${BEST} LIMIT 1) n ON true
  WHERE g.corp_id = ${corp} AND g.dismissed_at IS NULL AND EXISTS (
    SELECT FROM archive_seat s WHERE s.corp_id = g.corp_id AND s.until IS NULL AND (s.userid = g.owner OR EXISTS (
      SELECT FROM customer_group_member t WHERE t.corp_id = g.corp_id AND t.chat_id = g.chat_id AND t.party = s.userid
        AND t.left_at IS NULL)))`

const rowsOf = (kind: Kind, corp: number) => (kind === 'contact' ? contacts(corp) : groups(corp))

export type CoverageCount = Pick<CoverageRow, 'staff' | 'notice' | 'consent'> & { n: number }

export async function countCoverage(db: Db, corp: number, kind: Kind): Promise<CoverageCount[]> {
  const { rows } = await sql<CoverageCount>`
    SELECT staff, notice, consent, count(*) AS n FROM (${rowsOf(kind, corp)}) r GROUP BY staff, notice, consent`.execute(
    db,
  )
  return rows
}

/** Those without proof first, the newest on top. */
export async function selectCoverage(
  db: Db,
  corp: number,
  query: NoticeQuery & { among: readonly string[] | null },
  limit: number,
): Promise<{ items: CoverageRow[]; total: number }> {
  const { rows } = await sql<CoverageRow & { total: number }>`
    SELECT staff, party, notice, reason, errcode, msgid, version, way, consent, consent_source AS "consentSource", processing, customers, uncovered, count(*) OVER () AS total,
      (extract(epoch FROM since) * 1000)::bigint AS since, (extract(epoch FROM notice_at) * 1000)::bigint AS "noticeAt",
      (extract(epoch FROM consent_at) * 1000)::bigint AS "consentAt"
    FROM (${rowsOf(query.kind, corp)}) r
    WHERE (${query.notice ?? null}::text IS NULL OR notice = ${query.notice ?? null})
      AND (${query.consent ?? null}::text IS NULL OR consent = ${query.consent ?? null})
      AND (${query.processing ?? null}::text IS NULL OR processing = ${query.processing ?? null})
      AND (${query.among}::text[] IS NULL OR staff = ANY(${query.among}::text[]))
    ORDER BY notice = 'proved', r.since DESC, party, staff LIMIT ${limit}`.execute(db)
  return { items: rows.map(({ total: _, ...row }) => row), total: rows[0]?.total ?? 0 }
}
