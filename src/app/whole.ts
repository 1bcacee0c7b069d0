import { type ArchiveReport, verifyArchive } from '../archive/index.ts'
import { certificateLeaves } from '../capture/index.ts'
import type { Premises } from './house.ts'

/** The archive with everything later rooms have put into its ledger, and the files outside the database. */
export function verifyWhole(premises: Premises, options: { everyByte: boolean }): Promise<ArchiveReport> {
  const { db, house, outside, media } = premises
  return verifyArchive(db, house, outside, { blobs: media, everyByte: options.everyByte }, [
    certificateLeaves(house, outside),
  ])
}
