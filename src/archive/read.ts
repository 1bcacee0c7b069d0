import { type Db, type House, keyMonth, open, sql } from '../base/index.ts'
import { openGate } from '../contacts/index.ts'
import { type Normal, normalise, type Text, textsOf } from '../wecom/index.ts'
import type { Absence, MessageKey } from './contract.ts'
import { derivedTexts, identityOf, readable, withDerived } from './derived.ts'
import { type GateColumns, passingOf } from './passing.ts'
import { splitBody } from './prepare.ts'
import { bodyContext } from './record.ts'

type MediaState = { part: string; state: string; reason: string | null }

/** A stored message, opened. `normal` is null and `texts` is empty where the body is absent. */
export type Opened = {
  key: MessageKey
  kind: string
  action: Normal['action']
  direction: Normal['direction']
  from: string
  to: string[]
  room: string | null
  capturedAt: number
  recalledAt: number | null
  recalls: string | null
  ledgerIndex: number | null
  media: MediaState[]
  /** Why its words are not here; null when they are. */
  absent: Absence | null
  normal: Normal | null
  texts: Text[]
}

/** Columns every read of messages selects; `m` is the message row. */
export const MESSAGE_COLUMNS = sql`
  m.conv_id::text AS conv, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.kind,
  m.action, m.direction, m.from_party AS "from", m.meta, m.body,
  (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt",
  (SELECT (extract(epoch FROM min(l.sent_at)) * 1000)::bigint FROM message_link l
    WHERE l.corp_id = m.corp_id AND l.conv_id = m.conv_id AND l.target_msgid = m.src_msgid AND l.kind = 'recalls') AS "recalledAt",
  (SELECT min(l.target_msgid) FROM message_link l WHERE l.corp_id = m.corp_id AND l.conv_id = m.conv_id
    AND l.sent_at = m.sent_at AND l.src_msgid = m.src_msgid AND l.kind = 'recalls') AS recalls,
  (SELECT min(f.idx) FROM leaf f WHERE f.corp_id = m.corp_id AND f.log_id = 'archive' AND f.conv_id = m.conv_id
    AND f.sent_at = m.sent_at AND f.ref = m.src_msgid AND f.kind = 'message') AS "ledgerIndex",
  (SELECT jsonb_agg(jsonb_build_object('part', a.part, 'state', a.state, 'reason', a.reason)) FROM message_media a WHERE a.corp_id = m.corp_id
    AND a.conv_id = m.conv_id AND a.sent_at = m.sent_at AND a.src_msgid = m.src_msgid) AS media`

export type MessageRow = {
  conv: string
  sentAt: number
  msgid: string
  kind: string
  action: Normal['action']
  direction: Normal['direction']
  from: string
  meta: { to?: string[]; room?: string; consent?: string }
  body: Buffer | null
  capturedAt: number
  recalledAt: number | null
  recalls: string | null
  ledgerIndex: number | null
  media: MediaState[] | null
}

/**
 * Decrypt rows; the keys of all their conversations are fetched at once. What a customer refuses to have kept stays
 * sealed: for screens, search, detection and backtests alike, because all of them read here (decision 014). Only
 * `restricted: true` opens it, for the unlock of two persons and for the archive's own upkeep.
 */
export async function openRows(
  db: Db,
  house: House,
  rows: MessageRow[],
  options: { restricted?: boolean } = {},
): Promise<Opened[]> {
  const locked = options.restricted ? new Set<MessageRow>() : await restrictedAmong(db, house, rows)
  await house.keys.load(
    db,
    rows
      .filter(row => row.body !== null && !locked.has(row))
      .map(row => ({ conv: row.conv, month: keyMonth(row.sentAt) })),
  )
  return rows.map(row => openRow(house, row, locked.has(row)))
}

/** Rows whose body is kept and may not be read today. A law that demands the archive demands its supervision too. */
export async function restrictedAmong<T extends GateColumns & { body: Buffer | null }>(
  db: Db,
  house: House,
  rows: T[],
): Promise<Set<T>> {
  const kept = rows.filter(row => row.body !== null)
  if (house.archiveBasis !== undefined || kept.length === 0) return new Set()
  const gate = await openGate(db, house, kept.map(passingOf))
  return new Set(kept.filter(row => gate.restriction(passingOf(row)) !== null))
}

/** Why there are no words to show or hand out; null where there are. */
export function absenceOf(
  row: { body: Buffer | null; meta: { consent?: unknown } },
  locked: boolean,
): Absence | null {
  if (row.body !== null) return locked ? 'restricted' : null
  return row.meta.consent === 'refused' ? 'refused' : 'purged'
}

