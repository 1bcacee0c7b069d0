import {
  type Actor,
  type Db,
  inTransaction,
  readCursor,
  sql,
  type Tx,
  writeCursor,
} from '../../base/index.ts'
import { partiesOf } from '../../contacts/index.ts'
import { authorise } from '../../people/index.ts'
import { record } from '../../trail/index.ts'
import { isExternal } from '../../wecom/index.ts'
import type { MessageKey, SearchHit, SearchQuery, SearchTotal } from '../contract.ts'
import { identityOf } from '../derived.ts'
import { gramsOf } from '../prepare.ts'
import { partyIn } from '../view.ts'
import { probeSql, walkSql } from './candidates.ts'
import { type Criteria, criteriaOf, type RuleNames } from './criteria.ts'
import { type Ask, everyMatch, findPage, type Limits, neededBy, type Resume, settle } from './engine.ts'
import { excerptsOf, type Found } from './match.ts'
import { segmentsOf } from './segments.ts'

export type SearchResult = {
  items: SearchHit[]
  next: string | null
  searchedTo: number | null
  total: SearchTotal | null
  milliseconds: number
  /** Where the time went, in ms: asking the index, opening candidates. For the benchmark. */
  stages: { candidates: number; look: number }
}

/** The work of one request; what is left is done by the next, from the cursor on. */
const LIMITS: Omit<Limits, 'items'> = { milliseconds: 120, looks: 4000 }
const NO_RULES: RuleNames = () => []

/**
 * Search the archive: keyed grams find candidates, decryption and a second look make every hit a true one (decision 4).
 * Newest first. The query itself is content, and so is sealed in the trail. Throws `query.invalid` with the place of
 * what cannot be understood.
 */
export async function search(
  db: Db,
  actor: Actor,
  query: SearchQuery,
  rules: RuleNames = NO_RULES,
): Promise<SearchResult> {
  authorise(actor, 'message.search')
  const started = performance.now()
  return inTransaction(db, async tx => {
    const ask = await askOf(db, tx, actor, query, rules)
    const from = query.cursor === undefined ? null : cursorFrom(query.cursor)
    const page = await findPage(tx, ask, from, { ...LIMITS, items: query.limit })
    const items = await hitsOf(tx, actor, page.found, ask.criteria)
    await record(tx, actor, {
      verb: 'archive.searched',
      thing: { kind: 'archive', id: 'search' },
      detail: { ...detailOf(query), found: items.length },
    })
    return {
      items,
      next: page.next ? cursorTo(page.next) : null,
      searchedTo: page.partial && page.next ? page.next.place.sentAt : null,
      total: from === null ? page.total : null,
      milliseconds: Math.round(performance.now() - started),
      stages: page.stages,
    }
  })
}

/** A query understood, with the grams its matches must hold. */
export async function askOf(
  db: Db,
  tx: Db,
  actor: Actor,
  query: SearchQuery,
  rules: RuleNames = NO_RULES,
): Promise<Ask> {
  const criteria = await criteriaOf(tx, actor, query, rules)
  await settle(tx)
  return { db, house: actor.house, criteria, needed: neededBy(criteria, await gramsOf(tx, actor.house)) }
}

/**
 * The keys of every message a query finds, newest first, in batches: for a hold, a sample or a purge that is scoped by
 * a search. Not a look: nothing is shown, and the caller records what it does with them.
 */
export async function* keysOfSearch(
  db: Db,
  actor: Actor,
  query: SearchQuery,
  rules: RuleNames = NO_RULES,
): AsyncGenerator<MessageKey[]> {
  authorise(actor, 'message.search')
  const ask = await askOf(db, db, actor, query, rules)
  for await (const found of everyMatch(db, ask)) yield found.map(match => match.message.key)
}

const FILTERS = ['group', 'department', 'rule', 'severity', 'mark', 'has', 'in'] as const

function detailOf(query: SearchQuery) {
  const filters = FILTERS.flatMap(name => (query[name] === undefined ? [] : [[name, query[name]] as const]))
  return {
    query: query.q,
    staff: query.staff?.slice(0, 512) ?? null,
    customer: query.customer?.slice(0, 512) ?? null,
    from: query.from,
    to: query.to,
    kind: query.kind?.slice(0, 64),
    direction: query.direction?.slice(0, 16),
    ...(filters.length > 0 ? { filters: Object.fromEntries(filters) } : {}),
  }
}

