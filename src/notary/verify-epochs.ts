import type { Db, House } from '../base/index.ts'
import { hashLeaf } from '../ledger/index.ts'
import { type Seam, type Segment, segmentsOf, selectSeams } from './epoch-store.ts'
import { type Era, eraOf, type Outside, outsideCheckpoint, readCheckpoint } from './outside.ts'
import { outsideSeam, seamName, seamRecord } from './seam.ts'
import { type LogId, newestCheckpoint, type StoredLeaf } from './store.ts'
import type { Problem } from './verify.ts'

/** The seams of a log, as found outside and held against the database, and what they say of its leaves. */
export type Seams = { list: Seam[]; segments: Segment[]; problems: Problem[] }

/**
 * Collect every seam up to the newest epoch that a signed checkpoint names. A seam is believed as far as its leaf is in
 * the signed tree, which the walk checks; here: it is there, inside and outside, says the same, and bears our signature.
 */
export async function readSeams(db: Db, house: House, outside: Outside, log: LogId): Promise<Seams> {
  const problems: Problem[] = []
  const stored = new Map((await selectSeams(db, house.corp, log)).map(seam => [seam.epoch, seam]))
  const newest = await newestEpochs(db, house, outside, log)
  const signed = Array.from({ length: Math.max(newest.inside, newest.outside) }, (_, before) => before + 1)
  const epochs = [...new Set([...signed, ...stored.keys()])].sort((a, b) => a - b)
  const list: Seam[] = []
  const add = (epoch: number, index: number | null, what: string) =>
    problems.push({ log, index, what, ref: `epoch ${epoch}`, file: seamName(log, epoch) })
  for (const epoch of epochs) {
    const inside = stored.get(epoch)
    const out = await outsideSeam(house, outside, log, epoch)
    const seam = out === null || out === 'malformed' ? inside : out
    // Committed and not copied yet is no alarm, as with a checkpoint.
    if (out === null && epoch <= newest.outside)
      add(epoch, seam?.first ?? null, 'the seam of the epoch is missing outside the database')
    if (out === 'malformed')
      add(epoch, seam?.first ?? null, 'the seam of the epoch outside the database was altered')
    if (!seam) continue
    list.push(seam)
    if (inside && !seamRecord(house, log, inside).equals(seamRecord(house, log, seam)))
      add(epoch, seam.first, 'the seam in the database differs from the one outside')
    const fault = noteFault(outside, log, seam)
    if (fault !== null) add(epoch, seam.first, fault)
  }
  const segments = segmentsOf(list)
  for (const { epoch, from } of segments)
    if (epoch > 0 && !stored.has(epoch)) add(epoch, from, 'the seam of the epoch is missing in the database')
  return { list, segments, problems }
}

/**
 * Only what a signature stands for: the column beside it may say any number, and a verification that looked for every
 * epoch up to two thousand million would not end.
 */
async function newestEpochs(db: Db, house: House, outside: Outside, log: LogId) {
  const inner = await newestCheckpoint(db, house.corp, log)
  const outer = await outsideCheckpoint(outside, log).catch(() => null)
  return {
    inside: inner ? signedEpoch(outside, log, inner.note) : 0,
    outside: outer ? eraOf(outer).epoch : 0,
  }
}

function signedEpoch(outside: Outside, log: LogId, note: string): number {
  try {
    return eraOf(readCheckpoint(outside, log, note)).epoch
  } catch {
    return 0
  }
}

/** The checkpoint a seam quotes was signed by us, has as many leaves as the epoch begins with, and is of the one before. */
function noteFault(outside: Outside, log: LogId, seam: Seam): string | null {
  try {
    const quoted = readCheckpoint(outside, log, seam.outsideNote)
    return quoted.size === seam.first && eraOf(quoted).epoch < seam.epoch
      ? null
      : 'the seam quotes a checkpoint of another place'
  } catch {
    return 'the checkpoint the seam quotes is not ours'
  }
}

/** The hole that begins at this size: leaves up to, not including, `to` are outside only. */
export function holeAt(seams: Seams, size: number): { from: number; to: number } | null {
  const next = seams.segments.find(segment => segment.from > size)
  const ended = !seams.segments.some(segment => segment.from <= size && size < segment.to)
  return next && ended ? { from: size, to: next.from } : null
}

/** In which epoch a checkpoint of this size was signed: that of its last leaf. */
export function eraAt(seams: Seams, size: number): Era {
  const seam = seams.list.findLast(({ first }) => first < size)
  return { epoch: seam?.epoch ?? 0, first: seam?.first ?? 0 }
}

/** Leaves of kind epoch against their seams: neither may be without the other. */
export function epochFaults(
  house: House,
  log: LogId,
  seams: Seams,
  leaves: readonly StoredLeaf[],
): Problem[] {
  const last = leaves.at(-1)?.idx ?? -1
  const begin = leaves[0]?.idx ?? 0
  const due = new Map(
    seams.list.filter(seam => seam.first >= begin && seam.first <= last).map(s => [s.first, s]),
  )
  const faults: Problem[] = []
  for (const leaf of leaves) {
    const seam = due.get(leaf.idx)
    const expected = seam ? seamRecord(house, log, seam) : null
    if (
      (leaf.kind === 'epoch') === (seam !== undefined) &&
      (expected === null || expected.equals(leaf.recordHash))
    )
      continue
    faults.push({
      log,
      index: leaf.idx,
      what: 'the leaf that opens an epoch and its seam differ',
      ref: leaf.ref,
    })
  }
  return faults
}

/** Seams that a later restore has lost from the database: their leaves are among the hashes outside. */
export function lostSeamFaults(
  house: House,
  log: LogId,
  seams: Seams,
  hole: { from: number; to: number },
  hashes: Buffer,
): Problem[] {
  return seams.list
    .filter(seam => seam.first >= hole.from && seam.first < hole.to)
    .filter(seam => {
      const at = (seam.first - hole.from) * 32
      return !hashLeaf(seamRecord(house, log, seam)).equals(hashes.subarray(at, at + 32))
    })
    .map(seam => ({
      log,
      index: seam.first,
      what: 'the seam outside is not the one in the signed tree',
      ref: `epoch ${seam.epoch}`,
    }))
}