function openRow(house: House, row: MessageRow, locked: boolean): Opened {
  const normal =
    row.body === null || locked ? null : openBody(house, row.conv, row.sentAt, row.msgid, row.body)
  const readable = normal !== null && typeof normal !== 'string'
  return {
    key: { convId: row.conv, sentAt: row.sentAt, msgid: row.msgid },
    kind: row.kind,
    action: row.action,
    direction: row.direction,
    from: row.from,
    to: row.meta.to ?? [],
    room: row.meta.room ?? null,
    capturedAt: row.capturedAt,
    recalledAt: row.recalledAt,
    recalls: row.recalls,
    ledgerIndex: row.ledgerIndex,
    media: row.media ?? [],
    absent: absenceOf(row, locked),
    normal: readable ? normal : null,
    texts: readable ? textsOf(normal) : [],
  }
}

function openBody(
  house: House,
  conv: string,
  sentAt: number,
  msgid: string,
  body: Buffer,
): ReturnType<typeof normalise> {
  const { key } = house.keys.cached(conv, keyMonth(sentAt))
  const { raw } = splitBody(open(key, body, bodyContext(house.corp, conv, sentAt, msgid)))
  return normalise(raw.toString('utf8'))
}

/**
 * The rows of `message` with these keys, as `m`. OFFSET 0 keeps the planner at one index look-up a key: left to
 * itself it hashed the whole table for a batch of 1,000 (2.5 s a batch at 24,000 messages, measured).
 */
function byKeys(corp: number, keys: MessageKey[]): ReturnType<typeof sql> {
  return sql`unnest(${keys.map(k => k.convId)}::bigint[], ${keys.map(k => new Date(k.sentAt).toISOString())}::timestamptz[],
      ${keys.map(k => k.msgid)}::text[]) AS k (conv, sent, msgid)
    CROSS JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
      AND x.src_msgid = k.msgid OFFSET 0) m`
}

/** Messages by key, in any order; for lists that show an excerpt. */
export async function readMessages(
  db: Db,
  house: House,
  keys: MessageKey[],
  options: { restricted?: boolean } = {},
): Promise<Opened[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<MessageRow>`SELECT ${MESSAGE_COLUMNS} FROM ${byKeys(house.corp, keys)}`.execute(
    db,
  )
  return withDerived(db, house, await openRows(db, house, rows, options))
}

/** What detection needs of a message: who said what to whom. */
export type Spoken = Pick<
  Opened,
  'key' | 'kind' | 'direction' | 'from' | 'to' | 'room' | 'texts' | 'absent' | 'normal'
>

/** The words of messages by key, without what only a screen shows: half the cost for a batch of 1,000. */
export async function readSpoken(db: Db, house: House, keys: MessageKey[]): Promise<Spoken[]> {
  if (keys.length === 0) return []
  const { rows } = await sql<MessageRow>`
    SELECT m.conv_id::text AS conv, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentAt", m.src_msgid AS msgid, m.kind,
      m.direction, m.from_party AS "from", m.meta, m.body, (extract(epoch FROM m.captured_at) * 1000)::bigint AS "capturedAt"
    FROM ${byKeys(house.corp, keys)}`.execute(db)
  return openRows(db, house, rows)
}

/** The same of what their pictures, files and voices say, and of nothing else. */
export async function readDerived(db: Db, house: House, keys: MessageKey[]): Promise<Spoken[]> {
  const spoken = await readSpoken(db, house, keys)
  const derived = await derivedTexts(db, house, readable(spoken))
  return spoken.map(message => ({ ...message, texts: derived.get(identityOf(message.key)) ?? [] }))
}

const SWEEP = 1000

/** Every message of the archive, oldest first, opened; for backtests and rebuilds. */
export async function eachMessage(db: Db, house: House, visit: (message: Opened) => void): Promise<void> {
  let after = { sentAt: new Date(0).toISOString(), convId: '-1', msgid: '' }
  for (;;) {
    const { rows } = await sql<MessageRow>`
      SELECT ${MESSAGE_COLUMNS} FROM message m WHERE m.corp_id = ${house.corp}
        AND (m.sent_at, m.conv_id, m.src_msgid) > (${after.sentAt}::timestamptz, ${after.convId}::bigint, ${after.msgid})
      ORDER BY m.sent_at, m.conv_id, m.src_msgid LIMIT ${SWEEP}
    `.execute(db)
    for (const message of await withDerived(db, house, await openRows(db, house, rows))) visit(message)
    const last = rows.at(-1)
    if (!last || rows.length < SWEEP) return
    after = { sentAt: new Date(last.sentAt).toISOString(), convId: last.conv, msgid: last.msgid }
  }
}
