import { type Db, type House, keyMonth, sql } from '../base/index.ts'
import { newestCheckpoint } from '../notary/index.ts'
import { identityOf, openDerived } from './derived.ts'
import { type MessageRow, openRows, type Spoken } from './read.ts'
import type { DerivedRow } from './reading-store.ts'

/**
 * The messages of one moment, fixed by the ledger: those whose leaf stands below `size`. What is captured later gets a
 * later index and never belongs to it, whatever time it says it was sent at.
 */
export type Population = { epoch: number; size: number; since: number | null }
/** A stretch of it by the time of sending; `until` is exclusive. */
export type Span = { from: number; until: number }

/** Beyond the last instant a message can have (wecom/message.ts). */
const END = Date.UTC(9999, 0, 2)

/** The population of this moment, as far as it is sealed. */
export async function fixPopulation(db: Db, house: House, since: number | null): Promise<Population> {
  const newest = await newestCheckpoint(db, house.corp, 'archive')
  return { epoch: newest?.epoch ?? 0, size: newest?.size ?? 0, since }
}

function leafIn(corp: number, { epoch, size }: Population): ReturnType<typeof sql> {
  return sql`l.corp_id = ${corp} AND l.log_id = 'archive' AND l.epoch <= ${epoch} AND l.idx < ${size}`
}

/** The population cut into spans of about `each` messages, and how many there are in all. */
export async function spansOf(
  db: Db,
  house: House,
  population: Population,
  each: number,
): Promise<{ messages: number; spans: Span[] }> {
  const { rows } = await sql<{ at: number; n: number }>`
    SELECT (extract(epoch FROM sent_at) * 1000)::bigint AS at, n FROM (
      SELECT sent_at, row_number() OVER (ORDER BY sent_at) AS n, count(*) OVER () AS whole FROM leaf l
      WHERE ${leafIn(house.corp, population)} AND l.kind = 'message'
        AND l.sent_at >= ${new Date(population.since ?? 0).toISOString()}::timestamptz) t
    WHERE n % ${each} = 0 OR n = whole ORDER BY n`.execute(db)
  const messages = rows.at(-1)?.n ?? 0
  if (messages === 0) return { messages, spans: [] }
  // One instant is never cut in two: its messages may be many.
  const cuts = [...new Set(rows.slice(0, -1).map(row => row.at + 1))]
  const edges = [population.since ?? 0, ...cuts, END]
  return {
    messages,
    spans: edges.slice(0, -1).map((from, i) => ({ from, until: edges[i + 1] ?? END })),
  }
}

/**
 * The words of a span of a population in the order they were said, with those up to `lead` ms before it, which lend
 * only their words. What pictures, files and voices said when the population was fixed comes apart, as detection sees it.
 * A subselect with a limit stays one look into the index for each message: as EXISTS the planner read the whole ledger
 * for every span (7 ms a message at 100,000, measured).
 */
export async function readSpan(
  db: Db,
  house: House,
  population: Population,
  span: Span,
  lead: number,
): Promise<{ said: Spoken[]; derived: Spoken[] }> {
  const from = new Date(Math.max(0, span.from - lead)).toISOString()
  const until = new Date(span.until).toISOString()
  const { rows } = await sql<MessageRow>`
    SELECT m.conv_id::text AS conv, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.kind,
      m.direction, m.from_party AS "from", m.meta, m.body, (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt"
    FROM message m WHERE m.corp_id = ${house.corp} AND m.sent_at >= ${from}::timestamptz AND m.sent_at < ${until}::timestamptz
      AND (SELECT true FROM leaf l WHERE ${leafIn(house.corp, population)} AND l.kind = 'message' AND l.conv_id = m.conv_id
        AND l.sent_at = m.sent_at AND l.ref = m.src_msgid LIMIT 1)
    ORDER BY m.sent_at, m.conv_id, m.src_msgid`.execute(db)
  const said = await openRows(db, house, rows)
  return { said, derived: await derivedIn(db, house, population, span, said) }
}

/** What the files of these messages said, as far as it was read when the population was fixed. */
async function derivedIn(
  db: Db,
  house: House,
  population: Population,
  span: Span,
  said: Spoken[],
): Promise<Spoken[]> {
  const { rows } = await sql<DerivedRow>`
    SELECT d.conv_id::text AS conv, (extract(epoch FROM d.sent_at) * 1000)::bigint AS "sentAt", d.src_msgid AS msgid, d.source,
      d.part, d.body FROM derived_text d
    WHERE d.corp_id = ${house.corp} AND d.sent_at >= ${new Date(span.from).toISOString()}::timestamptz
      AND d.sent_at < ${new Date(span.until).toISOString()}::timestamptz AND d.source <> 'record' AND d.body IS NOT NULL
      AND (SELECT true FROM leaf l WHERE ${leafIn(house.corp, population)} AND l.kind = 'derived' AND l.conv_id = d.conv_id
        AND l.sent_at = d.sent_at AND l.ref = d.src_msgid || '|' || d.source || '|' || d.part LIMIT 1)
    ORDER BY d.sent_at, d.src_msgid, d.part, d.source`.execute(db)
  if (rows.length === 0) return []
  await house.keys.load(
    db,
    rows.map(row => ({ conv: row.conv, month: keyMonth(row.sentAt) })),
  )
  const readable = new Map(
    said.filter(message => message.absent === null).map(message => [identityOf(message.key), message]),
  )
  const found = new Map<string, Spoken>()
  for (const row of rows) {
    const name = identityOf({ convId: row.conv, sentAt: row.sentAt, msgid: row.msgid })
    const message = readable.get(name)
    if (!message) continue
    const known = found.get(name) ?? { ...message, texts: [] }
    known.texts = [...known.texts, openDerived(house, row)]
    found.set(name, known)
  }
  return [...found.values()]
}
