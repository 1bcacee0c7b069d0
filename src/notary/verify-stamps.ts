import { type Db, type House, messageOf } from '../base/index.ts'
import { type Anchors, LedgerError, openStamp } from '../ledger/index.ts'
import { type Outside, readCheckpoint } from './outside.ts'
import { type StoredStamp, stampsAfter } from './stamp-store.ts'
import type { LogId } from './store.ts'
import { stampName } from './timestamp.ts'
import type { Problem } from './verify.ts'

/** `believed`: led to a trusted certificate. `unanchored`: the signature holds, and who made it could not be checked. */
export type StampReport = { believed: number; unanchored: number; problems: Problem[] }

const PAGE = 500
const ENOUGH = 100

/**
 * Check every time stamp of a log: our checkpoint under it, the hash of that in it, the authority's signature and chain,
 * and the copy outside. A stamp whose chain leads to no certificate we believe is counted, because the file of trusted
 * certificates may simply not be here.
 */
export async function verifyStamps(
  db: Db,
  house: House,
  outside: Outside,
  log: LogId,
  anchors: Anchors,
): Promise<StampReport> {
  const report: StampReport = { believed: 0, unanchored: 0, problems: [] }
  let after = { size: 0, authority: '', serial: '' }
  for (;;) {
    const stamps = await stampsAfter(db, house.corp, log, after, PAGE)
    for (const stamp of stamps) {
      const what = await faultOf(outside, log, stamp, anchors)
      if (what === null) report.believed += 1
      else if (what === 'chain') report.unanchored += 1
      else
        report.problems.push({ log, index: stamp.size - 1, what, ref: `stamp ${stamp.size}-${stamp.serial}` })
    }
    const last = stamps.at(-1)
    if (!last || stamps.length < PAGE || report.problems.length >= ENOUGH) return report
    after = last
  }
}

async function faultOf(
  outside: Outside,
  log: LogId,
  stamp: StoredStamp & { root: Buffer | null },
  anchors: Anchors,
): Promise<string | null> {
  try {
    const checkpoint = readCheckpoint(outside, log, stamp.note)
    if (checkpoint.size !== stamp.size || !stamp.root?.equals(Buffer.from(checkpoint.root)))
      return 'the time stamp is over a checkpoint that the log does not have'
  } catch (error) {
    return `the checkpoint under the time stamp is not ours: ${messageOf(error)}`
  }
  const copy = await outside.blobs.get(stampName(log, stamp, 'tsr'))
  if (!copy?.equals(stamp.response)) return 'the time stamp outside the database is missing or differs'
  return tokenFault(stamp, anchors)
}

function tokenFault(stamp: StoredStamp, anchors: Anchors): string | null {
  const data = Buffer.from(stamp.note)
  try {
    const { stampedAt, serial, policy } = openStamp(stamp.response, { data })
    if (stampedAt !== stamp.stampedAt || serial !== stamp.serial || policy !== stamp.policy)
      return 'the time stamp says something else than its row'
    openStamp(stamp.response, { data, anchors })
    return null
  } catch (error) {
    if (!(error instanceof LedgerError)) throw error
    return error.detail.reason === 'chain' ? 'chain' : `the time stamp does not hold: ${error.detail.reason}`
  }
}