type Extra = { recalled: boolean; severity: string | null }

/** What the list shows of a message beside its words. */
async function extrasOf(tx: Db, corp: number, keys: MessageKey[]): Promise<Map<string, Extra>> {
  if (keys.length === 0) return new Map()
  const { rows } = await sql<MessageKey & Extra>`
    SELECT k.conv::text AS "convId", (extract(epoch FROM k.sent) * 1000)::bigint AS "sentAt", k.msgid,
      EXISTS (SELECT FROM message_link l WHERE l.corp_id = ${corp} AND l.conv_id = k.conv AND l.target_msgid = k.msgid
        AND l.kind = 'recalls') AS recalled,
      (SELECT min(s.value) FROM message_mark s WHERE s.corp_id = ${corp} AND s.conv_id = k.conv AND s.sent_at = k.sent
        AND s.src_msgid = k.msgid AND s.kind = 'severity') AS severity
    FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)`.execute(tx)
  return new Map(rows.map(row => [identityOf(row), row]))
}

async function hitsOf(tx: Tx, actor: Actor, found: Found[], criteria: Criteria): Promise<SearchHit[]> {
  const ids = found.flatMap(({ message: m }) => [m.from, ...(m.room ? [m.room] : m.to)])
  const parties = await partiesOf(tx, actor.house, ids)
  const extras = await extrasOf(
    tx,
    actor.house.corp,
    found.map(match => match.message.key),
  )
  return found.map(match => {
    const { message } = match
    const others = message.room ? [message.room] : message.to
    const title = [message.from, ...others].sort((a, b) => Number(isExternal(a)) - Number(isExternal(b)))
    const [excerpt = { source: 'body', label: null, text: '', spans: [] }, ...more] = excerptsOf(
      match,
      criteria,
    )
    const extra = extras.get(identityOf(message.key))
    return {
      key: message.key,
      kind: message.kind,
      direction: message.direction,
      from: partyIn(parties, message.from),
      conversation: message.room
        ? partyIn(parties, message.room).name
        : title.map(id => partyIn(parties, id).name).join(' ↔ '),
      recalled: extra?.recalled ?? false,
      excerpt,
      more,
      severity: extra?.severity ?? null,
    }
  })
}

function cursorTo({ place, walked }: Resume): string {
  return writeCursor([place.sentAt, place.convId, place.msgid, walked ? 1 : 0])
}

function cursorFrom(cursor: string): Resume {
  return readCursor(cursor, ([sentAt, convId, msgid, walked]) =>
    typeof sentAt === 'number' &&
    Number.isSafeInteger(sentAt) &&
    Math.abs(sentAt) < 8.64e15 &&
    /^\d{1,19}$/.test(String(convId)) &&
    BigInt(String(convId)) < 2n ** 63n &&
    typeof msgid === 'string' &&
    !msgid.includes('\0')
      ? { place: { sentAt, convId: String(convId), msgid }, walked: walked === 1 }
      : null,
  )
}

/** The plans of the statements that find candidates, for the test that no table is read whole. */
export async function explainSearch(db: Db, actor: Actor, query: SearchQuery): Promise<string> {
  return inTransaction(db, async tx => {
    const { needed } = await askOf(db, tx, actor, query)
    const segments = await segmentsOf(tx, db)
    const { corp } = actor.house
    const plan = async (statement: ReturnType<typeof sql>): Promise<string> => {
      const { rows } = await sql<{ 'QUERY PLAN': string }>`EXPLAIN ${statement}`.execute(tx)
      return rows.map(row => row['QUERY PLAN']).join('\n')
    }
    const newest = segments.find(segment => segment.suffix !== 'default')
    if (needed.length > 0) return plan(probeSql(corp, segments, needed, null, 1500))
    return newest ? plan(walkSql(corp, newest, { by: 'time' }, needed, null, 1000)) : ''
  })
}
