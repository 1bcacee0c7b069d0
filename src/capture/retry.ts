import { type Actor, type Db, inTransaction, type JobQueue, open } from '../base/index.ts'
import type { ArchiveRecord, ArchiveSource } from '../wecom/index.ts'
import { ingest, read } from './ingest.ts'
import { lockUndecrypted, markResolved } from './store.ts'

const BATCH = 500

/**
 * Try again what could not be decrypted, with the private keys at hand now. What opens is archived and marked
 * resolved; what does not stays where it is. Returns how many of how many opened.
 */
export async function retryQuarantine(
  db: Db,
  actor: Actor,
  jobs: JobQueue,
  source: Pick<ArchiveSource, 'decrypt'>,
): Promise<{ tried: number; opened: number }> {
  const { house } = actor
  const own = await house.keys.own(db)
  const held = await inTransaction(db, tx => lockUndecrypted(tx, house.corp, BATCH))
  const records = held.map(row => recordOf(open(own.key, row.sealed, `quarantine|${house.corp}|${row.id}`)))
  const results = await source.decrypt(records)
  const opened = held.flatMap((row, i) => {
    const result = results[i]
    return result?.ok ? [{ row, item: read(result.raw, row.seq, records[i]?.msgid ?? null, 'wecom') }] : []
  })
  if (opened.length > 0) {
    const ids = opened.map(({ row }) => row.id)
    const items = opened.map(({ item }) => item)
    // A message that is archived already is recognised by its msgid, so that two retries at once do no harm.
    await ingest(db, actor, jobs, items, 'retry', tx => markResolved(tx, house.corp, ids, actor.name))
  }
  const rest =
    held.length === BATCH && opened.length > 0 ? await retryQuarantine(db, actor, jobs, source) : NOTHING
  return { tried: held.length + rest.tried, opened: opened.length + rest.opened }
}

const NOTHING = { tried: 0, opened: 0 }

function recordOf(raw: Buffer): ArchiveRecord {
  return JSON.parse(raw.toString('utf8')) as ArchiveRecord
}
