import { type Db, type House, keyMonth, open, sql } from '../base/index.ts'
import { commitment, emptyTileLog, type TileLog } from '../ledger/index.ts'
import {
  type LogReport,
  type Outside,
  type Problem,
  type Stage,
  type StageClock,
  type StoredLeaf,
  stageClock,
  verifyLog,
} from '../notary/index.ts'
import { mediaOf, NORMALISER, normalise } from '../wecom/index.ts'
import { ENVELOPE } from './envelope.ts'
import { answeredByDestruction, BODY_GONE, TEXT_GONE } from './keep/verify-destruction.ts'
import { conversationId, splitBody } from './prepare.ts'
import { bodyContext, derivedContext, derivedRecord, type MessageEnvelope, messageRecord } from './record.ts'
import { checkMedia, type MediaCheck, strangerMedia } from './verify-media.ts'
import { ahead, slices } from './verify-read.ts'
import { brokenReferences, type PromisedFiles } from './verify-references.ts'
import { isRefused, refusedFaults } from './verify-refused.ts'
import { unledgered } from './verify-strangers.ts'

export type ArchiveReport = LogReport & {
  ok: boolean
  messages: number
  milliseconds: number
  /** Milliseconds by stage; they do not overlap. */
  stages: Record<Stage, number>
  /** Messages a second one core hashes: record hash of every column, commitment of the body, leaf hash; by CPU time. */
  hashesPerSecond: number | null
}

/** Where a verification stands: the tree over all leaves it has checked, and how many messages were among them. */
export type VerifyState = { tree: TileLog; messages: number }

export type VerifyOptions = {
  /** Go on where an earlier verification stopped. */
  from?: VerifyState
  /** End before this leaf: what lies behind is not judged, and neither is what no leaf knows. */
  upTo?: number
  /** Do not look for rows that no leaf knows, which counts whole tables: for small steps behind the newest leaf. */
  leavesOnly?: boolean
  /** After each piece; false stops, and the report says `whole: false`. */
  after?: (state: VerifyState, problems: readonly Problem[]) => Promise<boolean>
}

/** Leaves checked in one snapshot: some seconds, so that no transaction stays open for hours over a large archive. */
const PIECE = 65_536
/** Past this many problems, more of the same helps nobody. */
const ENOUGH = 100

/**
 * Check the archive: the ledger against its signed checkpoints, every message and derived text against its leaf, every
 * body against its commitment and its columns. Each piece reads one snapshot, so live traffic does not disturb it, and
 * nothing is kept of it but the tree: memory stays flat at any size.
 */
export async function verifyArchive(
  db: Db,
  house: House,
  outside: Outside,
  media: MediaCheck,
  others: readonly LeafKind[] = [],
  options: VerifyOptions = {},
): Promise<ArchiveReport> {
  const started = performance.now()
  // Keys as the database has them now, not as this process remembers them.
  const check: Check = { house: { ...house, keys: house.keys.fresh() }, media, others, clock: stageClock() }
  const problems: Problem[] = []
  let state: VerifyState = options.from ?? { tree: emptyTileLog(), messages: 0 }
  for (;;) {
    const upTo = Math.min(options.upTo ?? Number.POSITIVE_INFINITY, state.tree.size + PIECE)
    const piece = await verifyPiece(db, outside, check, state, upTo, options.leavesOnly ?? false)
    state = { tree: piece.report.tree, messages: piece.messages }
    problems.push(...piece.report.problems)
    const go = (await options.after?.(state, problems)) ?? true
    const atEnd =
      piece.report.whole ||
      problems.length >= ENOUGH ||
      state.tree.size >= (options.upTo ?? Number.POSITIVE_INFINITY)
    if (!atEnd && go) continue
    return {
      ...piece.report,
      problems,
      ok: problems.length === 0,
      messages: state.messages,
      milliseconds: Math.round(performance.now() - started),
      stages: check.clock.spent(),
      hashesPerSecond: rate(state.messages - (options.from?.messages ?? 0), check.clock.cpu().hash),
    }
  }
}

function rate(messages: number, ms: number): number | null {
  return ms > 0 && messages > 0 ? Math.round((messages * 1000) / ms) : null
}

type Check = { house: House; media: MediaCheck; others: readonly LeafKind[]; clock: StageClock }

