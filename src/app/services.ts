import { APPENDED, DERIVED, MEDIA_NOTED, releaseAll, unclaimAll } from '../archive/index.ts'
import {
  addMonths,
  type JobKind,
  type JobQueue,
  messageOf,
  openJobs,
  repeat,
  sql,
  systemActor,
} from '../base/index.ts'
import { type Capture, EVENT, openWake, startCapture, workEvents } from '../capture/index.ts'
import { workIntake } from '../cases/index.ts'
import { applyContactEvent } from '../contacts/index.ts'
import {
  loadRules,
  openSecondReader,
  RAISED,
  READ_AGAIN,
  type RuleSet,
  workDetection,
  workSecondReader,
} from '../monitor/index.ts'
import { type Sealer, startSealer } from '../notary/index.ts'
import { type ArchiveSource, openArchiveSource } from '../wecom/index.ts'
import { startCare } from './care.ts'
import type { Premises } from './house.ts'
import { startOutreach } from './outreach.ts'
import { startSync } from './sync.ts'

/** Every kind of job there is; each is named by the folder whose event it tells. */
export const JOB_KINDS = [
  APPENDED,
  DERIVED,
  RAISED,
  MEDIA_NOTED,
  EVENT,
  READ_AGAIN,
] as unknown as JobKind<never>[]

/** Seal what a shell command has just written; it runs no sealer of its own, and a server may not be there. */
export async function sealNow({ db, house, outside }: Premises): Promise<void> {
  await startSealer(db, house, outside, ['archive', 'trail']).stop()
}

/** The parts that work in the background: sealing, detection, review intake, and where asked for, capture and sync. */
export type Services = { jobs: JobQueue; rules: () => RuleSet; sealer: Sealer; stop(): Promise<void> }

export async function startServices(premises: Premises, options: { capture: boolean }): Promise<Services> {
  const { db, house, appUrl, role, outside, config } = premises
  // What cannot be captured from is refused before anything starts.
  const source = options.capture && config.wecom ? openArchiveSource(config.wecom) : undefined
  const rules = loadRules(config.institution)
  const jobs = await openJobs(appUrl, JOB_KINDS, { worker: true, log: house.log, role })
  if (premises.embedded?.alone())
    await Promise.all([jobs.reclaim(), releaseAll(db, house.corp), unclaimAll(db, house.corp)])
  const sealer = startSealer(db, house, outside, ['archive', 'trail'])
  const reader = config.reader && openSecondReader(config.reader)
  await workDetection(db, house, jobs, () => rules, { askAgain: reader !== undefined })
  if (reader) await workSecondReader(db, house, jobs, () => rules, reader)
  await workIntake(db, house, jobs)
  const contactsActor = systemActor(house, 'contacts')
  await workEvents(db, house, jobs, { contact: (tx, event) => applyContactEvent(tx, contactsActor, event) })
  const watch = watchDatabase(premises)
  const capture = source ? await startCapturing(premises, jobs, source) : undefined
  const outreach = source ? await startOutreach(premises) : undefined
  const sync = source ? startSync(premises) : undefined
  const care = source ? await startCare(premises, jobs, source) : undefined
  const months = keepMonths(premises)
  let stopped: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    await months.stop()
    await sync?.stop()
    await care?.stop()
    await outreach?.stop()
    await capture?.stop()
    await jobs.stop()
    await reader?.close()
    await sealer.stop()
    await watch.stop()
  }
  return {
    jobs,
    rules: () => rules,
    sealer,
    stop() {
      stopped ??= stopAll()
      return stopped
    },
  }
}

async function startCapturing(premises: Premises, jobs: JobQueue, source: ArchiveSource): Promise<Capture> {
  const { db, house, appUrl, role } = premises
  const wake = await openWake(appUrl, house, role)
  const capture = startCapture({ db, actor: systemActor(house, 'capture'), jobs, source, wake })
  return {
    async stop() {
      await capture.stop()
      await wake.stop()
      await source.close()
    },
  }
}

const DAY_MS = 86_400_000

/** A server that runs for months makes the partitions of the next ones itself. */
function keepMonths(premises: Premises): { stop(): Promise<void> } {
  const { db, house } = premises
  return repeat(
    DAY_MS,
    0,
    async () => {
      await addMonths(month => sql`SELECT tongjian_add_month(${month}::date)`.execute(db))
    },
    error => house.log.error({ error: messageOf(error) }, 'the next months could not be prepared'),
  )
}

const WATCH_MS = 2000

/** An embedded PostgreSQL that died is started again; every part of ours reconnects by itself. */
function watchDatabase(premises: Premises): { stop(): Promise<void> } {
  const { embedded, house } = premises
  return repeat(
    WATCH_MS,
    0,
    async () => {
      if (await embedded?.revive()) house.log.warn({}, 'PostgreSQL had died and was started again')
    },
    error => house.log.error({ error: messageOf(error) }, 'PostgreSQL is down and does not start'),
  )
}
