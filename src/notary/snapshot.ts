import { type Db, fail, type House } from '../base/index.ts'
import {
  type Checkpoint,
  consistencyProof,
  edgeTilePaths,
  type HashAt,
  inclusionProof,
  noteVerifierToString,
  type ReadTiles,
  withTiles,
} from '../ledger/index.ts'
import { checkpointName, type Outside, readCheckpoint } from './outside.ts'
import { linked, outerTiles, type ProvenStamp } from './prove.ts'
import { stampsCovering } from './stamp-store.ts'
import type { LogId } from './store.ts'

/** A log as its newest checkpoint outside the database has it, held still while a package is made. */
export type LogSnapshot = {
  note: string
  origin: string
  size: number
  root: Buffer
  /** The key that signed, as C2SP writes it. */
  key: string
  /** Audit paths of these leaves to `root`, nearest hash first. */
  prove(indexes: readonly number[]): Promise<Buffer[][]>
  /** For each leaf the earliest time stamp that covers it, without repeats, with the proof that its tree is a prefix of `root`. */
  stamps(db: Db, house: House, indexes: readonly number[]): Promise<ProvenStamp[]>
}

/** Full tiles kept for the proofs to come; neighbours in a conversation share most of theirs. 16 MB. */
const KEPT_TILES = 2000
const TRIES = 5

/**
 * The newest checkpoint outside and a way to prove leaves against it. Full tiles never change; the partial ones at the
 * edge are replaced as the log grows, so they are read at once. `thing.missing` when nothing has been sealed yet.
 */
export async function logSnapshot(outside: Outside, log: LogId): Promise<LogSnapshot> {
  const tiles = outerTiles(outside, log)
  for (let turn = 0; turn < TRIES; turn += 1) {
    const bytes = await outside.blobs.get(checkpointName(log))
    if (bytes === null) break
    const note = bytes.toString('utf8')
    const head = readCheckpoint(outside, log, note)
    const { origin, size, root } = head
    const edge = await edgeOf(tiles, size)
    // The sealer went on between the two reads: look again.
    if (edge === null) continue
    const readTiles = remembering(tiles, edge)
    const key = noteVerifierToString(outside.verifier)
    const prove = (indexes: readonly number[]): Promise<Buffer[][]> =>
      withTiles(size, readTiles, (at: HashAt) => indexes.map(index => inclusionProof(index, size, at)))
    const place = { outside, log, head, readTiles }
    return {
      ...{ note, origin, size, root: Buffer.from(root), key, prove },
      stamps: (db, house, indexes) => stampsOf(place, db, house, indexes),
    }
  }
  throw fail('thing.missing', { hint: 'there is no checkpoint to prove against yet' })
}

type Place = { outside: Outside; log: LogId; head: Checkpoint; readTiles: ReadTiles }

async function stampsOf(
  { outside, log, head, readTiles }: Place,
  db: Db,
  house: House,
  indexes: readonly number[],
): Promise<ProvenStamp[]> {
  const stamps = await stampsCovering(db, house.corp, log, indexes, head.size)
  if (stamps.length === 0) return []
  const prefixes = await withTiles(head.size, readTiles, (at: HashAt) =>
    stamps.map(stamp => consistencyProof(stamp.size, head.size, at)),
  )
  return stamps.flatMap((stamp, i) => linked(outside, log, head, stamp, prefixes[i] ?? []))
}

async function edgeOf(read: ReadTiles, size: number): Promise<ReadonlyMap<string, Uint8Array> | null> {
  const paths = edgeTilePaths(size)
  const edge = await read(paths)
  return paths.every(path => edge.has(path)) ? edge : null
}

function remembering(read: ReadTiles, edge: ReadonlyMap<string, Uint8Array>): ReadTiles {
  const kept = new Map<string, Uint8Array>()
  return async paths => {
    const found = new Map<string, Uint8Array>()
    const wanted: string[] = []
    for (const path of paths) {
      const known = edge.get(path) ?? kept.get(path)
      if (known) found.set(path, known)
      else wanted.push(path)
    }
    for (const [path, bytes] of await read(wanted)) {
      found.set(path, bytes)
      if (kept.size < KEPT_TILES) kept.set(path, bytes)
    }
    return found
  }
}
