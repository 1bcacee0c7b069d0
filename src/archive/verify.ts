import { type Db, type House, keyMonth, now, open, sql } from '../base/index.ts'
import { commitment } from '../ledger/index.ts'
import { type LogReport, type Outside, type Problem, type StoredLeaf, verifyLog } from '../notary/index.ts'
import { NORMALISER, normalise } from '../wecom/index.ts'
import { conversationId, splitBody } from './prepare.ts'
import { bodyContext, derivedContext, derivedRecord, type MessageEnvelope, messageRecord } from './record.ts'
import { checkMedia, type MediaCheck, strangerMedia } from './verify-media.ts'

export type ArchiveReport = LogReport & { ok: boolean; messages: number; milliseconds: number }

/**
 * Check the whole archive: the ledger against its signed checkpoints, every message and derived text against its
 * leaf, every body against its commitment and its columns. Reads one snapshot, so live traffic does not disturb it.
 */
export async function verifyArchive(
  db: Db,
  house: House,
  outside: Outside,
  media: MediaCheck,
  others: readonly LeafKind[] = [],
): Promise<ArchiveReport> {
  const started = performance.now()
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async tx => {
      let messages = 0
      const report = await verifyLog(tx, house, outside, 'archive', async leaves => {
        messages += leaves.filter(leaf => leaf.kind === 'message').length
        return [
          ...(await checkMessages(tx, house, leaves)),
          ...(await checkDerived(tx, house, leaves)),
          ...(await checkMedia(tx, house, leaves, media)),
          ...(await checkOthers(tx, leaves, others)),
          ...unknownKinds(leaves, others),
        ]
      })
      report.problems.push(...(await unledgered(tx, house, report.problems.length === 0)))
      report.problems.push(...(await strangerMedia(tx, house)))
      for (const kind of others) report.problems.push(...(await kind.strangers(tx)))
      remember(house, report)
      return {
        ...report,
        ok: report.problems.length === 0,
        messages,
        milliseconds: Math.round(performance.now() - started),
      }
    })
}

const lastReports = new WeakMap<House, { at: number; size: number; ok: boolean; note: string | null }>()

function remember(house: House, report: LogReport): void {
  const first = report.problems[0]
  lastReports.set(house, {
    at: now(),
    size: report.size,
    ok: report.problems.length === 0,
    note: first ? `#${first.index ?? '—'} ${first.what}` : null,
  })
}

/** The newest verification of this process, for the 系统 page. */
export function lastVerification(
  house: House,
): { at: number; size: number; ok: boolean; note: string | null } | null {
  return lastReports.get(house) ?? null
}

function problem(leaf: StoredLeaf, what: string): Problem {
  return { log: 'archive', index: leaf.idx, what, ref: leaf.ref }
}

/** A kind of leaf that a later room hands in; it knows what the leaf stands for, and which rows have none. */
export type LeafKind = {
  kind: string
  check(db: Db, leaves: StoredLeaf[]): Promise<Problem[]>
  strangers(db: Db): Promise<Problem[]>
}

async function checkOthers(db: Db, leaves: StoredLeaf[], others: readonly LeafKind[]): Promise<Problem[]> {
  const found: Problem[] = []
  for (const { kind, check } of others) {
    const own = leaves.filter(leaf => leaf.kind === kind)
    if (own.length > 0) found.push(...(await check(db, own)))
  }
  return found
}

const OWN_KINDS = ['message', 'derived', 'media']

function unknownKinds(leaves: StoredLeaf[], others: readonly LeafKind[]): Problem[] {
  const known = [...OWN_KINDS, ...others.map(other => other.kind)]
  return leaves
    .filter(leaf => !known.includes(leaf.kind))
    .map(leaf => problem(leaf, `leaf of an unknown kind ${leaf.kind}`))
}

type MessageRow = Omit<MessageEnvelope, 'corp' | 'links'> & {
  idx: number
  corp: number | null
  sentMs: number
  body: Buffer | null
  committed: Buffer
  keyId: string
  links: MessageEnvelope['links'] | null
}

async function checkMessages(db: Db, house: House, leaves: StoredLeaf[]): Promise<Problem[]> {
  const wanted = leaves.filter(leaf => leaf.kind === 'message')
  if (wanted.length === 0) return []
  const rows = await selectForVerify(db, house.corp, wanted)
  const found = rows.filter(row => row.corp !== null)
  await house.keys.load(
    db,
    found.map(row => ({ conv: row.conv, month: keyMonth(row.sentMs) })),
  )
  const byIndex = new Map(found.map(row => [row.idx, row]))
  return wanted.flatMap(leaf => {
    const row = byIndex.get(leaf.idx)
    const what = row ? messageFault(house, row, leaf) : 'message missing'
    return what === null ? [] : [problem(leaf, what)]
  })
}

