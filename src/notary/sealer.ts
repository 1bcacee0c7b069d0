import { setTimeout as wait } from 'node:timers/promises'
import { causeOf, type Db, fail, failpoint, type House, inTransaction, now, type Tx } from '../base/index.ts'
import {
  appendTiles,
  edgeTilePaths,
  emptyTileLog,
  hashLeaf,
  resumeTileLog,
  type TileLog,
  type TileWrite,
  tileLogRoot,
} from '../ledger/index.ts'
import { selectSeams } from './epoch-store.ts'
import {
  checkpointName,
  eraOf,
  type Outside,
  outsideCheckpoint,
  publishEmpty,
  readCheckpoint,
  signCheckpoint,
  tileName,
} from './outside.ts'
import { publishSeams } from './seam.ts'
import {
  insertCheckpoint,
  type LogId,
  leavesFrom,
  lockLog,
  newestCheckpoint,
  type StoredLeaf,
  takePending,
} from './store.ts'

/** Index within a second of commit (design §6), with room for the work itself. */
const EVERY_MS = 400
/** Leaves a transaction seals: 20,000 take about 150 ms, so the lock is never held for long. */
const LIMIT = 20_000

type Signed = { log: TileLog; writes: TileWrite[]; note: string }

/** The tree as it stands outside the database, brought up to what the database has committed. */
async function resume(db: Db, house: House, outside: Outside, log: LogId): Promise<TileLog> {
  const outer = await outsideCheckpoint(outside, log)
  const inner = await newestCheckpoint(db, house.corp, log)
  const innerSize = inner?.size ?? 0
  if (outer && outer.size > innerSize) {
    throw fail('ledger.fork', {
      log,
      outside: outer.size,
      database: innerSize,
      hint: 'the database is behind a checkpoint outside it (an old restore?): nothing is sealed until a person decides; see `ledger epoch`',
    })
  }
  if (!outer && !inner) await publishEmpty(outside, log)
  if (inner && inner.epoch > 0)
    await publishSeams(house, outside, log, await selectSeams(db, house.corp, log))
  if (!outer && inner)
    house.log.warn({ log, size: innerSize }, 'no checkpoint outside the database; it is written anew')
  const tree = outer ? await treeAt(outside, log, outer.size) : emptyTileLog()
  if (outer && !tileLogRoot(tree).equals(Buffer.from(outer.root)))
    throw fail('ledger.fork', { log, hint: 'tiles and checkpoint outside the database differ' })
  if (!inner || inner.size === tree.size) return tree
  return catchUp(db, house, outside, log, tree, inner.size, inner.note)
}

/** The log's tree from the tiles outside. Throws `blob.missing` when one is not there. */
export async function treeAt(outside: Outside, log: LogId, size: number): Promise<TileLog> {
  const tiles = new Map<string, Buffer>()
  for (const path of edgeTilePaths(size)) {
    const bytes = await outside.blobs.get(tileName(log, path))
    if (bytes) tiles.set(path, bytes)
    else
      throw fail('blob.missing', {
        name: tileName(log, path),
        hint: 'a tile of the ledger is missing outside the database',
      })
  }
  return resumeTileLog(size, path => tiles.get(path))
}

/** A process died between its commit and the copy outside: copy now what the database's own signed checkpoint covers. */
async function catchUp(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  from: TileLog,
  size: number,
  note: string,
): Promise<TileLog> {
  let tree = from
  const writes: TileWrite[] = []
  while (tree.size < size) {
    const leaves = await leavesFrom(db, house.corp, log, tree.size, Math.min(LIMIT, size - tree.size))
    if (leaves.length === 0) break
    requireRun(log, leaves, tree.size)
    const next = appendTiles(tree, Buffer.concat(leaves.map(leaf => hashLeaf(leaf.recordHash))))
    tree = next.log
    writes.push(...next.writes)
  }
  const signed = readCheckpoint(outside, log, note)
  if (signed.size !== tree.size || !tileLogRoot(tree).equals(Buffer.from(signed.root))) {
    throw fail('ledger.fork', {
      log,
      hint: 'the leaves in the database do not give the root of its signed checkpoint; run verify',
    })
  }
  await publish(outside, log, { log: tree, writes, note })
  return tree
}

