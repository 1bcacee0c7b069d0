import type { House } from '../base/index.ts'
import { canonicalJson, recordHash } from '../ledger/index.ts'
import type { Seam } from './epoch-store.ts'
import type { Outside } from './outside.ts'
import type { LogId } from './store.ts'

const RECORD_VERSION = 1

function envelope(house: House, log: LogId, seam: Seam) {
  const { epoch, first, databaseSize, outsideNote, reason, by, at } = seam
  const databaseRoot = seam.databaseRoot.toString('hex')
  return { corp: house.corp, log, epoch, first, databaseSize, databaseRoot, outsideNote, reason, by, at }
}

/** What stands in the ledger for a seam: the first leaf of its epoch. */
export function seamRecord(house: House, log: LogId, seam: Seam): Buffer {
  return recordHash(RECORD_VERSION, 'epoch', envelope(house, log, seam), null)
}

/** Where a seam lies outside the database, for all to read. */
export function seamName(log: LogId, epoch: number): string {
  return `${log}/epoch/${epoch}.json`
}

function seamText(house: House, log: LogId, seam: Seam): Buffer {
  return Buffer.from(`${canonicalJson(envelope(house, log, seam))}\n`)
}

/** Put seams outside that are not there: their leaves are in the tree, so a file says nothing that is not signed. */
export async function publishSeams(
  house: House,
  outside: Outside,
  log: LogId,
  seams: readonly Seam[],
): Promise<void> {
  for (const seam of seams) {
    const name = seamName(log, seam.epoch)
    if ((await outside.blobs.get(name)) === null) await outside.blobs.put(name, seamText(house, log, seam))
  }
}

/** The seam outside, or null without one; 'malformed' when it is not one of this log's. */
export async function outsideSeam(
  house: House,
  outside: Outside,
  log: LogId,
  epoch: number,
): Promise<Seam | 'malformed' | null> {
  const bytes = await outside.blobs.get(seamName(log, epoch))
  if (bytes === null) return null
  try {
    const found = JSON.parse(bytes.toString('utf8')) as ReturnType<typeof envelope>
    const seam: Seam = { ...found, databaseRoot: Buffer.from(found.databaseRoot, 'hex') }
    // The one text of this seam: whatever else the file holds would not be in the leaf.
    return found.epoch === epoch && seamText(house, log, seam).equals(bytes) ? seam : 'malformed'
  } catch {
    return 'malformed'
  }
}