async function selectForVerify(db: Db, corp: number, leaves: StoredLeaf[]): Promise<MessageRow[]> {
  const { rows } = await sql<MessageRow>`
    SELECT w.idx, m.corp_id AS corp, m.conv_id::text AS conv, ((extract(epoch FROM m.sent_at) * 1000000)::bigint)::text AS "sentAt",
      (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentMs", m.src_msgid AS msgid, m.source, m.seq::text AS seq, m.kind, m.action,
      m.direction, m.from_party AS "from", m.meta, m.consent_event::text AS "consentEvent", m.retention_class AS retention,
      ((extract(epoch FROM m.captured_at) * 1000000)::bigint)::text AS "capturedAt", m.body, m.commitment AS committed, m.key_id::text AS "keyId",
      (SELECT jsonb_agg(jsonb_build_object('kind', l.kind, 'target', l.target_msgid)) FROM message_link l WHERE l.corp_id = m.corp_id
        AND l.conv_id = m.conv_id AND l.sent_at = m.sent_at AND l.src_msgid = m.src_msgid) AS links
    FROM unnest(${leaves.map(l => l.idx)}::bigint[], ${leaves.map(l => l.conv)}::bigint[],
      ${leaves.map(l => l.sentAt)}::bigint[], ${leaves.map(l => l.ref)}::text[]) AS w (idx, conv, micros, ref)
    LEFT JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${corp} AND x.conv_id = w.conv AND x.src_msgid = w.ref
      AND x.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond' OFFSET 0) m ON true
  `.execute(db)
  return rows
}

/** What is wrong with a stored message, or null. */
function messageFault(house: House, row: MessageRow, leaf: StoredLeaf): string | null {
  const envelope: MessageEnvelope = {
    corp: row.corp ?? -1,
    conv: row.conv,
    sentAt: row.sentAt,
    msgid: row.msgid,
    source: row.source,
    seq: row.seq,
    kind: row.kind,
    action: row.action,
    direction: row.direction,
    from: row.from,
    meta: row.meta,
    consentEvent: row.consentEvent,
    retention: row.retention,
    capturedAt: row.capturedAt,
    links: row.links ?? [],
  }
  const record = attempt(() => messageRecord(envelope, row.committed))
  if (record === null || !record.equals(leaf.recordHash))
    return 'a column of the message or a link differs from its leaf'
  return bodyFault(house, row)
}

function bodyFault(house: House, row: MessageRow): string | null {
  if (row.body === null) return 'the body is gone without a destruction leaf'
  const key = attempt(() => house.keys.cached(row.conv, keyMonth(row.sentMs)))
  if (key === null) return 'the data key is missing'
  if (key.id !== row.keyId) return 'key_id does not name the key of its conversation and month'
  const body = row.body
  const opened = attempt(() => open(key.key, body, bodyContext(house.corp, row.conv, row.sentMs, row.msgid)))
  if (opened === null) return 'the body does not open'
  const { salt, raw } = splitBody(opened)
  if (!commitment(salt, raw).equals(row.committed)) return 'the body does not match its commitment'
  return columnsFault(house, row, raw)
}

/** While the body exists, the columns are derived from it again (design §6), if the same rules derived them. */
function columnsFault(house: House, row: MessageRow, raw: Buffer): string | null {
  if ((row.meta as { v?: number }).v !== NORMALISER) return null
  const normal = normalise(raw.toString('utf8'))
  if (typeof normal === 'string') return 'the body is not a message'
  const same =
    normal.msgid === row.msgid &&
    normal.kind === row.kind &&
    normal.action === row.action &&
    normal.direction === row.direction &&
    normal.from === row.from &&
    normal.sentAt === row.sentMs &&
    conversationId(house, normal) === row.conv &&
    (row.links ?? []).length === normal.links.length
  return same ? null : 'the columns do not follow from the body'
}

function attempt<T>(work: () => T): T | null {
  try {
    return work()
  } catch {
    return null
  }
}

type DerivedRow = {
  idx: number
  corp: number | null
  conv: string
  sentAt: string
  sentMs: number
  msgid: string
  source: string
  part: string
  derivedAt: string
  body: Buffer | null
  committed: Buffer
  keyId: string
}

async function checkDerived(db: Db, house: House, leaves: StoredLeaf[]): Promise<Problem[]> {
  const wanted = leaves.filter(leaf => leaf.kind === 'derived')
  if (wanted.length === 0) return []
  const { rows } = await sql<DerivedRow>`
    SELECT w.idx, d.corp_id AS corp, d.conv_id::text AS conv, ((extract(epoch FROM d.sent_at) * 1000000)::bigint)::text AS "sentAt",
      (extract(epoch FROM d.sent_at) * 1000)::bigint AS "sentMs", d.src_msgid AS msgid, d.source, d.part,
      ((extract(epoch FROM d.derived_at) * 1000000)::bigint)::text AS "derivedAt", d.body, d.commitment AS committed, d.key_id::text AS "keyId"
    FROM unnest(${wanted.map(l => l.idx)}::bigint[], ${wanted.map(l => l.conv)}::bigint[], ${wanted.map(l => l.sentAt)}::bigint[],
      ${wanted.map(l => l.ref)}::text[]) AS w (idx, conv, micros, ref)
    LEFT JOIN LATERAL (SELECT * FROM derived_text x WHERE x.corp_id = ${house.corp} AND x.conv_id = w.conv
      AND x.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond'
      AND x.src_msgid || '|' || x.source || '|' || x.part = w.ref OFFSET 0) d ON true
  `.execute(db)
  const found = rows.filter(row => row.corp !== null)
  await house.keys.load(
    db,
    found.map(row => ({ conv: row.conv, month: keyMonth(row.sentMs) })),
  )
  const byIndex = new Map(found.map(row => [row.idx, row]))
  return wanted.flatMap(leaf => {
    const row = byIndex.get(leaf.idx)
    const what = row ? derivedFault(house, row, leaf) : 'derived text missing'
    return what === null ? [] : [problem(leaf, what)]
  })
}

