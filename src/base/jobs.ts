import { type Job as BossJob, type ConstructorOptions, fromKysely, type JobResult, PgBoss } from 'pg-boss'
import type { z } from 'zod'
import type { Tx } from './db.ts'
import { causeOf } from './errors.ts'
import type { Log } from './log.ts'

/** A kind of work. Its name is owned by the folder whose event it tells; payloads hold ids, never text. */
export type JobKind<T> = { name: string; payload: z.ZodType<T> }

export type JobQueue = {
  /** Enqueue in the caller's transaction: the job exists exactly when the change does. Returns the job's id. */
  enqueue<T>(tx: Tx, kind: JobKind<T>, payload: T): Promise<string>
  /**
   * Handle one kind, one job after the other. The handler must be idempotent: it may run again after a crash. `batch`:
   * how many are taken in one go, for a kind of many small jobs that none may wait long for.
   */
  work<T>(kind: JobKind<T>, handler: (payload: T) => Promise<void>, batch?: number): Promise<void>
  /** Ids among `ids` that are not finished yet. */
  unfinished(kind: JobKind<unknown>, ids: string[]): Promise<string[]>
  counts(): Promise<JobCounts[]>
  /**
   * Hand out again what is held by nobody: only for a process that knows it is the only one, such as the first on an
   * embedded database after a kill. Otherwise a dead worker's job waits for its heartbeat to end.
   */
  reclaim(): Promise<void>
  stop(): Promise<void>
}
export type JobCounts = { name: string; waiting: number; active: number; failed: number }

export function defineJob<T>(name: string, payload: z.ZodType<T>): JobKind<T> {
  return { name, payload }
}

const SCHEMA = 'pgboss'
/** A worker that died stops its heartbeat; the job is another's after this many seconds (pg-boss's least is 10). */
const HEARTBEAT_SECONDS = 10
const SUPERVISE_SECONDS = 5
/** A batch that cannot be judged today is tried every minute until it can: giving up would lose alerts in silence. */
const NEVER_GIVE_UP = 1_000_000
/** A full batch says that more is waiting and is fetched at once; of one job pg-boss would never say so. */
const LEAST_BATCH = 2
const TEN_YEARS = 10 * 365 * 86_400

/** Create or upgrade the job tables, as the owner. */
export async function installJobs(ownerUrl: string): Promise<void> {
  const boss = new PgBoss({
    connectionString: ownerUrl,
    schema: SCHEMA,
    max: 2,
    supervise: false,
    schedule: false,
  })
  boss.on('error', () => undefined)
  await boss.start()
  await boss.stop({ graceful: false, timeout: 1000 })
}

/** Open the queue as the app. `worker` also supervises (retries what a dead worker held). */
export async function openJobs(
  url: string,
  kinds: JobKind<never>[],
  options: { worker: boolean; log: Log; role?: string },
): Promise<JobQueue> {
  const settings: ConstructorOptions = {
    connectionString: url,
    schema: SCHEMA,
    max: options.worker ? 6 : 3,
    migrate: false,
    schedule: false,
    supervise: options.worker,
    superviseIntervalSeconds: SUPERVISE_SECONDS,
    monitorIntervalSeconds: SUPERVISE_SECONDS,
    useListenNotify: options.worker,
    reindex: false,
    application_name: 'tongjian-jobs',
    // Who took and who ended a job may be lost in a power failure: then it runs again, as after any crash.
    options: `-c synchronous_commit=off${options.role ? ` -c role=${options.role}` : ''}`,
  }
  const boss = new PgBoss(settings)
  boss.on('error', error => options.log.error({ error: causeOf(error) }, 'job queue'))
  await boss.start()
  for (const kind of kinds) {
    await boss.createQueue(kind.name, {
      notify: true,
      retryLimit: NEVER_GIVE_UP,
      retryDelay: 1,
      retryBackoff: true,
      retryDelayMax: 60,
      retentionSeconds: TEN_YEARS,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      deleteAfterSeconds: 3600,
    })
  }
  return queueOn(boss, kinds, options.log)
}

function queueOn(boss: PgBoss, kinds: JobKind<never>[], log: Log): JobQueue {
  return {
    async enqueue(tx, kind, payload) {
      const id = await boss.send(kind.name, kind.payload.parse(payload) as object, { db: fromKysely(tx) })
      if (id === null) throw new Error(`job ${kind.name} was not accepted`)
      return id
    },
    async work(kind, handler, batch = LEAST_BATCH) {
      const options = {
        batchSize: batch,
        pollingIntervalSeconds: 0.5,
        notifyPollingIntervalSeconds: 2,
        burstWhenBatchFull: true,
        perJobResults: true,
      } as const
      await boss.work(kind.name, options, async (jobs: BossJob<object>[]) => {
        const results: JobResult[] = []
        for (const job of jobs) results.push(await handle(job, kind, handler, log))
        return results
      })
    },
    async unfinished(kind, ids) {
      if (ids.length === 0) return []
      const { rows } = await boss
        .getDb()
        .executeSql(
          `SELECT id::text FROM ${SCHEMA}.job WHERE name = $1 AND id = ANY($2::uuid[]) AND state IN ('created', 'retry', 'active')`,
          [kind.name, ids],
        )
      return rows.map((row: { id: string }) => row.id)
    },
    async counts() {
      const { rows } = await boss.getDb().executeSql(
        `SELECT name, count(*) FILTER (WHERE state IN ('created', 'retry')) AS waiting,
                count(*) FILTER (WHERE state = 'active') AS active, count(*) FILTER (WHERE state = 'failed') AS failed
         FROM ${SCHEMA}.job WHERE name = ANY($1::text[]) GROUP BY name`,
        [kinds.map(kind => kind.name)],
      )
      return kinds.map(kind => {
        const row = rows.find((r: { name: string }) => r.name === kind.name)
        return {
          name: kind.name,
          waiting: Number(row?.waiting ?? 0),
          active: Number(row?.active ?? 0),
          failed: Number(row?.failed ?? 0),
        }
      })
    },
    async reclaim() {
      await boss
        .getDb()
        .executeSql(
          `UPDATE ${SCHEMA}.job SET state = 'retry', start_after = now() WHERE state = 'active' AND name = ANY($1::text[])`,
          [kinds.map(kind => kind.name)],
        )
    },
    async stop() {
      await boss.stop({ graceful: true, timeout: 10_000 })
    },
  }
}

async function handle<T>(
  job: BossJob<object>,
  kind: JobKind<T>,
  handler: (payload: T) => Promise<void>,
  log: Log,
): Promise<JobResult> {
  try {
    await handler(kind.payload.parse(job.data))
    return { id: job.id, status: 'completed' }
  } catch (error) {
    log.error({ job: kind.name, id: job.id, error: causeOf(error) }, 'job failed, will be retried')
    return { id: job.id, status: 'failed', output: { reason: causeOf(error) } }
  }
}