function verifyPiece(
  db: Db,
  outside: Outside,
  check: Check,
  from: VerifyState,
  upTo: number,
  leavesOnly: boolean,
) {
  const { house, media, others, clock } = check
  return db
    .transaction()
    .setIsolationLevel('repeatable read')
    .execute(async tx => {
      let { messages } = from
      const checkLeaves = async (leaves: StoredLeaf[]): Promise<Problem[]> => {
        messages += leaves.filter(leaf => leaf.kind === 'message').length
        return answeredByDestruction(tx, house, leaves, [
          ...(await checkMessages(tx, house, leaves, clock)),
          ...(await checkDerived(tx, house, leaves, clock)),
          ...(await clock.time('media', () => checkMedia(tx, house, leaves, media))),
          ...(await clock.time('read', () => checkOthers(tx, leaves, others))),
          ...unknownKinds(leaves, others),
        ])
      }
      const report = await verifyLog(tx, house, outside, 'archive', checkLeaves, {
        from: from.tree,
        upTo,
        clock,
      })
      if (report.whole && !leavesOnly)
        report.problems.push(...(await clock.time('read', () => strangersOf(tx, check, report))))
      return { report, messages }
    })
}

async function strangersOf(db: Db, check: Check, report: LogReport): Promise<Problem[]> {
  const found = [
    ...(await unledgered(db, check.house, report.problems.length === 0)),
    ...(await strangerMedia(db, check.house)),
  ]
  for (const kind of check.others) found.push(...(await kind.strangers(db)))
  return found
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

type MessageRow = MessageEnvelope & {
  idx: number
  sentMs: number
  body: Buffer | null
  committed: Buffer
  keyId: string
}

async function checkMessages(
  db: Db,
  house: House,
  leaves: StoredLeaf[],
  clock: StageClock,
): Promise<Problem[]> {
  const wanted = slices(leaves.filter(leaf => leaf.kind === 'message'))
  const found: Problem[] = []
  for await (const [part, rows] of ahead(wanted, part => selectForVerify(db, house.corp, part), clock)) {
    const byIndex = new Map(rows.map(row => [row.idx, row]))
    const scopes = rows.map(row => ({ conv: row.conv, month: keyMonth(row.sentMs) }))
    await clock.time('open', () => house.keys.loadSound(db, scopes))
    const promises: PromisedFiles[] = []
    const pairs = part.map(leaf => ({ leaf, row: byIndex.get(leaf.idx) }))
    const faults = messageFaults(house, pairs, clock, promises)
    const refused = await clock.time('read', () => refusedFaults(db, house, rows))
    found.push(...part.flatMap((leaf, i) => problemOf(leaf, faults[i] ?? refused.get(leaf.idx))))
    const broken = await clock.time('media', () => brokenReferences(db, house, promises))
    found.push(...part.flatMap(leaf => problemOf(leaf, broken.get(leaf.idx))))
  }
  return found
}

function problemOf(leaf: StoredLeaf, what: string | null | undefined): Problem[] {
  return what === null || what === undefined ? [] : [problem(leaf, what)]
}

async function selectForVerify(db: Db, corp: number, leaves: StoredLeaf[]): Promise<MessageRow[]> {
  const { rows } = await sql<Omit<MessageRow, 'corp'> & { corp: number | null }>`
    SELECT w.idx, ${ENVELOPE}, (extract(epoch FROM m.sent_at) * 1000)::bigint AS "sentMs", m.body, m.commitment AS committed, m.key_id::text AS "keyId"
    FROM unnest(${leaves.map(l => l.idx)}::bigint[], ${leaves.map(l => l.conv)}::bigint[],
      ${leaves.map(l => l.sentAt)}::bigint[], ${leaves.map(l => l.ref)}::text[]) AS w (idx, conv, micros, ref)
    LEFT JOIN LATERAL (SELECT * FROM message x WHERE x.corp_id = ${corp} AND x.conv_id = w.conv AND x.src_msgid = w.ref
      AND x.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond' OFFSET 0) m ON true
  `.execute(db)
  return rows.filter((row): row is MessageRow => row.corp !== null)
}

type Pair = { leaf: StoredLeaf; row: MessageRow | undefined }

/**
 * What is wrong with each stored message, or null. Stage by stage over the whole slice, so that each can be timed:
 * columns against the leaf, the body opened, the body against its commitment, the columns derived from it again.
 */
function messageFaults(
  house: House,
  pairs: Pair[],
  clock: StageClock,
  promises: PromisedFiles[],
): (string | null)[] {
  const faults = clock.sync('hash', () => pairs.map(({ leaf, row }) => columnFault(row, leaf)))
  const opened = clock.sync('open', () =>
    pairs.map(({ row }, i) => (row && faults[i] === null ? openBody(house, row) : null)),
  )
  const bodies = clock.sync('hash', () =>
    opened.map((body, i) => {
      const row = pairs[i]?.row
      if (body === null || !row) return null
      if (typeof body === 'string') return body
      const { salt, raw } = splitBody(body)
      return commitment(salt, raw).equals(row.committed) ? raw : 'the body does not match its commitment'
    }),
  )
  return clock.sync('derive', () =>
    bodies.map((raw, i) => {
      const row = pairs[i]?.row
      if (raw === null || !row) return faults[i] ?? null
      return typeof raw === 'string' ? raw : columnsFault(house, row, raw, promises)
    }),
  )
}

function columnFault(row: MessageRow | undefined, leaf: StoredLeaf): string | null {
  if (!row) return 'message missing'
  const record = attempt(() => messageRecord(row, row.committed))
  if (record?.equals(leaf.recordHash)) return null
  return 'a column of the message or a link differs from its leaf'
}

/** The opened body, or why it does not open; null where none was ever kept, which `refusedFaults` weighs. */
function openBody(house: House, row: MessageRow): Buffer | string | null {
  const { body } = row
  if (isRefused(row)) return body === null ? null : 'a body stands where none was kept'
  if (body === null) return BODY_GONE
  const key = attempt(() => house.keys.cached(row.conv, keyMonth(row.sentMs)))
  if (key === null) return 'the data key is missing or does not open'
  if (key.id !== row.keyId) return 'key_id does not name the key of its conversation and month'
  return (
    attempt(() => open(key.key, body, bodyContext(house.corp, row.conv, row.sentMs, row.msgid))) ??
    'the body does not open'
  )
}

/** While the body exists, the columns are derived from it again (design §6), if the same rules derived them. */
function columnsFault(house: House, row: MessageRow, raw: Buffer, promises: PromisedFiles[]): string | null {
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
    row.links.length === normal.links.length
  if (!same) return 'the columns do not follow from the body'
  const files = mediaOf(normal)
  if (files.length > 0) promises.push({ index: row.idx, key: row, sentMs: row.sentMs, files })
  return null
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

async function checkDerived(
  db: Db,
  house: House,
  leaves: StoredLeaf[],
  clock: StageClock,
): Promise<Problem[]> {
  const wanted = slices(leaves.filter(leaf => leaf.kind === 'derived'))
  const found: Problem[] = []
  for await (const [part, rows] of ahead(
    wanted,
    part => selectDerivedForVerify(db, house.corp, part),
    clock,
  )) {
    const byIndex = new Map(rows.filter(row => row.corp !== null).map(row => [row.idx, row]))
    const scopes = [...byIndex.values()].map(row => ({ conv: row.conv, month: keyMonth(row.sentMs) }))
    await clock.time('open', () => house.keys.loadSound(db, scopes))
    clock.sync('open', () => {
      for (const leaf of part) {
        const row = byIndex.get(leaf.idx)
        found.push(...problemOf(leaf, row ? derivedFault(house, row, leaf) : 'derived text missing'))
      }
    })
  }
  return found
}

async function selectDerivedForVerify(db: Db, corp: number, wanted: StoredLeaf[]): Promise<DerivedRow[]> {
  const { rows } = await sql<DerivedRow>`
    SELECT w.idx, d.corp_id AS corp, d.conv_id::text AS conv, ((extract(epoch FROM d.sent_at) * 1000000)::bigint)::text AS "sentAt",
      (extract(epoch FROM d.sent_at) * 1000)::bigint AS "sentMs", d.src_msgid AS msgid, d.source, d.part,
      ((extract(epoch FROM d.derived_at) * 1000000)::bigint)::text AS "derivedAt", d.body, d.commitment AS committed, d.key_id::text AS "keyId"
    FROM unnest(${wanted.map(l => l.idx)}::bigint[], ${wanted.map(l => l.conv)}::bigint[], ${wanted.map(l => l.sentAt)}::bigint[],
      ${wanted.map(l => l.ref)}::text[]) AS w (idx, conv, micros, ref)
    LEFT JOIN LATERAL (SELECT * FROM derived_text x WHERE x.corp_id = ${corp} AND x.conv_id = w.conv
      AND x.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond'
      AND x.src_msgid || '|' || x.source || '|' || x.part = w.ref OFFSET 0) d ON true
  `.execute(db)
  return rows
}

function derivedFault(house: House, row: DerivedRow, leaf: StoredLeaf): string | null {
  const { conv, sentAt, sentMs, msgid, source, part, derivedAt } = row
  const record = derivedRecord(
    { corp: row.corp ?? -1, conv, sentAt, msgid, source, part, derivedAt },
    row.committed,
  )
  if (!record.equals(leaf.recordHash)) return 'a column of the derived text differs from its leaf'
  if (row.body === null) return TEXT_GONE
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
