import type { JobQueue } from '../base/index.ts'
import { startMedia } from '../capture/index.ts'
import type { ArchiveSource } from '../wecom/index.ts'
import type { Premises } from './house.ts'

/** What goes on beside the pulling of messages: their files, the watch over lag, re-pulls and certificates. */
export async function startCare(
  premises: Premises,
  jobs: JobQueue,
  source: ArchiveSource,
): Promise<{ stop(): Promise<void> }> {
  const { db, house } = premises
  const parts = [await startMedia({ db, house, blobs: premises.media, source }, jobs)]
  return {
    async stop() {
      for (const part of parts) await part.stop()
    },
  }
}
