import { causeOf, dayOf, type JobQueue, now, repeat, systemActor } from '../base/index.ts'
import {
  insertSeats,
  startCertificates,
  startMedia,
  startReading,
  startRepulls,
  watchLag,
} from '../capture/index.ts'
import type { ArchiveSource } from '../wecom/index.ts'
import type { Premises } from './house.ts'
import { wecomOf } from './wecom.ts'

const HOUR_MS = 3_600_000

/** What goes on beside the pulling of messages: their files, the watch over lag, re-pulls and certificates. */
export async function startCare(
  premises: Premises,
  jobs: JobQueue,
  source: ArchiveSource,
): Promise<{ stop(): Promise<void> }> {
  const { db, house, media: blobs, outside, config } = premises
  const actor = systemActor(house, 'capture')
  const repulls = { db, actor, jobs, source }
  const parts = [
    await startMedia({ db, house, blobs, source }, jobs),
    await startReading({ db, actor, blobs, jobs, asrCommand: config.asrCommand }),
    watchLag(db, house, source.name),
    startRepulls(repulls),
    startCertificates({ db, actor, outside, source: source.name, repulls }),
    keepSeats(premises),
  ]
  return {
    async stop() {
      await Promise.all(parts.map(part => part.stop()))
    },
  }
}

/** Who is within the paid scope, once a day: the certificate holds the archive against it (wecom-api.md §3.6). */
function keepSeats(premises: Premises): { stop(): Promise<void> } {
  const { db, house, config } = premises
  let known = ''
  return repeat(
    HOUR_MS,
    0,
    async () => {
      const day = dayOf(now(), house.zone)
      if (!config.wecom || known === day) return
      const { directory } = wecomOf(config.wecom)
      await insertSeats(db, house.corp, day, now(), await directory.permitUsers())
      known = day
    },
    error => house.log.warn({ error: causeOf(error) }, 'the list of licensed members could not be fetched'),
  )
}
