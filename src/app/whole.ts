import {
  type ArchiveReport,
  destructionLeaves,
  holdLeaves,
  type LeafKind,
  type VerifyOptions,
  verifyArchive,
} from '../archive/index.ts'
import type { Config } from '../base/index.ts'
import { certificateLeaves } from '../capture/index.ts'
import { sampleLeaves } from '../cases/index.ts'
import { consentLeaves } from '../contacts/index.ts'
import { evidenceLeaves } from '../evidence/index.ts'
import {
  type LogReport,
  type Problem,
  type StampReport,
  stampAnchors,
  verifyStamps,
} from '../notary/index.ts'
import { verifyTrail } from '../trail/index.ts'
import type { Premises } from './house.ts'

/** What a verification needs; without `config`, time stamps are held against the roots that come with Node. */
type Checked = Pick<Premises, 'db' | 'house' | 'outside' | 'media'> & { config?: Pick<Config, 'stamps'> }

/**
 * The archive with everything later rooms have put into its ledger, and the files outside the database. `stamped` is told
 * what its time stamps are worth.
 */
export function verifyWhole(
  premises: Checked,
  options: { everyByte: boolean } & VerifyOptions,
  stamped: (report: StampReport) => void = () => undefined,
): Promise<ArchiveReport> {
  const { db, house, outside, media } = premises
  const { everyByte, ...walk } = options
  const others = [
    certificateLeaves(house, outside),
    consentLeaves(house),
    holdLeaves(house),
    destructionLeaves(house),
    evidenceLeaves(house, outside),
    ...sampleLeaves(house),
    stampsBeside(premises, stamped),
  ]
  return verifyArchive(db, house, outside, { blobs: media, everyByte }, others, walk)
}

/** Time stamps stand beside the log and have no leaves in it; what is wrong with them is told with the rest. */
function stampsBeside({ house, outside, config }: Checked, stamped: (report: StampReport) => void): LeafKind {
  return {
    kind: 'stamp',
    check: async (_db, leaves) =>
      leaves.map(({ idx, ref }) => ({
        log: 'archive',
        index: idx,
        what: 'leaf of an unknown kind stamp',
        ref,
      })),
    async strangers(db) {
      const report = await verifyStamps(db, house, outside, 'archive', stampAnchors(config?.stamps))
      stamped(report)
      return report.problems
    },
  }
}

export type WholeReport = {
  archive: ArchiveReport
  trail: LogReport
  /** Of both logs. */
  stamps: Omit<StampReport, 'problems'>
  problems: Problem[]
}

/** Both logs, their time stamps and every byte that stands outside: what the command `verify` answers with. */
export async function verifyEverything(premises: Checked, options: VerifyOptions = {}): Promise<WholeReport> {
  const { db, house, outside, config } = premises
  // Problems of the archive's stamps are among the archive's; none are looked at where the walk was ended early.
  const ours = { believed: 0, unanchored: 0 }
  const archive = await verifyWhole(premises, { everyByte: true, ...options }, ({ believed, unanchored }) => {
    ours.believed = believed
    ours.unanchored = unanchored
  })
  const trail = await verifyTrail(db, house, outside)
  const theirs = await verifyStamps(db, house, outside, 'trail', stampAnchors(config?.stamps))
  const problems = [...archive.problems, ...trail.problems, ...theirs.problems]
  // What has a place comes before what the ledger does not know: a leaf taken out of one log is a stray in the other.
  return {
    archive,
    trail,
    stamps: { believed: ours.believed + theirs.believed, unanchored: ours.unanchored + theirs.unanchored },
    problems: problems.sort((a, b) => Number(a.index === null) - Number(b.index === null)),
  }
}
