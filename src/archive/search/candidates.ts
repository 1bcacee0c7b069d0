import { type Db, sql } from '../../base/index.ts'
import type { MessageKey } from '../contract.ts'
import type { Segment } from './segments.ts'

/** Where a walk stands: everything newer has been given. */
export type Place = MessageKey
type Fragment = ReturnType<typeof sql>
/** Grams every match must hold: one list for each clause with a single word, several for `A 或 B`. */
export type Needed = number[][][]

type KeyRow = MessageKey & { seg: number }
export type Window = { keys: MessageKey[]; last: Place | null; walked: number }

const KEY = sql`c.conv_id::text AS "convId", (extract(epoch FROM c.sent_at) * 1000)::bigint AS "sentAt", c.src_msgid AS msgid`

/** PostgreSQL's timestamptz ends in 294276; JavaScript's Date ends sooner and infinity has a name. */
function instant(ms: number): string {
  if (ms === Number.POSITIVE_INFINITY) return 'infinity'
  return ms === Number.NEGATIVE_INFINITY ? '-infinity' : new Date(ms).toISOString()
}

function holding(needed: Needed): Fragment {
  const clauses = needed.map(words => {
    const each = words.map(grams => sql`c.g @> ${`{${grams.join(',')}}`}::int4[]`)
    return sql`(${sql.join(each, sql` OR `)})`
  })
  return sql.join(clauses, sql` AND `)
}

/**
 * Before the place, in the order newest first. `hidden` keeps the planner from taking an index on time for it: the
 * grams must decide (decision 4).
 */
function before(place: Place | null, hidden: boolean): Fragment {
  if (!place) return sql``
  const sentAt = hidden ? sql`c.sent_at + interval '0'` : sql`c.sent_at`
  return sql`AND (${sentAt}, c.conv_id, c.src_msgid) < (${instant(place.sentAt)}::timestamptz, ${place.convId}::bigint, ${place.msgid})`
}

function bounds(segment: Segment, hidden: boolean): Fragment {
  const sentAt = hidden ? sql`(c.sent_at + interval '0')` : sql`c.sent_at`
  const lower =
    segment.from === Number.NEGATIVE_INFINITY
      ? sql``
      : sql`AND ${sentAt} >= ${instant(segment.from)}::timestamptz`
  const upper =
    segment.until === Number.POSITIVE_INFINITY
      ? sql``
      : sql`AND ${sentAt} < ${instant(segment.until)}::timestamptz`
  return sql`${lower} ${upper}`
}

/**
 * Ask the gram index of every segment, newest first, in one statement that stops after `most` + 1 keys. Children of an
 * Append run one after the other, so all segments before the last one touched are complete.
 */
export function probeSql(
  corp: number,
  segments: Segment[],
  needed: Needed,
  place: Place | null,
  most: number,
): Fragment {
  const each = segments.map(
    (segment, seg) =>
      sql`SELECT ${seg}::int AS seg, c.conv_id, c.sent_at, c.src_msgid FROM ${sql.table(`message_gram_${segment.suffix}`)} c
        WHERE c.corp_id + 0 = ${corp} AND ${holding(needed)} ${bounds(segment, true)} ${before(place, true)}`,
  )
  return sql`
    WITH c AS MATERIALIZED (SELECT * FROM (${sql.join(each, sql` UNION ALL `)}) every LIMIT ${most + 1})
    SELECT c.seg, ${KEY} FROM c ORDER BY c.seg, c.sent_at DESC, c.conv_id DESC, c.src_msgid DESC`
}

export type Probe = {
  keys: MessageKey[]
  /** How many of the segments are complete, from the first. */
  complete: number
}

export async function probe(
  tx: Db,
  corp: number,
  segments: Segment[],
  needed: Needed,
  place: Place | null,
  most: number,
): Promise<Probe> {
  if (segments.length === 0) return { keys: [], complete: 0 }
  const { rows } = await sql<KeyRow>`${probeSql(corp, segments, needed, place, most)}`.execute(tx)
  if (rows.length <= most) return { keys: rows, complete: segments.length }
  const complete = rows.at(-1)?.seg ?? 0
  return { keys: rows.filter(row => row.seg < complete), complete }
}

/** What a walk goes along: marks of a kind, a few conversations, the grams by time, or messages by time. */
export type Way =
  | { by: 'marks'; kind: string | null; values: string[] }
  | { by: 'conversations'; convs: string[] }
  | { by: 'grams' }
  | { by: 'time' }