function derivedFault(house: House, row: DerivedRow, leaf: StoredLeaf): string | null {
  const { conv, sentAt, sentMs, msgid, source, part, derivedAt } = row
  const record = derivedRecord(
    { corp: row.corp ?? -1, conv, sentAt, msgid, source, part, derivedAt },
    row.committed,
  )
  if (!record.equals(leaf.recordHash)) return 'a column of the derived text differs from its leaf'
  if (row.body === null) return 'the derived text is gone without a destruction leaf'
  const key = attempt(() => house.keys.cached(conv, keyMonth(sentMs)))
  if (key === null || key.id !== row.keyId) return 'key_id of the derived text is wrong'
  const body = row.body
  const opened = attempt(() =>
    open(key.key, body, derivedContext(house.corp, conv, sentMs, msgid, source, part)),
  )
  if (opened === null) return 'the derived text does not open'
  const { salt, raw } = splitBody(opened)
  return commitment(salt, raw).equals(row.committed) ? null : 'the derived text does not match its commitment'
}

/**
 * Rows that no leaf and no waiting leaf knows: put in behind the ledger's back. Each leaf has just been found to have its
 * one row, so equal counts leave room for no other; only unequal ones are worth looking for it row by row.
 */
async function unledgered(db: Db, house: House, known: boolean): Promise<Problem[]> {
  const { rows } = await sql<{ messages: number; derived: number }>`
    SELECT (SELECT count(*) FROM message) - (SELECT count(*) FROM leaf WHERE log_id = 'archive' AND kind = 'message')
        - (SELECT count(*) FROM leaf_pending WHERE log_id = 'archive' AND kind = 'message') AS messages,
      (SELECT count(*) FROM derived_text) - (SELECT count(*) FROM leaf WHERE log_id = 'archive' AND kind = 'derived')
        - (SELECT count(*) FROM leaf_pending WHERE log_id = 'archive' AND kind = 'derived') AS derived
  `.execute(db)
  const surplus = rows[0]
  const orphans = await orphanLinks(db)
  if (known && surplus?.messages === 0 && surplus.derived === 0) return orphans
  return [...(await strangers(db, house)), ...orphans]
}

async function orphanLinks(db: Db): Promise<Problem[]> {
  const { rows } = await sql<{ ref: string }>`
    SELECT l.src_msgid AS ref FROM message_link l WHERE NOT EXISTS (SELECT FROM message m WHERE m.corp_id = l.corp_id
      AND m.conv_id = l.conv_id AND m.sent_at = l.sent_at AND m.src_msgid = l.src_msgid) LIMIT 100
  `.execute(db)
  return rows.map(row => ({ log: 'archive', index: null, what: 'link without its message', ref: row.ref }))
}

async function strangers(db: Db, house: House): Promise<Problem[]> {
  const { rows } = await sql<{ ref: string; what: string }>`
    SELECT m.src_msgid AS ref, 'message unknown to the ledger' AS what FROM message m
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = ${house.corp} AND m.corp_id = f.corp_id AND f.log_id = 'archive' AND f.conv_id = m.conv_id
        AND f.sent_at = m.sent_at AND f.ref = m.src_msgid AND f.kind = 'message')
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = m.corp_id AND p.log_id = 'archive' AND p.conv_id = m.conv_id
        AND p.sent_at = m.sent_at AND p.ref = m.src_msgid AND p.kind = 'message')
    UNION ALL
    SELECT d.src_msgid, 'derived text unknown to the ledger' FROM derived_text d
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = d.corp_id AND f.log_id = 'archive' AND f.conv_id = d.conv_id
        AND f.sent_at = d.sent_at AND f.ref = d.src_msgid || '|' || d.source || '|' || d.part AND f.kind = 'derived')
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = d.corp_id AND p.log_id = 'archive' AND p.conv_id = d.conv_id
        AND p.sent_at = d.sent_at AND p.ref = d.src_msgid || '|' || d.source || '|' || d.part AND p.kind = 'derived')
    LIMIT 100
  `.execute(db)
  return rows.map(row => ({ log: 'archive', index: null, what: row.what, ref: row.ref }))
}
