import { type Actor, type Db, inTransaction, readCursor, sql, type Tx, writeCursor } from '../base/index.ts'
import { partiesOf } from '../contacts/index.ts'
import { foldText } from '../detect/index.ts'
import { authorise } from '../people/index.ts'
import { record } from '../trail/index.ts'
import { isExternal } from '../wecom/index.ts'
import type { MessageKey, SearchHit, SearchQuery } from './contract.ts'
import { gramsOf } from './prepare.ts'
import { type Opened, readMessages } from './read.ts'
import { partyIn } from './view.ts'

export type SearchResult = { items: SearchHit[]; next: string | null; milliseconds: number }
type Cursor = { sentAt: number; convId: string; msgid: string }
type Match = { message: Opened; part: number; spans: { start: number; end: number }[] }
type Fragment = ReturnType<typeof sql>
type Needle = { words: string[]; fold: (text: string) => string }

/** Candidates are decrypted this many at a time; most pages need one round. */
const ROUND = 200
const EXCERPT = 60

/**
 * Search the archive: keyed grams find candidates, decryption and a recheck make every hit a true one.
 * Words apart by spaces must all occur in the message. Newest first. The query itself is content, and so is sealed
 * in the trail.
 */
export async function search(db: Db, actor: Actor, query: SearchQuery): Promise<SearchResult> {
  authorise(actor, 'message.search')
  const started = performance.now()
  return inTransaction(db, async tx => {
    const { matches, next } = await collect(tx, actor, query)
    const items = await hitsOf(tx, actor, matches)
    await record(tx, actor, {
      verb: 'archive.searched',
      thing: { kind: 'archive', id: 'search' },
      detail: {
        query: query.q,
        staff: query.staff ?? null,
        customer: query.customer ?? null,
        from: query.from,
        to: query.to,
        kind: query.kind,
        direction: query.direction,
        found: items.length,
      },
    })
    return { items, next, milliseconds: Math.round(performance.now() - started) }
  })
}

async function collect(
  tx: Tx,
  actor: Actor,
  query: SearchQuery,
): Promise<{ matches: Match[]; next: string | null }> {
  const needle = needleOf(query)
  const grams = await gramsNeeded(tx, actor, needle.words)
  // Small tables tempt the planner to read everything; the answer must not depend on their size (decision 4).
  await sql`SET LOCAL enable_seqscan = off`.execute(tx)
  const matches: Match[] = []
  let cursor = query.cursor === undefined ? null : cursorFrom(query.cursor)
  for (;;) {
    const keys = await candidates(tx, actor, query, grams, cursor)
    const opened = new Map(
      (await readMessages(tx, actor.house, keys)).map(m => [`${m.key.convId}|${m.key.msgid}`, m]),
    )
    for (const key of keys) {
      const message = opened.get(`${key.convId}|${key.msgid}`)
      const match = message ? matchOf(message, needle) : null
      if (match) matches.push(match)
      if (matches.length > query.limit) {
        return {
          matches: matches.slice(0, query.limit),
          next: cursorTo(matches[query.limit - 1]?.message.key),
        }
      }
    }
    const last = keys.at(-1)
    if (keys.length < ROUND || !last) return { matches, next: null }
    cursor = last
  }
}

function needleOf(query: SearchQuery): Needle {
  if (query.exact === 'true') return { words: query.q === '' ? [] : [query.q], fold: text => text }
  return {
    words: query.q
      .split(/\s+/u)
      .filter(word => word !== '')
      .map(foldText),
    fold: foldText,
  }
}

async function gramsNeeded(tx: Tx, actor: Actor, words: string[]): Promise<number[]> {
  const hasher = await gramsOf(tx, actor.house)
  return [...new Set(words.flatMap(word => hasher.needed(word)))]
}

/** The next keys in time order, by grams or, without words, by time alone. */
async function candidates(
  tx: Tx,
  actor: Actor,
  query: SearchQuery,
  grams: number[],
  cursor: Cursor | null,
): Promise<MessageKey[]> {
  const { rows } = await sql<MessageKey>`${candidateSql(actor.house.corp, query, grams, cursor)}`.execute(tx)
  return rows
}

function candidateSql(corp: number, query: SearchQuery, grams: number[], cursor: Cursor | null): Fragment {
  const before = cursor
    ? sql`AND (c.sent_at, c.conv_id, c.src_msgid) < (${iso(cursor.sentAt)}::timestamptz, ${cursor.convId}::bigint, ${cursor.msgid})`
    : sql``
  const from = query.from === undefined ? sql`` : sql`AND c.sent_at >= ${iso(query.from)}::timestamptz`
  const to = query.to === undefined ? sql`` : sql`AND c.sent_at <= ${iso(query.to)}::timestamptz`
  const columns = sql`c.corp_id, c.conv_id, c.sent_at, c.src_msgid`
  // "+ 0" hides corp_id from its index: before statistics exist the planner would take that, and read every row.
  // MATERIALIZED keeps the planner from walking the time index for a rare word (1.6 s on 5 M rows, design decision 4).
  const found =
    grams.length > 0
      ? sql`SELECT ${columns} FROM message_gram c WHERE c.corp_id + 0 = ${corp} AND c.g @> ${grams}::int4[] ${before} ${from} ${to}`
      : sql`SELECT ${columns} FROM message c WHERE c.corp_id = ${corp} ${before} ${from} ${to} ${filters(query, sql`c`)}
          ORDER BY c.sent_at DESC, c.conv_id DESC, c.src_msgid DESC LIMIT ${ROUND}`
  const joined = grams.length > 0 && hasFilters(query)
  return sql`
    WITH f AS MATERIALIZED (${found})
    SELECT f.conv_id::text AS "convId", (extract(epoch FROM f.sent_at) * 1000)::bigint AS "sentAt", f.src_msgid AS msgid FROM f
    ${joined ? sql`JOIN message m USING (corp_id, conv_id, sent_at, src_msgid) WHERE true ${filters(query, sql`m`)}` : sql``}
    ORDER BY f.sent_at DESC, f.conv_id DESC, f.src_msgid DESC LIMIT ${ROUND}
  `
}