/** After an epoch the database has a hole, which only the tiles outside can fill. */
function requireRun(log: LogId, leaves: StoredLeaf[], from: number): void {
  if (leaves.some((leaf, i) => leaf.idx !== from + i))
    throw fail('blob.missing', {
      name: log,
      hint: 'the database does not hold all leaves, and the tiles outside that do are gone',
    })
}

/** Seal what waits: indexes, tree, signed checkpoint in one transaction; tiles and checkpoint outside after commit. */
async function sealOnce(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  tree: TileLog,
): Promise<{ tree: TileLog; added: number }> {
  const signed = await inTransaction(db, tx => sealWithin(tx, house, outside, log, tree))
  if (!signed) return { tree, added: 0 }
  failpoint('notary.committed')
  await publish(outside, log, signed)
  return { tree: signed.log, added: signed.log.size - tree.size }
}

async function sealWithin(
  tx: Tx,
  house: House,
  outside: Outside,
  log: LogId,
  tree: TileLog,
): Promise<Signed | null> {
  await lockLog(tx, house.corp, log)
  const newest = await newestCheckpoint(tx, house.corp, log)
  if ((newest?.size ?? 0) !== tree.size) throw new Stale()
  const epoch = newest?.epoch ?? 0
  const hashes = await takePending(tx, house.corp, log, epoch, tree.size, LIMIT)
  if (hashes.length === 0) return null
  const era = newest ? eraOf(readCheckpoint(outside, log, newest.note)) : { epoch, first: 0 }
  if (era.epoch !== epoch)
    throw fail('ledger.fork', { log, hint: 'the newest checkpoint names another epoch' })
  failpoint('notary.sealing')
  const next = appendTiles(tree, Buffer.concat(hashes.map(hash => hashLeaf(hash))))
  const root = tileLogRoot(next.log)
  const note = signCheckpoint(outside, log, next.log.size, root, era)
  await insertCheckpoint(tx, house.corp, log, {
    epoch,
    size: next.log.size,
    root,
    note,
    sealedAt: now(),
  })
  return { ...next, note }
}

/** Another process sealed since: our tree is old, not wrong. */
class Stale extends Error {}

async function publish(outside: Outside, log: LogId, signed: Signed): Promise<void> {
  for (const tile of signed.writes) await outside.blobs.put(tileName(log, tile.path), tile.bytes)
  await outside.blobs.put(checkpointName(log), Buffer.from(signed.note))
  for (const old of signed.writes.flatMap(tile => tile.replaces))
    await outside.blobs.remove(tileName(log, old))
}

export type Sealer = {
  /** Seal everything committed so far. */
  flush(): Promise<void>
  stop(): Promise<void>
}

/** Seal these logs every 400 ms. Several processes may run one each: they take turns by the lock. */
export function startSealer(db: Db, house: House, outside: Outside, logs: LogId[]): Sealer {
  const abort = new AbortController()
  const trees = new Map<LogId, TileLog>()
  let turn: Promise<void> = Promise.resolve()
  const round = async (): Promise<void> => {
    for (const log of logs) await drain(db, house, outside, log, trees)
  }
  const flush = (): Promise<void> => {
    turn = turn.catch(() => undefined).then(round)
    return turn
  }
  const attempt = (): Promise<void> =>
    flush().catch(error =>
      house.log.error({ error: causeOf(error) }, 'sealing stopped; what waits stays in order'),
    )
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted) {
      await attempt()
      await wait(EVERY_MS, undefined, { signal: abort.signal }).catch(() => undefined)
    }
  }
  const running = loop()
  return {
    flush,
    async stop() {
      abort.abort()
      await running
      await attempt()
    },
  }
}

async function drain(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  trees: Map<LogId, TileLog>,
): Promise<void> {
  for (;;) {
    try {
      const tree = trees.get(log) ?? (await resume(db, house, outside, log))
      const done = await sealOnce(db, house, outside, log, tree)
      trees.set(log, done.tree)
      if (done.added < LIMIT) return
    } catch (error) {
      trees.delete(log)
      if (!(error instanceof Stale)) throw error
    }
  }
}
