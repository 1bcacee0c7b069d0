import {
  type KeepDeps,
  type PurgeGuard,
  type PurgeReach,
  settleErasure,
  workPurges,
} from '../archive/index.ts'
import type { JobQueue } from '../base/index.ts'
import { capturePurge } from '../capture/index.ts'
import { casesPurge, openReviews } from '../cases/index.ts'
import { monitorPurge } from '../monitor/index.ts'
import type { Premises } from './house.ts'

/** What later rooms know that bars a destruction. A room that gathers such facts adds its own here. */
export const GUARDS: readonly PurgeGuard[] = [openReviews]
/** What later rooms hold of a message's words. A room that keeps such words adds its own here. */
const REACHES: readonly PurgeReach[] = [capturePurge, monitorPurge, casesPurge]

/** Retention with all that the rooms bring to it, and the worker that carries out what two people agreed on. */
export async function startKeep(premises: Premises, jobs: JobQueue): Promise<KeepDeps> {
  const { db, house, media: blobs, config } = premises
  const { institution } = config
  const purgeDb = await premises.purgeDb()
  if (purgeDb)
    await workPurges(
      jobs,
      house,
      { purgeDb, house, blobs, institution, guards: GUARDS, reaches: REACHES },
      request => settleErasure(db, house, request),
    )
  return { db, jobs, institution, guards: GUARDS, purgeReady: purgeDb !== null }
}
