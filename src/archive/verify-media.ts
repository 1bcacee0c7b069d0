import { createHash } from 'node:crypto'
import { type Blobs, type Db, Fault, type House, sql } from '../base/index.ts'
import { leafProblems, type Problem, type StoredLeaf, strangerProblems } from '../notary/index.ts'
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
  const files = await fileFaults(db, house, check, [...rows.values()])
  return leafProblems(wanted, leaf => {
    const row = rows.get(leaf.idx)
    return columnFault(row, leaf) ?? files.get(row?.sha256?.toString('hex') ?? '') ?? sizeFault(row)
  })
}

/** Files opened at once; a piece of each is in memory. */
const ABREAST = 8

/** What is wrong with each stored file, by its hash in hex; many messages may hold one. */
async function fileFaults(
  db: Db,
  house: House,
  check: MediaCheck,
  rows: Row[],
): Promise<Map<string, string | null>> {
  const files = new Map(rows.flatMap(row => (row.sha256 ? [[row.sha256.toString('hex'), row] as const] : [])))
  await house.keys.loadSound(
    db,
    [...files.keys()].map(hex => mediaScope(Buffer.from(hex, 'hex'))),
  )
  const found = new Map<string, string | null>()
  const waiting = [...files]
  const open = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [hex, row] = next
      found.set(hex, await fileFault(db, house, check, Buffer.from(hex, 'hex'), row))
    }
  }
  await Promise.all(Array.from({ length: ABREAST }, open))
  return found
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

function columnFault(row: Row | undefined, leaf: StoredLeaf): string | null {
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
  return mediaRecord(envelope).equals(leaf.recordHash)
    ? null
    : 'a column of the media record differs from its leaf'
}

const SIZE_DIFFERS = 'the size of the file differs'

async function fileFault(
  db: Db,
  house: House,
  check: MediaCheck,
  sha256: Buffer,
  row: Partial<StoredMedia> & { storedSize: number | null },
): Promise<string | null> {
  if (row.storedSize === null || row.pieces === undefined || row.keyId === undefined)
    return 'the file is not among the stored ones'
  const stored = { size: row.storedSize, pieces: row.pieces, keyId: row.keyId }
  const hash = createHash('sha256')
  let size = 0
  try {
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
  return size === stored.size ? null : SIZE_DIFFERS
}

/** Each message says how large its file is; several may hold one file. */
function sizeFault(row: Row | undefined): string | null {
  return !row?.sha256 || row.size === row.storedSize ? null : SIZE_DIFFERS
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
  return strangerProblems(
    'media record',
    found.rows.map(row => row.ref),
  )
}

export type FilesChecked = { problems: Problem[]; files: number; bytes: number; last: Buffer | null }

/** Files looked at in one query, while the budget lasts. */
const FILES_AT_ONCE = 16

/**
 * Read stored files whole, in the order of their hashes, from behind `after` until `budget` bytes are read: the patrol
 * over what stands outside the database. `last` is null when there is no further file.
 */
export async function checkFiles(
  db: Db,
  house: House,
  blobs: Blobs,
  after: Buffer | null,
  budget: number,
): Promise<FilesChecked> {
  const fresh: House = { ...house, keys: house.keys.fresh() }
  const done: FilesChecked = { problems: [], files: 0, bytes: 0, last: after }
  while (done.bytes < budget) {
    const rows = await selectFiles(db, house.corp, done.last)
    for (const row of rows) {
      if (done.bytes >= budget) return done
      await fresh.keys.loadSound(db, [mediaScope(row.sha256)])
      const what = await fileFault(db, fresh, { blobs, everyByte: true }, row.sha256, row)
      if (what !== null)
        done.problems.push({ log: 'archive', index: row.index, what, ref: row.ref, file: nameOf(row.sha256) })
      done.files += 1
      done.bytes += row.storedSize
      done.last = row.sha256
    }
    if (rows.length < FILES_AT_ONCE) return { ...done, last: null }
  }
  return done
}

function nameOf(sha256: Buffer): string {
  const hex = sha256.toString('hex')
  return `media/${hex.slice(0, 2)}/${hex}`
}

type FileRow = StoredMedia & { sha256: Buffer; storedSize: number; index: number | null; ref: string | null }

/** With the first leaf that speaks of each. */
async function selectFiles(db: Db, corp: number, after: Buffer | null): Promise<FileRow[]> {
  const { rows } = await sql<FileRow>`
    SELECT f.sha256, f.size, f.size AS "storedSize", f.pieces, f.key_id::text AS "keyId", l.idx AS index, l.ref
    FROM media f LEFT JOIN LATERAL (
      SELECT x.idx, x.ref FROM message_media m JOIN leaf x ON x.corp_id = m.corp_id AND x.log_id = 'archive' AND x.conv_id = m.conv_id
        AND x.sent_at = m.sent_at AND x.ref = m.src_msgid || '|' || m.part AND x.kind = 'media'
      WHERE m.corp_id = f.corp_id AND m.sha256 = f.sha256 ORDER BY x.idx LIMIT 1) l ON true
    WHERE f.corp_id = ${corp} AND (${after}::bytea IS NULL OR f.sha256 > ${after}) ORDER BY f.sha256 LIMIT ${FILES_AT_ONCE}`.execute(
    db,
  )
  return rows
}
