import { setTimeout as wait } from 'node:timers/promises'
import { APPENDED } from '../archive/index.ts'
import { type JobKind, type JobQueue, messageOf, openJobs, systemActor } from '../base/index.ts'
import { type Capture, startCapture } from '../capture/index.ts'
import { workIntake } from '../cases/index.ts'
import { loadRules, RAISED, type RuleSet, workDetection } from '../monitor/index.ts'
import { type Sealer, startSealer } from '../notary/index.ts'
import { loadArchiveKeys, openArchiveSource, openDecryptPool } from '../wecom/index.ts'
import type { Premises } from './house.ts'
import { startSync } from './sync.ts'

/** Every kind of job there is; each is named by the folder whose event it tells. */
const JOB_KINDS = [APPENDED, RAISED] as unknown as JobKind<never>[]

/** The parts that work in the background: sealing, detection, review intake, and where asked for, capture and sync. */
export type Services = { jobs: JobQueue; rules: () => RuleSet; sealer: Sealer; stop(): Promise<void> }

export async function startServices(premises: Premises, options: { capture: boolean }): Promise<Services> {
  const { db, house, appUrl, role, outside, config } = premises
  const rules = loadRules()
  const jobs = await openJobs(appUrl, JOB_KINDS, { worker: true, log: house.log, role })
  if (premises.embedded?.alone()) await jobs.reclaim()
  const sealer = startSealer(db, house, outside, ['archive', 'trail'])
  await workDetection(db, house, jobs, () => rules)
  await workIntake(db, house, jobs)
  const watch = watchDatabase(premises)
  const capture = options.capture && config.wecom ? await startCapturing(premises, jobs) : undefined
  const sync = options.capture && config.wecom ? startSync(premises) : undefined
  let stopped: Promise<void> | undefined
  const stopAll = async (): Promise<void> => {
    await sync?.stop()
    await capture?.stop()
    await jobs.stop()
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

async function startCapturing(premises: Premises, jobs: JobQueue): Promise<Capture> {
  const { db, house, config } = premises
  if (!config.wecom) throw new Error('capture needs WECOM_*')
  const pool = openDecryptPool(loadArchiveKeys(config.wecom.archiveKeys))
  const capture = startCapture({
    db,
    actor: systemActor(house, 'capture'),
    jobs,
    source: openArchiveSource(config.wecom),
    pool,
  })
  return {
    async stop() {
      await capture.stop()
      await pool.close()
    },
  }
}

const WATCH_MS = 2000

/** An embedded PostgreSQL that died is started again; every part of ours reconnects by itself. */
function watchDatabase(premises: Premises): { stop(): Promise<void> } {
  const abort = new AbortController()
  const { embedded, house } = premises
  const loop = async (): Promise<void> => {
    while (!abort.signal.aborted && embedded) {
      await wait(WATCH_MS, undefined, { signal: abort.signal }).catch(() => undefined)
      if (abort.signal.aborted) return
      try {
        if (await embedded.revive()) house.log.warn({}, 'PostgreSQL had died and was started again')
      } catch (error) {
        house.log.error({ error: messageOf(error) }, 'PostgreSQL is down and does not start')
      }
    }
  }
  const running = loop()
  return {
    async stop() {
      abort.abort()
      await running
    },
  }
}
