import { type Db, type House, sql } from '../../base/index.ts'
import { type Problem, type StoredLeaf, strangerProblems } from '../../notary/index.ts'
import type { LeafKind } from '../verify.ts'
import { certificateRecord, listDigest, partRecord, partRef } from './destroy.ts'
import { placementRecord, releaseRecord } from './holds.ts'
import type { Part } from './judge.ts'
import { doneParts, selectDestroyed, selectDestruction, selectRequests } from './purge-store.ts'
import { selectHolds } from './store.ts'

/** What verify says of a body, a derived text or a file that is not there; a destruction leaf answers for it. */
export const BODY_GONE = 'the body is gone without a destruction leaf'
export const TEXT_GONE = 'the derived text is gone without a destruction leaf'

const say = (leaf: StoredLeaf, what: string): Problem => ({
  log: 'archive',
  index: leaf.idx,
  what,
  ref: leaf.ref,
})

/**
 * Take back complaints about what a purge destroyed: the thing must stand in a hash list under the very commitment of
 * its row. That the list itself is in the ledger, unaltered, is checked with the leaves of kind destruction.
 */
export async function answeredByDestruction(
  db: Db,
  house: House,
  leaves: StoredLeaf[],
  problems: Problem[],
): Promise<Problem[]> {
  const asked = problems.flatMap(problem => {
    const leaf = leaves.find(found => found.idx === problem.index)
    const item = leaf && itemOf(leaf, problem.what)
    return leaf && item ? [{ problem, leaf, ...item }] : []
  })
  if (asked.length === 0) return problems
  const { rows } = await sql<{ idx: number }>`
    SELECT w.idx FROM unnest(${asked.map(a => a.leaf.idx)}::bigint[], ${asked.map(a => a.leaf.conv)}::bigint[],
      ${asked.map(a => a.leaf.sentAt)}::bigint[], ${asked.map(a => a.msgid)}::text[], ${asked.map(a => a.item)}::text[]) AS w (idx, conv, micros, msgid, item)
    JOIN destroyed d ON d.corp_id = ${house.corp} AND d.conv_id = w.conv AND d.src_msgid = w.msgid AND d.item = w.item
      AND d.sent_at = timestamptz 'epoch' + w.micros * interval '1 microsecond'
      AND d.digest = CASE
        WHEN w.item = 'body' THEN (SELECT m.commitment FROM message m WHERE m.corp_id = d.corp_id AND m.conv_id = d.conv_id
          AND m.sent_at = d.sent_at AND m.src_msgid = d.src_msgid)
        WHEN w.item LIKE 'file:%' THEN (SELECT a.sha256 FROM message_media a WHERE a.corp_id = d.corp_id AND a.conv_id = d.conv_id
          AND a.sent_at = d.sent_at AND a.src_msgid = d.src_msgid AND 'file:' || a.part = w.item)
        ELSE (SELECT x.commitment FROM derived_text x WHERE x.corp_id = d.corp_id AND x.conv_id = d.conv_id AND x.sent_at = d.sent_at
          AND x.src_msgid = d.src_msgid AND 'text:' || x.source || '|' || x.part = w.item) END`.execute(db)
  const answered = new Set(rows.map(row => row.idx))
  const forgiven = new Set(asked.filter(a => answered.has(a.leaf.idx)).map(a => a.problem))
  return problems.filter(problem => !forgiven.has(problem))
}

/** Files go by any of these once their last message is gone; altered columns are never answered for. */
const FILE_GONE = [
  'the file is gone from the media folder',
  'the file is not among the stored ones',
  'the file does not open',
]

function itemOf(leaf: StoredLeaf, what: string): { msgid: string; item: string } | null {
  if (leaf.kind === 'message' && what === BODY_GONE) return { msgid: leaf.ref, item: 'body' }
  const parts = leaf.ref.split('|')
  if (leaf.kind === 'derived' && what === TEXT_GONE && parts.length >= 3)
    return { msgid: parts.slice(0, -2).join('|'), item: `text:${parts.slice(-2).join('|')}` }
  if (leaf.kind === 'media' && FILE_GONE.includes(what) && parts.length >= 2)
    return { msgid: parts.slice(0, -1).join('|'), item: `file:${parts.at(-1)}` }
  return null
}

/** Leaves of kind hold: each placement and release as it was written, and none without a leaf. */
export function holdLeaves(house: House): LeafKind {
  const records = async (db: Db): Promise<Map<string, Buffer>> =>
    new Map(
      (await selectHolds(db, house.corp, 'all')).flatMap(row => {
        const placed: [string, Buffer] = [row.id, placementRecord(house, row)]
        const { id, placedBy, releasedBy, releasedAt, releaseSealed } = row
        if (releasedBy === null || releasedAt === null || releaseSealed === null) return [placed]
        const released = { id, placedBy, by: releasedBy, at: releasedAt, sealed: releaseSealed }
        return [placed, [`${id}|released`, releaseRecord(house, released)] satisfies [string, Buffer]]
      }),
    )
  return {
    kind: 'hold',
    async check(db, leaves) {
      const known = await records(db)
      return leaves.flatMap(leaf => {
        const own = known.get(leaf.ref)
        if (!own) return [say(leaf, 'hold or release missing')]
        return own.equals(leaf.recordHash) ? [] : [say(leaf, 'a column of the hold differs from its leaf')]
      })
    },
    strangers: async db => unknownTo(db, house, 'hold', [...(await records(db)).keys()]),
  }
}