function hasFilters(query: SearchQuery): boolean {
  return [query.staff, query.customer, query.kind, query.direction].some(value => value !== undefined)
}

function filters(query: SearchQuery, m: Fragment): Fragment {
  const parts: Fragment[] = []
  if (query.kind !== undefined) parts.push(sql`AND ${m}.kind = ${query.kind}`)
  if (query.direction !== undefined) parts.push(sql`AND ${m}.direction = ${query.direction}`)
  for (const who of [query.staff, query.customer]) {
    if (who !== undefined)
      parts.push(
        sql`AND (${m}.from_party = ${who} OR ${m}.meta -> 'to' ? ${who} OR ${m}.meta ->> 'room' = ${who})`,
      )
  }
  return parts.length === 0 ? sql`` : sql.join(parts, sql` `)
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}

/** The recheck: every word stands in one of the message's texts. Without words every message matches. */
function matchOf(message: Opened, needle: Needle): Match | null {
  if (needle.words.length === 0) return { message, part: 0, spans: [] }
  const folded = message.texts.map(text => needle.fold(text.text))
  const places = needle.words.map(word => folded.findIndex(text => text.includes(word)))
  if (places.some(place => place === -1)) return null
  const part = places[0] ?? 0
  const text = folded[part] ?? ''
  return { message, part, spans: needle.words.flatMap(word => spansOf(text, word)) }
}

/** foldText maps code unit to code unit, so offsets in the folded text are offsets in the original. */
function spansOf(text: string, word: string): { start: number; end: number }[] {
  const spans: { start: number; end: number }[] = []
  for (
    let at = text.indexOf(word);
    at !== -1 && spans.length < 20;
    at = text.indexOf(word, at + word.length)
  ) {
    spans.push({ start: at, end: at + word.length })
  }
  return spans
}

async function hitsOf(tx: Tx, actor: Actor, matches: Match[]): Promise<SearchHit[]> {
  const ids = matches.flatMap(({ message }) => [
    message.from,
    ...(message.room ? [message.room] : message.to),
  ])
  const parties = await partiesOf(tx, actor.house, ids)
  return matches.map(({ message, part, spans }) => {
    const others = message.room ? [message.room] : message.to
    const title = [message.from, ...others].sort((a, b) => Number(isExternal(a)) - Number(isExternal(b)))
    return {
      key: message.key,
      kind: message.kind,
      direction: message.direction,
      from: partyIn(parties, message.from),
      conversation: message.room
        ? partyIn(parties, message.room).name
        : title.map(id => partyIn(parties, id).name).join(' ↔ '),
      recalled: message.recalledAt !== null,
      excerpt: excerptOf(message, part, spans),
    }
  })
}

function excerptOf(message: Opened, part: number, spans: Match['spans']): SearchHit['excerpt'] {
  const found = message.texts[part]
  if (!found) return { label: null, text: '', spans: [] }
  const first = spans[0]?.start ?? 0
  const start = Math.max(0, first - EXCERPT)
  const end = Math.min(found.text.length, first + EXCERPT * 3)
  const inside = spans.filter(span => span.start >= start && span.end <= end)
  const lead = start > 0 ? '…' : ''
  return {
    label: found.label,
    text: `${lead}${found.text.slice(start, end)}${end < found.text.length ? '…' : ''}`,
    spans: inside.map(span => ({
      start: span.start - start + lead.length,
      end: span.end - start + lead.length,
    })),
  }
}

function cursorTo(key: MessageKey | undefined): string | null {
  return key ? writeCursor([key.sentAt, key.convId, key.msgid]) : null
}

function cursorFrom(cursor: string): Cursor {
  return readCursor(cursor, ([sentAt, convId, msgid]) =>
    typeof sentAt === 'number' && /^\d+$/.test(String(convId)) && typeof msgid === 'string'
      ? { sentAt, convId: String(convId), msgid }
      : null,
  )
}

/** The plan of the statement that finds candidates, for the test that no table is read whole. */
export async function explainSearch(db: Db, actor: Actor, query: SearchQuery): Promise<string> {
  return inTransaction(db, async tx => {
    const grams = await gramsNeeded(tx, actor, needleOf(query).words)
    await sql`SET LOCAL enable_seqscan = off`.execute(tx)
    const { rows } = await sql<{
      'QUERY PLAN': string
    }>`EXPLAIN ${candidateSql(actor.house.corp, query, grams, null)}`.execute(tx)
    return rows.map(row => row['QUERY PLAN']).join('\n')
  })
}