/** The next `size` rows of a segment along a way, and which of them hold the grams. */
export function walkSql(
  corp: number,
  segment: Segment,
  way: Way,
  needed: Needed,
  place: Place | null,
  size: number,
): Fragment {
  const order = sql`ORDER BY c.sent_at DESC, c.conv_id DESC, c.src_msgid DESC LIMIT ${size}`
  const where = sql`c.corp_id = ${corp} ${bounds(segment, false)} ${place ? sql`AND c.sent_at <= ${instant(place.sentAt)}::timestamptz` : sql``} ${before(place, false)}`
  const rows = sql`WITH w AS MATERIALIZED (${rowsOf(segment, way, where, order)})`
  const gram = way.by === 'grams'
  const ok =
    needed.length === 0
      ? sql`true`
      : gram
        ? holding(needed)
        : sql`EXISTS (SELECT FROM message_gram x WHERE x.corp_id = ${corp} AND x.conv_id = c.conv_id AND x.sent_at = c.sent_at
            AND x.src_msgid = c.src_msgid AND ${holdingOf(needed)})`
  return sql`${rows} SELECT * FROM (SELECT ${KEY}, ${ok} AS ok, row_number() OVER (ORDER BY c.sent_at DESC, c.conv_id DESC, c.src_msgid DESC) AS n,
    count(*) OVER () AS walked FROM w c) r WHERE r.ok OR r.n = r.walked ORDER BY r.n`
}

function holdingOf(needed: Needed): Fragment {
  const clauses = needed.map(words => {
    const each = words.map(grams => sql`x.g @> ${`{${grams.join(',')}}`}::int4[]`)
    return sql`(${sql.join(each, sql` OR `)})`
  })
  return sql.join(clauses, sql` AND `)
}

function rowsOf(segment: Segment, way: Way, where: Fragment, order: Fragment): Fragment {
  const key = sql`c.conv_id, c.sent_at, c.src_msgid`
  const message = sql.table(`message_${segment.suffix}`)
  switch (way.by) {
    case 'marks': {
      const which =
        way.kind === null
          ? sql`(c.kind = ANY(${way.values}::text[]) OR c.value = ANY(${way.values}::text[]))`
          : sql`c.kind = ${way.kind} AND c.value = ANY(${way.values}::text[])`
      return sql`SELECT DISTINCT ${key} FROM ${sql.table(`message_mark_${segment.suffix}`)} c WHERE ${where} AND ${which} ${order}`
    }
    case 'conversations':
      return sql`SELECT ${key} FROM unnest(${way.convs}::bigint[]) v (id) CROSS JOIN LATERAL
        (SELECT ${key} FROM ${message} c WHERE c.conv_id = v.id AND ${where} ${order}) c ${order}`
    case 'grams':
      return sql`SELECT ${key}, c.g FROM ${sql.table(`message_gram_${segment.suffix}`)} c WHERE ${where} ${order}`
    case 'time':
      return sql`SELECT ${key} FROM ${message} c WHERE ${where} ${order}`
  }
}

type WalkRow = MessageKey & { ok: boolean; n: number; walked: number }

export async function walk(
  tx: Db,
  corp: number,
  segment: Segment,
  way: Way,
  needed: Needed,
  place: Place | null,
  size: number,
): Promise<Window> {
  const { rows } = await sql<WalkRow>`${walkSql(corp, segment, way, needed, place, size)}`.execute(tx)
  const last = rows.at(-1)
  const walked = last?.walked ?? 0
  return {
    keys: rows.filter(row => row.ok).map(({ convId, sentAt, msgid }) => ({ convId, sentAt, msgid })),
    last: last && walked === size ? { convId: last.convId, sentAt: last.sentAt, msgid: last.msgid } : null,
    walked,
  }
}

/** Conversations in which these people took part in a month, at most `most` + 1. */
export async function conversationsOf(
  tx: Db,
  corp: number,
  people: string[],
  segment: Segment,
  most: number,
): Promise<string[]> {
  const { rows } = await sql<{ conv: string }>`
    SELECT DISTINCT conv_id::text AS conv FROM conversation_party WHERE corp_id = ${corp} AND party = ANY(${people}::text[])
      AND month >= date_trunc('month', ${instant(segment.from)}::timestamptz AT TIME ZONE 'UTC')::date
      AND month < ${instant(segment.until)}::timestamptz AT TIME ZONE 'UTC' LIMIT ${most + 1}`.execute(tx)
  return rows.map(row => row.conv)
}
