import { type Blobs, type Db, type House, keyMonth, open, sql } from '../base/index.ts'
import { mediaOf, type Normal, normalise, type Text, textsOf } from '../wecom/index.ts'
import type { Absence } from './contract.ts'
import { ENVELOPE } from './envelope.ts'
import { type MediaEnvelope, piecesOf } from './media.ts'
import { selectStored } from './media-store.ts'
import { splitBody } from './prepare.ts'
import { absenceOf, restrictedAmong } from './read.ts'
import {
  bodyContext,
  type DerivedEnvelope,
  derivedContext,
  linksInOrder,
  type MessageEnvelope,
} from './record.ts'

/** A stretch of one conversation; both ends belong to it. */
export type Stretch = { convId: string; from: number; to: number }

/** A text read out of a message, with all that leads from its words to its leaf. */
type ExhibitText = {
  leaf: number
  envelope: DerivedEnvelope
  commitment: Buffer
  opened: { salt: Buffer; raw: Buffer } | null
}
type ExhibitFile = {
  part: string
  name: string | null
  /** Null while the file is still waited for or its leaf is younger than the checkpoint. */
  leaf: number | null
  envelope: MediaEnvelope
}

/** A message as it is handed to somebody who believes nothing: every column, its salt and bytes, its leaf. */
export type Exhibit = {
  leaf: number
  sentMs: number
  envelope: MessageEnvelope
  commitment: Buffer
  /** Why there is no body to hand out: never kept, destroyed, or kept sealed because the customer refuses today. */
  absent: Absence | null
  opened: { salt: Buffer; raw: Buffer } | null
  normal: Normal | null
  texts: Text[]
  derived: ExhibitText[]
  files: ExhibitFile[]
}

type Row = MessageEnvelope & {
  meta: { to?: unknown; room?: unknown; consent?: unknown }
  leaf: number
  sentMs: number
  body: Buffer | null
  committed: Buffer
}

const iso = (ms: number): string => new Date(ms).toISOString()
const PAGE = 250

/** The messages of a stretch whose leaves lie below `below`, oldest first, a page at a time. */
export async function* exhibits(
  db: Db,
  house: House,
  stretch: Stretch,
  below: number,
): AsyncGenerator<Exhibit[]> {
  let after = { sentAt: iso(stretch.from), msgid: '' }
  for (;;) {
    const rows = await selectRows(db, house.corp, stretch, after, below)
    if (rows.length > 0) yield await openAll(db, house, rows, below)
    const last = rows.at(-1)
    if (!last || rows.length < PAGE) return
    after = { sentAt: iso(last.sentMs), msgid: last.msgid }
  }
}

