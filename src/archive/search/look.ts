import { type DataKey, type Db, Fault, type House, keyMonth, open, sql } from '../../base/index.ts'
import { type Normal, normalise, type Text, textsOf } from '../../wecom/index.ts'
import type { MessageKey } from '../contract.ts'
import { derivedTexts, identityOf } from '../derived.ts'
import { splitBody } from '../prepare.ts'
import { restrictedAmong } from '../read.ts'
import { bodyContext } from '../record.ts'
import type { Criteria } from './criteria.ts'

/** A candidate, opened: what the second look needs and no more. */
export type Looked = {
  key: MessageKey
  kind: string
  direction: Normal['direction']
  from: string
  to: string[]
  room: string | null
  /** Files the message points at. */
  files: number
  /** Types of what a forward or a mixed message holds. */
  items: string[]
  texts: Text[]
  /** True when the body was destroyed by a purge, never kept, or may not be read (decision 014). */
  gone: boolean
}

type Row = {
  conv: string
  sentAt: number
  msgid: string
  kind: string
  direction: Normal['direction']
  from: string
  meta: { to?: string[]; room?: string }
  body: Buffer | null
  capturedAt: number
  files: number
}
type Fragment = ReturnType<typeof sql>

const iso = (ms: number): string => new Date(ms).toISOString()

/** Open those of `keys` whose columns fit, in the order of the keys. One index look-up a key (decision 4). */
export async function look(db: Db, house: House, keys: MessageKey[], criteria: Criteria): Promise<Looked[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<Row>`
    SELECT m.conv_id::text AS conv, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.kind,
      m.direction, m.from_party AS "from", m.meta, m.body,
      (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt",
      CASE WHEN m.kind = 'text' THEN 0 ELSE (SELECT count(*) FROM message_media a WHERE a.corp_id = m.corp_id
        AND a.conv_id = m.conv_id AND a.sent_at = m.sent_at AND a.src_msgid = m.src_msgid) END AS files
    FROM unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => iso(k.sentAt))}::timestamptz[],
        ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
      CROSS JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${house.corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
        AND x.src_msgid = k.msgid OFFSET 0) m
    WHERE true ${columnFilters(criteria)}`.execute(db)
  const locked = await restrictedAmong(db, house, rows)
  await house.keys.load(
    db,
    rows
      .filter(row => row.body !== null && !locked.has(row))
      .map(row => ({ conv: row.conv, month: keyMonth(row.sentAt) })),
  )
  const opened = rows.map(row => openRow(house, locked.has(row) ? { ...row, body: null } : row))
  const filed = opened.filter(message => message.files > 0 && !message.gone).map(message => message.key)
  const derived = await derivedTexts(db, house, filed)
  const byKey = new Map(opened.map(message => [identityOf(message.key), message]))
  for (const [name, texts] of derived) byKey.get(name)?.texts.push(...texts)
  return keys.flatMap(key => byKey.get(identityOf(key)) ?? [])
}

function openRow(house: House, row: Row): Looked {
  const normal = row.body === null ? null : openBody(house, row, row.body)
  return {
    key: { convId: row.conv, sentAt: row.sentAt, msgid: row.msgid },
    kind: row.kind,
    direction: row.direction,
    from: row.from,
    to: row.meta.to ?? [],
    room: row.meta.room ?? null,
    files: row.files,
    items: normal ? itemTypes(normal) : [],
    texts: normal ? textsOf(normal) : [],
    gone: row.body === null || keyOf(house, row) === null,
  }
}

function openBody(house: House, row: Row, body: Buffer): Normal | null {
  const key = keyOf(house, row)?.key
  if (!key) return null
  const { raw } = splitBody(open(key, body, bodyContext(house.corp, row.conv, row.sentAt, row.msgid)))
  const normal = normalise(raw.toString('utf8'))
  return typeof normal === 'string' ? null : normal
}

/** Null when the key was destroyed on purpose: one such conversation must not end every search that passes it. */
function keyOf(house: House, row: Row): DataKey | null {
  try {
    return house.keys.cached(row.conv, keyMonth(row.sentAt))
  } catch (error) {
    if (error instanceof Fault && error.code === 'key.shredded') return null
    throw error
  }
}

function itemTypes(normal: Normal): string[] {
  const items = normal.payload.item
  if (!Array.isArray(items)) return []
  return items.flatMap(item =>
    typeof item === 'object' && item !== null && !Array.isArray(item) && typeof item.type === 'string'
      ? [item.type]
      : [],
  )
}

/** What the columns of message `m` can decide before anything is decrypted. */
function columnFilters(c: Criteria): Fragment {
  const parts: Fragment[] = []
  const add = (not: boolean, condition: Fragment): void =>
    void parts.push(not ? sql`AND NOT (${condition})` : sql`AND (${condition})`)
  for (const { any, not } of c.kinds) add(not, sql`m.kind = ANY(${any}::text[])`)
  for (const { any, not } of c.directions) add(not, sql`m.direction = ANY(${any}::text[])`)
  for (const { any, not } of c.senders) add(not, sql`m.from_party = ANY(${any}::text[])`)
  for (const { any, not } of c.parties)
    add(
      not,
      sql`m.from_party = ANY(${any}::text[]) OR coalesce(m.meta -> 'to' ?| ${any}::text[], false)
        OR coalesce(m.meta ->> 'room' = ANY(${any}::text[]), false)`,
    )
  for (const { kind, any, not } of c.marks) {
    const which =
      kind === null
        ? sql`(k.kind = ANY(${any}::text[]) OR k.value = ANY(${any}::text[]))`
        : sql`k.kind = ${kind} AND k.value = ANY(${any}::text[])`
    add(
      not,
      sql`EXISTS (SELECT FROM message_mark k WHERE k.corp_id = m.corp_id AND k.conv_id = m.conv_id AND k.sent_at = m.sent_at
        AND k.src_msgid = m.src_msgid AND ${which})`,
    )
  }
  // Voice, pictures and files are what derived texts come from; a plain text has none.
  if (c.has.some(has => !has.not && has.any.every(what => what === 'attachment')))
    parts.push(sql`AND m.kind <> 'text'`)
  return parts.length === 0 ? sql`` : sql.join(parts, sql` `)
}
