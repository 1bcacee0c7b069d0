import { type Db, fail, type House } from '../base/index.ts'
import {
  appendTiles,
  type Checkpoint,
  consistencyProof,
  emptyTileLog,
  hashLeaf,
  inclusionProof,
  LedgerError,
  noteVerifierToString,
  parseTilePath,
  type ReadTiles,
  type TileLog,
  tilesNeeded,
  verifyConsistency,
  verifyInclusion,
  withTiles,
} from '../ledger/index.ts'
import { checkpointName, type Outside, readCheckpoint, tileName } from './outside.ts'
import { type StoredStamp, stampsCovering } from './stamp-store.ts'
import { type LogId, leavesAt, leavesFrom, newestCheckpoint, type StoredLeaf } from './store.ts'

/** One record's place in the signed tree. Its leaf hash is hashLeaf(recordHash); `proof` begins beside the leaf. */
export type LeafProof = { index: number; kind: string; recordHash: Buffer; proof: Buffer[] }

/**
 * A time authority's word on an earlier checkpoint, and the proof that its tree is a prefix of the tree of the
 * checkpoint the leaves are proved in. So a leaf whose index is below `size` was there at `stampedAt`.
 */
export type ProvenStamp = StoredStamp & { consistency: Buffer[] }

/** All a third party needs, but for the public key, which he should have from elsewhere; `verifier` is our word for it. */
export type Proven = {
  log: LogId
  verifier: string
  /** The signed note, with its origin, size and root as read from it. */
  checkpoint: { note: string; origin: string; size: number; root: Buffer }
  /** In the order asked. */
  leaves: LeafProof[]
  stamps: ProvenStamp[]
}

/**
 * Prove that records are in a log: the newest checkpoint outside the database, an audit path for each index from the
 * tiles outside, and the earliest time stamp that covers each. Where tiles or checkpoint are missing outside, they are
 * made from the database's own leaves. Every proof is checked before it is handed out.
 *
 * @throws ledger.unsealed where no signed checkpoint covers an index yet, ledger.fork where the database's leaf is not
 *   the one in the signed tree, blob.missing where neither side has all hashes the proof needs.
 */
export async function proveLeaves(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  indexes: readonly number[],
): Promise<Proven> {
  const note = await newestNote(db, house, outside, log)
  if (note === null) throw fail('ledger.unsealed', { log })
  const head = readCheckpoint(outside, log, note)
  const beyond = indexes.find(index => !Number.isSafeInteger(index) || index < 0 || index >= head.size)
  if (beyond !== undefined) throw fail('ledger.unsealed', { log, index: beyond, size: head.size })
  const leaves = await leavesAt(db, house.corp, log, indexes)
  const stamps = await stampsCovering(db, house.corp, log, indexes, head.size)
  const made = await onTiles(db, house, outside, log, head.size, hashAt => ({
    paths: indexes.map(index => inclusionProof(index, head.size, hashAt)),
    prefixes: stamps.map(stamp => consistencyProof(stamp.size, head.size, hashAt)),
  }))
  return {
    log,
    verifier: noteVerifierToString(outside.verifier),
    checkpoint: { note, origin: head.origin, size: head.size, root: Buffer.from(head.root) },
    leaves: indexes.map((index, i) => checked(log, head, index, leaves.get(index), made.paths[i] ?? [])),
    stamps: stamps.flatMap((stamp, i) => linked(outside, log, head, stamp, made.prefixes[i] ?? [])),
  }
}

async function newestNote(db: Db, house: House, outside: Outside, log: LogId): Promise<string | null> {
  const outer = await outside.blobs.get(checkpointName(log))
  return outer?.toString('utf8') ?? (await newestCheckpoint(db, house.corp, log))?.note ?? null
}

function checked(
  log: LogId,
  head: Checkpoint,
  index: number,
  leaf: StoredLeaf | undefined,
  proof: Buffer[],
): LeafProof {
  if (!leaf) throw fail('thing.missing', { log, index })
  const { kind, recordHash } = leaf
  const claim = { index, size: head.size, leafHash: hashLeaf(recordHash), proof, root: head.root }
  if (!verifyInclusion(claim))
    throw fail('ledger.fork', {
      log,
      index,
      hint: 'the leaf in the database is not the one in the signed tree',
    })
  return { index, kind, recordHash, proof }
}

/** A stamp over a tree that is not a prefix of ours proves nothing; `verify` says what is wrong with it. */
export function linked(
  outside: Outside,
  log: LogId,
  head: Checkpoint,
  stamp: StoredStamp,
  consistency: Buffer[],
): ProvenStamp[] {
  try {
    const stamped = readCheckpoint(outside, log, stamp.note)
    const claim = {
      first: stamp.size,
      second: head.size,
      firstRoot: stamped.root,
      secondRoot: head.root,
      proof: consistency,
    }
    return stamped.size === stamp.size && verifyConsistency(claim) ? [{ ...stamp, consistency }] : []
  } catch {
    return []
  }
}

type Build<T> = Parameters<typeof withTiles<T>>[2]

/** From the tiles outside, or where one is missing, from the database's leaves. */
async function onTiles<T>(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  size: number,
  build: Build<T>,
): Promise<T> {
  try {
    return await withTiles(size, outerTiles(outside, log), build)
  } catch (error) {
    if (!(error instanceof LedgerError && error.code.startsWith('ledger.tile_'))) throw error
    house.log.warn(
      { log, code: error.code },
      'a tile is missing outside; the proof is made from the database',
    )
    const tiles = await databaseTiles(db, house, log, size, new Set(tilesNeeded(size, build)))
    return withTiles(size, async () => tiles, build)
  }
}

/** Reads tiles of a log outside the database. */
export function outerTiles(outside: Outside, log: LogId): ReadTiles {
  return async paths => {
    const tiles = new Map<string, Buffer>()
    for (const path of paths) {
      const bytes = await outside.blobs.get(tileName(log, path))
      if (bytes) tiles.set(path, bytes)
    }
    return tiles
  }
}

const CHUNK = 20_000

/** One pass over all leaves; of the tiles they make only the needed ones are kept. */
async function databaseTiles(
  db: Db,
  house: House,
  log: LogId,
  size: number,
  needed: ReadonlySet<string>,
): Promise<Map<string, Buffer>> {
  const tiles = new Map<string, Buffer>()
  const places = new Set([...needed].map(placeOf))
  let tree: TileLog = emptyTileLog()
  while (tree.size < size) {
    const leaves = await leavesFrom(db, house.corp, log, tree.size, Math.min(CHUNK, size - tree.size))
    if (leaves.length === 0 || leaves.some((leaf, i) => leaf.idx !== tree.size + i))
      throw fail('blob.missing', {
        name: log,
        hint: 'neither the tiles outside nor the database hold all leaves',
      })
    const next = appendTiles(tree, Buffer.concat(leaves.map(leaf => hashLeaf(leaf.recordHash))))
    // A copy: the tile is a view of the whole chunk.
    for (const tile of next.writes)
      if (places.has(placeOf(tile.path))) tiles.set(tile.path, Buffer.from(tile.bytes))
    tree = next.log
  }
  return tiles
}

function placeOf(path: string): string {
  const { level, index } = parseTilePath(path)
  return `${level}/${index}`
}
