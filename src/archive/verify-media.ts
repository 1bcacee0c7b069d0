import { createHash } from 'node:crypto'
import { type Blobs, type Db, Fault, type House, sql } from '../base/index.ts'
import type { Problem, StoredLeaf } from '../notary/index.ts'
import { type MediaEnvelope, mediaRecord, mediaScope, piecesOf } from './media.ts'
import type { StoredMedia } from './media-store.ts'

/** `everyByte` opens and hashes each file whole; without it only its first piece is opened. */
export type MediaCheck = { blobs: Blobs; everyByte: boolean }

type Row = Omit<MediaEnvelope, 'corp' | 'sha256'> & {
  idx: number
  corp: number | null
  sha256: Buffer | null
} & Partial<StoredMedia> & { storedSize: number | null }

/** Hold every media leaf against its row, and the row against the bytes that stand outside the database. */
export async function checkMedia(
  db: Db,
  house: House,
  leaves: StoredLeaf[],
  check: MediaCheck,
): Promise<Problem[]> {
  const wanted = leaves.filter(leaf => leaf.kind === 'media')
  if (wanted.length === 0) return []
  const rows = new Map((await selectRows(db, house.corp, wanted)).map(row => [row.idx, row]))
  const problems: Problem[] = []
  const seen = new Map<string, string | null>()
  for (const leaf of wanted) {
    const row = rows.get(leaf.idx)
    const what = await fault(db, house, check, row, leaf, seen)
    if (what !== null) problems.push({ log: 'archive', index: leaf.idx, what, ref: leaf.ref })
  }
  return problems
}

async function selectRows(db: Db, corp: number, leaves: StoredLeaf[]): Promise<Row[]> {
  const { rows } = await sql<Row>`
    SELECT w.idx, a.corp_id AS corp, a.conv_id::text AS conv, ((extract(epoch FROM a.sent_at) * 1000000)::bigint)::text AS "sentAt",
      a.src_msgid AS msgid, a.part, a.sha256, a.size, a.state, a.reason,
      ((extract(epoch FROM a.settled_at) * 1000000)::bigint)::text AS "settledAt",
      f.size AS "storedSize", f.pieces, f.key_id::text AS "keyId"
    FROM unnest(${leaves.map(l => l.idx)}::bigint[], ${leaves.map(l => l.conv)}::bigint[], ${leaves.map(l => l.sentAt)}::bigint[],
      ${leaves.map(l => l.ref)}::text[]) AS w (idx, conv, micros, ref)
    LEFT JOIN LATERAL (SELECT * FROM message_media x WHERE x.corp_id = ${corp} AND x.conv_id = w.conv
      AND x.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond'
      AND x.src_msgid || '|' || x.part = w.ref OFFSET 0) a ON true
    LEFT JOIN media f ON f.corp_id = ${corp} AND f.sha256 = a.sha256
  `.execute(db)
  return rows
}

async function fault(
  db: Db,
  house: House,
  check: MediaCheck,
  row: Row | undefined,
  leaf: StoredLeaf,
  seen: Map<string, string | null>,
): Promise<string | null> {
  if (!row || row.corp === null) return 'media record missing'
  const envelope: MediaEnvelope = {
    corp: row.corp,
    conv: row.conv,
    sentAt: row.sentAt,
    msgid: row.msgid,
    part: row.part,
    sha256: row.sha256?.toString('hex') ?? null,
    size: row.size,
    state: row.state,
    reason: row.reason,
    settledAt: row.settledAt ?? '',
  }
  if (!mediaRecord(envelope).equals(leaf.recordHash))
    return 'a column of the media record differs from its leaf'
  if (row.sha256 === null) return null
  const hex = row.sha256.toString('hex')
  const known = seen.get(hex)
  if (known !== undefined) return known
  const what = await fileFault(db, house, check, row.sha256, row)
  seen.set(hex, what)
  return what
}

async function fileFault(
  db: Db,
  house: House,
  check: MediaCheck,
  sha256: Buffer,
  row: Row,
): Promise<string | null> {
  if (row.storedSize === null || row.pieces === undefined || row.keyId === undefined)
    return 'the file is not among the stored ones'
  const stored = { size: row.storedSize, pieces: row.pieces, keyId: row.keyId }
  const hash = createHash('sha256')
  let size = 0
  try {
    await house.keys.load(db, [mediaScope(sha256)])
    const { conv, month } = mediaScope(sha256)
    if (house.keys.cached(conv, month).id !== stored.keyId) return 'key_id does not name the key of the file'
    for await (const piece of piecesOf(db, house, check.blobs, sha256, stored)) {
      if (!check.everyByte) return null
      hash.update(piece)
      size += piece.length
    }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return error.code === 'blob.missing' ? 'the file is gone from the media folder' : 'the file does not open'
  }
  if (!hash.digest().equals(sha256)) return 'the file does not match its hash'
  return size === stored.size && size === row.size ? null : 'the size of the file differs'
}

/** Settled files that no leaf and no waiting leaf knows. Counted first: unequal counts alone are worth a search. */
export async function strangerMedia(db: Db, house: House): Promise<Problem[]> {
  const { rows } = await sql<{ surplus: number }>`
    SELECT (SELECT count(*) FROM message_media WHERE state <> 'waiting') - (SELECT count(*) FROM leaf WHERE log_id = 'archive' AND kind = 'media')
      - (SELECT count(*) FROM leaf_pending WHERE log_id = 'archive' AND kind = 'media') AS surplus`.execute(
    db,
  )
  if (rows[0]?.surplus === 0) return []
  const found = await sql<{ ref: string }>`
    SELECT a.src_msgid || '|' || a.part AS ref FROM message_media a WHERE a.state <> 'waiting'
      AND NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = ${house.corp} AND a.corp_id = f.corp_id AND f.log_id = 'archive' AND f.kind = 'media'
        AND f.conv_id = a.conv_id AND f.sent_at = a.sent_at AND f.ref = a.src_msgid || '|' || a.part)
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = a.corp_id AND p.log_id = 'archive' AND p.kind = 'media'
        AND p.conv_id = a.conv_id AND p.sent_at = a.sent_at AND p.ref = a.src_msgid || '|' || a.part) LIMIT 100`.execute(
    db,
  )
  return found.rows.map(row => ({
    log: 'archive',
    index: null,
    what: 'media record unknown to the ledger',
    ref: row.ref,
  }))
}
