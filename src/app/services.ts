import {
  APPENDED,
  DERIVED,
  type KeepDeps,
  MEDIA_NOTED,
  PURGE,
  releaseAll,
  unclaimAll,
} from '../archive/index.ts'
import {
  addMonths,
  causeOf,
  type JobKind,
  type JobQueue,
  messageOf,
  openJobs,
  repeat,
  sql,
  systemActor,
} from '../base/index.ts'
import { type Capture, EVENT, openWake, startCapture, workEvents } from '../capture/index.ts'
import {
  CARD_PRESSED,
  CASE_MOVED,
  type DeliveryDeps,
  onCardEvent,
  PLAN_REGISTERED,
  unclaimDeliveries,
} from '../cases/index.ts'
import { applyContactEvent } from '../contacts/index.ts'
import { EVIDENCE_APPROVED, startEvidence } from '../evidence/index.ts'
import { APPLY, BACKTEST, type LiveRules, RAISED, READ_AGAIN, type RulebookDeps } from '../monitor/index.ts'
import { openAuthorities, type Sealer, startSealer, startStamping } from '../notary/index.ts'
import { type ArchiveSource, openArchiveSource } from '../wecom/index.ts'
import { startCare } from './care.ts'
import { notePolicy } from './consent.ts'
import { startDesk, startRules } from './desk.ts'
import type { Premises } from './house.ts'
import { startKeep } from './keep.ts'
import { watchKeys } from './keys.ts'
import { startOutreach } from './outreach.ts'
import { startSync } from './sync.ts'
import { VERSION } from './system.ts'

/** Every kind of job there is; each is named by the folder whose event it tells. */
export const JOB_KINDS = [
  APPENDED,
  DERIVED,
  RAISED,
  MEDIA_NOTED,
  EVENT,
  READ_AGAIN,
  PURGE,
  EVIDENCE_APPROVED,
  CASE_MOVED,
  PLAN_REGISTERED,
  BACKTEST,
  APPLY,
  CARD_PRESSED,
] as unknown as JobKind<never>[]

/** Seal what a shell command has just written; it runs no sealer of its own, and a server may not be there. */
export async function sealNow({ db, house, outside }: Premises): Promise<void> {
  await startSealer(db, house, outside, ['archive', 'trail']).stop()
}

/** The parts that work in the background: sealing, detection, review intake, and where asked for, capture and sync. */
export type Services = {
  jobs: JobQueue
  rules: LiveRules
  /** Drafts, backtests and publication: what its entrances need. */
  rulebook: RulebookDeps
  sealer: Sealer
  /** Retention: what its entrances need. */
  keep: KeepDeps
  /** Telling people: what its entrances need. */
  delivery: DeliveryDeps
  stop(): Promise<void>
}

export async function startServices(
  premises: Premises,
  options: { capture: boolean; rules?: string },
): Promise<Services> {
  const { db, house, appUrl, role, outside, config } = premises
  // What cannot be captured from is refused before anything starts.
  const source = options.capture && config.wecom ? openArchiveSource(config.wecom) : undefined
  const live = await startRules(premises, options.rules)
  const { rules } = live
  const jobs = await openJobs(appUrl, JOB_KINDS, { worker: true, log: house.log, role })
  if (premises.embedded?.alone())
    await Promise.all([
      jobs.reclaim(),
      releaseAll(db, house.corp),
      unclaimAll(db, house.corp),
      unclaimDeliveries(db, house.corp),
    ])
  await notePolicy(premises)
  const sealer = startSealer(db, house, outside, ['archive', 'trail'])
  const stamping = startStamps(premises)
  const desk = await startDesk(premises, jobs, rules)
  const keep = await startKeep(premises, jobs)
  const contactsActor = systemActor(house, 'contacts')
  await workEvents(db, house, jobs, {
    contact: (tx, event) => applyContactEvent(tx, contactsActor, event),
    card: (tx, event) => onCardEvent(tx, desk.delivery, event),
  })
  const evidence = await startEvidence({ ...premises, rules: rules.current, version: VERSION }, jobs)
  const watch = watchDatabase(premises)
  const keys = await watchKeys(premises)
  const capture = source ? await startCapturing(premises, jobs, source) : undefined
  const outreach = source ? await startOutreach(premises) : undefined
  const sync = source ? startSync(premises) : undefined
  const care = source ? await startCare(premises, jobs, source) : undefined
  const months = keepMonths(premises)
  let stopped: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    await desk.quiet()
    await live.stop()
    await months.stop()
    await evidence.stop()
    await sync?.stop()
    await care?.stop()
    await outreach?.stop()
    await capture?.stop()
    await jobs.stop()
    await desk.stop()
    await stamping?.stop()
    await sealer.stop()
    await keys.stop()
    await watch.stop()
  }
  return {
    keep,
    delivery: desk.delivery,
    jobs,
    rules,
    rulebook: desk.rulebook,
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

/** Checkpoints of both logs stamped by the configured time authority; nothing without one. */
function startStamps({ db, house, outside, config }: Premises): { stop(): Promise<void> } | undefined {
  if (!config.stamps) return undefined
  const authorities = openAuthorities(config.stamps)
  const loop = startStamping({ db, house, outside, authorities }, ['archive', 'trail'])
  return {
    async stop() {
      await loop.stop()
      await authorities.close()
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
    error => house.log.error({ error: causeOf(error) }, 'the next months could not be prepared'),
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