async function selectRows(
  db: Db,
  corp: number,
  stretch: Stretch,
  after: { sentAt: string; msgid: string },
  below: number,
): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT f.idx AS leaf, ${ENVELOPE}, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentMs", m.body, m.commitment AS committed
    FROM message m JOIN LATERAL (SELECT x.idx FROM leaf x WHERE x.corp_id = m.corp_id AND x.log_id = 'archive' AND x.conv_id = m.conv_id
      AND x.sent_at = m.sent_at AND x.ref = m.src_msgid AND x.kind = 'message' OFFSET 0) f ON true
    WHERE m.corp_id = ${corp} AND m.conv_id = ${stretch.convId}::bigint AND m.sent_at <= ${iso(stretch.to)}::timestamptz
      AND (m.sent_at, m.src_msgid) > (${after.sentAt}::timestamptz, ${after.msgid}) AND f.idx < ${below}
    ORDER BY m.sent_at, m.src_msgid LIMIT ${PAGE}`.execute(db)
  return rows
}

async function openAll(db: Db, house: House, rows: Row[], below: number): Promise<Exhibit[]> {
  await house.keys.load(
    db,
    rows.map(row => ({ conv: row.conv, month: keyMonth(row.sentMs) })),
  )
  const derived = Map.groupBy(await selectTexts(db, house.corp, rows, below), row => row.msgid)
  // A package leaves the house: what a customer refuses stays sealed in it too (decision 014).
  const locked = new Set([...(await restrictedAmong(db, house, rows.map(gateRow)))].map(row => row.msgid))
  const files = Map.groupBy(await selectFiles(db, house.corp, rows, below), row => row.msgid)
  return rows.map(row => {
    const absent = absenceOf(row, locked.has(row.msgid))
    const opened =
      absent !== null ? null : openOr(house, row, bodyContext(house.corp, row.conv, row.sentMs, row.msgid))
    const parsed = opened === null ? null : normalise(opened.raw.toString('utf8'))
    const normal = parsed === null || typeof parsed === 'string' ? null : parsed
    return {
      leaf: row.leaf,
      sentMs: row.sentMs,
      envelope: envelopeOf(row),
      commitment: row.committed,
      absent,
      opened,
      normal,
      texts: normal ? textsOf(normal) : [],
      derived: (derived.get(row.msgid) ?? []).map(text =>
        exhibitText(house, row, absent === null ? text : { ...text, body: null }),
      ),
      files: (files.get(row.msgid) ?? []).map(file => exhibitFile(house, row, file, normal)),
    }
  })
}

const gateRow = (row: Row) => ({
  msgid: row.msgid,
  kind: row.kind,
  from: row.from,
  sentAt: row.sentMs,
  capturedAt: Number(BigInt(row.capturedAt) / 1000n),
  meta: row.meta,
  body: row.body,
})

function envelopeOf({ leaf, sentMs, body, committed, ...envelope }: Row): MessageEnvelope {
  return { ...envelope, links: linksInOrder(envelope.links) }
}

/** Null when there is no body. A body that does not open is no purge and must not pass for one: it throws. */
function openOr(
  house: House,
  row: { conv: string; sentMs: number; body: Buffer | null },
  context: string,
): { salt: Buffer; raw: Buffer } | null {
  if (row.body === null) return null
  return splitBody(open(house.keys.cached(row.conv, keyMonth(row.sentMs)).key, row.body, context))
}

type TextRow = {
  msgid: string
  source: string
  part: string
  derivedAt: string
  body: Buffer | null
  committed: Buffer
  leaf: number
}

/** The rows as `k`, to join what hangs on them. */
function keysOf(rows: Row[]): ReturnType<typeof sql> {
  return sql`unnest(${rows.map(r => r.conv)}::bigint[], ${rows.map(r => iso(r.sentMs))}::timestamptz[],
    ${rows.map(r => r.msgid)}::text[]) AS k (conv, sent, msgid)`
}

async function selectTexts(db: Db, corp: number, keys: Row[], below: number): Promise<TextRow[]> {
  const { rows } = await sql<TextRow>`
    SELECT d.src_msgid AS msgid, d.source, d.part, ((extract(epoch FROM d.derived_at) * 1000000)::bigint)::text AS "derivedAt",
      d.body, d.commitment AS committed, f.idx AS leaf
    FROM ${keysOf(keys)}
    CROSS JOIN LATERAL (SELECT * FROM derived_text x WHERE x.corp_id = ${corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
      AND x.src_msgid = k.msgid OFFSET 0) d
    JOIN leaf f ON f.corp_id = ${corp} AND f.log_id = 'archive' AND f.conv_id = d.conv_id AND f.sent_at = d.sent_at
      AND f.ref = d.src_msgid || '|' || d.source || '|' || d.part AND f.kind = 'derived' AND f.idx < ${below}
    ORDER BY d.sent_at, d.src_msgid, f.idx`.execute(db)
  return rows
}

function exhibitText(house: House, row: Row, text: TextRow): ExhibitText {
  const { source, part, derivedAt } = text
  const context = derivedContext(house.corp, row.conv, row.sentMs, row.msgid, source, part)
  return {
    leaf: text.leaf,
    envelope: {
      corp: house.corp,
      conv: row.conv,
      sentAt: row.sentAt,
      msgid: row.msgid,
      source,
      part,
      derivedAt,
    },
    commitment: text.committed,
    opened: openOr(house, { conv: row.conv, sentMs: row.sentMs, body: text.body }, context),
  }
}

type FileRow = {
  msgid: string
  part: string
  state: string
  sha256: Buffer | null
  size: number | null
  reason: string | null
  settledAt: string | null
  leaf: number | null
}

async function selectFiles(db: Db, corp: number, keys: Row[], below: number): Promise<FileRow[]> {
  const { rows } = await sql<FileRow>`
    SELECT a.src_msgid AS msgid, a.part, a.state, a.sha256, a.size, a.reason,
      ((extract(epoch FROM a.settled_at) * 1000000)::bigint)::text AS "settledAt", f.idx AS leaf
    FROM ${keysOf(keys)}
    CROSS JOIN LATERAL (SELECT * FROM message_media x WHERE x.corp_id = ${corp} AND x.conv_id = k.conv AND x.sent_at = k.sent
      AND x.src_msgid = k.msgid OFFSET 0) a
    LEFT JOIN leaf f ON f.corp_id = ${corp} AND f.log_id = 'archive' AND f.conv_id = a.conv_id AND f.sent_at = a.sent_at
      AND f.ref = a.src_msgid || '|' || a.part AND f.kind = 'media' AND f.idx < ${below}
    ORDER BY a.sent_at, a.src_msgid, a.part`.execute(db)
  return rows
}

function exhibitFile(house: House, row: Row, file: FileRow, normal: Normal | null): ExhibitFile {
  const { part, state, size, reason, leaf } = file
  return {
    part,
    name: normal ? (mediaOf(normal).find(media => media.part === part)?.name ?? null) : null,
    leaf,
    envelope: {
      corp: house.corp,
      conv: row.conv,
      sentAt: row.sentAt,
      msgid: row.msgid,
      part,
      sha256: file.sha256?.toString('hex') ?? null,
      size,
      state,
      reason,
      settledAt: file.settledAt ?? '',
    },
  }
}

export type Measure = { messages: number; files: number; fileBytes: number; bodyBytes: number }

/** What stretches hold, for an estimate before a package is asked for. */
export async function measureStretches(db: Db, house: House, stretches: Stretch[]): Promise<Measure> {
  const { rows } = await sql<Measure>`
    SELECT count(*) AS messages, coalesce(sum(octet_length(m.body)), 0)::bigint AS "bodyBytes",
      coalesce(sum(a.files), 0)::bigint AS files, coalesce(sum(a.bytes), 0)::bigint AS "fileBytes"
    FROM unnest(${stretches.map(s => s.convId)}::bigint[], ${stretches.map(s => iso(s.from))}::timestamptz[],
      ${stretches.map(s => iso(s.to))}::timestamptz[]) AS k (conv, low, high)
    CROSS JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${house.corp} AND x.conv_id = k.conv
      AND x.sent_at BETWEEN k.low AND k.high OFFSET 0) m
    CROSS JOIN LATERAL (SELECT count(y.sha256) AS files, sum(y.size) AS bytes FROM message_media y WHERE y.corp_id = ${house.corp}
      AND y.conv_id = m.conv_id AND y.sent_at = m.sent_at AND y.src_msgid = m.src_msgid) a`.execute(db)
  return rows[0] ?? { messages: 0, files: 0, fileBytes: 0, bodyBytes: 0 }
}

/** A stored file by its hash, piece by piece; null when it is not there. For work that has been authorised already. */
export async function storedFile(
  db: Db,
  house: House,
  blobs: Blobs,
  sha256: string,
): Promise<{ size: number; bytes(): AsyncGenerator<Buffer> } | null> {
  const digest = Buffer.from(sha256, 'hex')
  const stored = await selectStored(db, house.corp, digest)
  return stored && { size: stored.size, bytes: () => piecesOf(db, house, blobs, digest, stored) }
}