/** Leaves of kind destruction: hash lists and certificates as written, and what they name is really gone. */
export function destructionLeaves(house: House): LeafKind {
  return {
    kind: 'destruction',
    async check(db, leaves) {
      const problems: Problem[] = []
      for (const leaf of leaves) {
        const what = await destructionFault(db, house, leaf)
        if (what !== null) problems.push(say(leaf, what))
      }
      return problems
    },
    async strangers(db) {
      const refs: string[] = []
      for (const purge of await selectRequests(db, house.corp, null, ALL)) {
        const parts = await doneParts(db, house.corp, purge.id)
        refs.push(...parts.filter(part => part.listSha256).map(part => partRef(purge.id, part)))
        if (purge.certificate) refs.push(purge.id)
      }
      return [...(await unknownTo(db, house, 'destruction', refs)), ...(await unlisted(db, house))]
    },
  }
}
const ALL = 1_000_000

async function destructionFault(db: Db, house: House, leaf: StoredLeaf): Promise<string | null> {
  const [purge = '', convId, month] = leaf.ref.split('|')
  if (convId === undefined || month === undefined) {
    const row = await selectDestruction(db, house.corp, purge)
    if (!row) return 'certificate of destruction missing'
    return certificateRecord(house, row).equals(leaf.recordHash)
      ? null
      : 'the certificate differs from its leaf'
  }
  return partFault(db, house, leaf, purge, { convId, month })
}

async function partFault(
  db: Db,
  house: House,
  leaf: StoredLeaf,
  purge: string,
  part: Part,
): Promise<string | null> {
  const [row] = await selectRequests(db, house.corp, purge)
  const done = (await doneParts(db, house.corp, purge)).find(
    d => d.convId === part.convId && d.month === part.month,
  )
  if (!row?.decidedBy || !done?.listSha256) return 'record of the destruction missing'
  const { listSha256 } = done
  const who = { id: purge, requestedBy: row.requestedBy, approvedBy: row.decidedBy }
  if (!partRecord(house, who, { ...done, listSha256 }).equals(leaf.recordHash))
    return 'a column of the destruction differs from its leaf'
  if (!listDigest(await selectDestroyed(db, house.corp, purge, part)).equals(listSha256))
    return 'the hash list of the destruction differs from its leaf'
  const standing = await stillStanding(db, house.corp, purge, part)
  return standing === null ? null : `${standing} is certified as destroyed and its content still stands`
}

/** The msgid of something on the list whose content is there all the same. */
async function stillStanding(db: Db, corp: number, purge: string, part: Part): Promise<string | null> {
  const { rows } = await sql<{ msgid: string }>`
    SELECT d.src_msgid AS msgid FROM destroyed d
    WHERE d.corp_id = ${corp} AND d.request_id = ${purge}::uuid AND d.conv_id = ${part.convId}::bigint AND d.month = ${part.month}::date
      AND ((d.item = 'body' AND EXISTS (SELECT FROM message m WHERE m.corp_id = d.corp_id AND m.conv_id = d.conv_id AND m.sent_at = d.sent_at
          AND m.src_msgid = d.src_msgid AND m.body IS NOT NULL))
        OR (d.item LIKE 'text:%' AND EXISTS (SELECT FROM derived_text x WHERE x.corp_id = d.corp_id AND x.conv_id = d.conv_id
          AND x.sent_at = d.sent_at AND x.src_msgid = d.src_msgid AND 'text:' || x.source || '|' || x.part = d.item AND x.body IS NOT NULL)))
    ORDER BY d.sent_at, d.src_msgid LIMIT 1`.execute(db)
  return rows[0]?.msgid ?? null
}

/** Rows that no leaf and no waiting leaf knows. */
async function unknownTo(db: Db, house: House, kind: string, refs: string[]): Promise<Problem[]> {
  const { rows } = await sql<{ ref: string }>`
    SELECT w.ref FROM unnest(${refs}::text[]) AS w (ref)
    WHERE NOT EXISTS (SELECT FROM leaf f WHERE f.corp_id = ${house.corp} AND f.log_id = 'archive' AND f.conv_id = 0 AND f.sent_at = 'epoch'
        AND f.ref = w.ref AND f.kind = ${kind})
      AND NOT EXISTS (SELECT FROM leaf_pending p WHERE p.corp_id = ${house.corp} AND p.log_id = 'archive' AND p.kind = ${kind}
        AND p.conv_id = 0 AND p.sent_at = 'epoch' AND p.ref = w.ref) LIMIT 100`.execute(db)
  return strangerProblems(
    kind,
    rows.map(row => row.ref),
  )
}

/** Lines of a hash list that belong to no finished part: written behind the ledger's back to cover a missing body. */
async function unlisted(db: Db, house: House): Promise<Problem[]> {
  const { rows } = await sql<{ ref: string }>`
    SELECT d.src_msgid AS ref FROM destroyed d WHERE NOT EXISTS (SELECT FROM purge_item i WHERE i.corp_id = d.corp_id
      AND d.corp_id = ${house.corp} AND i.request_id = d.request_id AND i.conv_id = d.conv_id AND i.month = d.month
      AND i.list_sha256 IS NOT NULL) LIMIT 100`.execute(db)
  return strangerProblems(
    'destruction',
    rows.map(row => row.ref),
  )
}
