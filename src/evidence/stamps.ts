import type { Db, House } from '../base/index.ts'
import type { LogSnapshot } from '../notary/index.ts'
import { STAMPS } from './verifier/format.ts'
import type { Written, ZipWriter } from './zip-writer.ts'

/** One an hour over years would outweigh the messages: the first, the last, and some in between say when. */
const MOST = 24

/** Of many, evenly chosen, the first and the last among them. */
function someOf<T>(all: readonly T[], most: number = MOST): T[] {
  if (all.length <= most) return [...all]
  const step = (all.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, n) => all[Math.round(n * step)]).filter(one => one !== undefined)
}

/** Leaves whose stamps are looked for: enough to find the hour of each part of a long stretch. */
const ASKED = 500

/**
 * chain/stamps/: what the time authority answered (RFC 3161, as it came), the signed checkpoint it answered about, and
 * the proof that its tree is a prefix of the package's (RFC 9162). `openssl ts -verify -data N.note -in N.tsr` reads them.
 */
export async function addStamps(
  zip: ZipWriter,
  { db, house, archive }: { db: Db; house: House; archive: LogSnapshot },
  leaves: readonly number[],
): Promise<Written[]> {
  const written: Written[] = []
  const asked = someOf(
    [...leaves].sort((a, b) => a - b),
    ASKED,
  )
  for (const [n, stamp] of someOf(await archive.stamps(db, house, asked)).entries()) {
    const stem = `${STAMPS}${stamp.size}-${n + 1}`
    const link = { size: stamp.size, consistency: stamp.consistency.map(hash => hash.toString('base64')) }
    written.push(await zip.add(`${stem}.tsr`, [stamp.response], 'store'))
    written.push(await zip.add(`${stem}.note`, [Buffer.from(stamp.note)], 'deflate'))
    written.push(await zip.add(`${stem}.json`, [Buffer.from(`${JSON.stringify(link)}\n`)], 'deflate'))
  }
  return written
}
