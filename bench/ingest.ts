import { spawnSync } from 'node:child_process'
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { pregenerate } from '../sim/stream.ts'
import { openPremises, type Premises, type Services, startServices } from '../src/app/index.ts'
import { createLog, loadConfig, sql, systemActor } from '../src/base/index.ts'
import { startCapture } from '../src/capture/index.ts'
import { type ArchiveRecord, type ArchiveSource, openDecryptPool } from '../src/wecom/index.ts'

const SECONDS = 3
const TICKS = 100

/**
 * Pull → decrypt → normalise → archive → index → detect → seal, with the source generated beforehand, beside what
 * `openssl speed rsa2048` allows these cores: every message costs one RSA-2048 private operation.
 */
export async function benchIngest(options: {
  n?: number
  say(line: string): void
  threads?: number
}): Promise<object> {
  const n = options.n ?? 20_000
  const { say } = options
  const limit = opensslLimit()
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  say(`生成 ${n} 条加密消息 …`)
  const records = pregenerate(n, { seed: 20_261_123, publicKeys: [{ version: 1, pem }] })
  const folder = mkdtempSync(join(tmpdir(), 'tongjian-bench-'))
  try {
    const result = await measure(folder, records, new Map([[1, privateKey]]), options.threads)
    const ratio = result.perSecond / limit.perSecond
    for (const line of report(result, limit, ratio)) say(line)
    return {
      bench: 'ingest',
      n,
      perSecond: Math.round(result.perSecond),
      opensslPerSecond: Math.round(limit.perSecond),
      ratio: Number(ratio.toFixed(3)),
      ...result.detail,
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

type Limit = { perSecond: number; cores: number }

/** RSA-2048 private operations a second on all cores, by OpenSSL's own benchmark. */
function opensslLimit(): Limit {
  const cores = availableParallelism()
  const { stdout } = spawnSync(
    'openssl',
    ['speed', '-seconds', String(SECONDS), '-multi', String(cores), 'rsa2048'],
    { encoding: 'utf8' },
  )
  const signs = /rsa\s+2048 bits\s+\S+\s+\S+\s+([\d.]+)/.exec(stdout)?.[1]
  if (!signs) throw new Error('openssl speed gave no figure; install openssl to compare with')
  return { perSecond: Number(signs), cores }
}

type Result = {
  perSecond: number
  detail: { seconds: number; nodeUs: number; postgresUs: number; memoryMb: number[]; threads: number }
}

async function measure(
  folder: string,
  records: ArchiveRecord[],
  keys: Map<number, KeyObject>,
  threads?: number,
): Promise<Result> {
  const config = loadConfig({ TONGJIAN_DATA: folder, LOG_LEVEL: 'error', PORT: '0' })
  const premises = await openPremises(config, createLog('error'), { mode: 'command' })
  const services = await startServices(premises, { capture: false })
  const used = threads ?? availableParallelism()
  const pool = openDecryptPool(keys, used)
  try {
    const before = { node: process.cpuUsage(), postgres: postgresCpu(premises) }
    const memoryMb: number[] = []
    const started = performance.now()
    const capture = startCapture({
      db: premises.db,
      actor: systemActor(premises.house, 'bench'),
      jobs: services.jobs,
      source: memorySource(records, pool),
    })
    await until(premises, services, records.length, memoryMb)
    const seconds = (performance.now() - started) / 1000
    await capture.stop()
    const node = process.cpuUsage(before.node)
    const n = records.length
    return {
      perSecond: n / seconds,
      detail: {
        seconds: Number(seconds.toFixed(2)),
        nodeUs: Math.round((node.user + node.system) / n),
        postgresUs: Math.round(((postgresCpu(premises) - before.postgres) * 1e6) / TICKS / n),
        memoryMb,
        threads: used,
      },
    }
  } finally {
    await pool.close()
    await services.stop()
    await premises.close()
  }
}

function memorySource(records: ArchiveRecord[], pool: Pick<ArchiveSource, 'decrypt'>): ArchiveSource {
  return {
    name: 'bench',
    decrypt: some => pool.decrypt(some),
    media: () => Promise.reject(new Error('no media in this measurement')),
    close: async () => undefined,
    pull: async (seq: number, limit: number): Promise<ArchiveRecord[]> => {
      const from = records.findIndex(record => record.seq > seq)
      return from === -1 ? [] : records.slice(from, from + limit)
    },
  }
}

/** Done when every message is archived, detected and in the ledger. */
async function until(premises: Premises, services: Services, n: number, memoryMb: number[]): Promise<void> {
  for (;;) {
    await wait(100)
    const { rows } = await sql<{
      sealed: number
    }>`SELECT coalesce(max(size), 0) AS sealed FROM checkpoint WHERE log_id = 'archive'`.execute(premises.db)
    const sealed = rows[0]?.sealed ?? 0
    if (sealed >= (n * (memoryMb.length + 1)) / 4)
      memoryMb.push(Math.round(process.memoryUsage().rss / 1_048_576))
    const counts = await services.jobs.counts()
    if (sealed >= n && counts.every(count => count.waiting === 0 && count.active === 0)) return
  }
}

/** CPU ticks of every process of the embedded PostgreSQL (Linux only; 0 elsewhere). */
function postgresCpu(premises: Premises): number {
  const main = premises.embedded?.pid
  if (!main || process.platform !== 'linux') return 0
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .reduce((sum, pid) => sum + ticksOf(Number(pid), main), 0)
}

function ticksOf(pid: number, main: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    const parent = Number(fields[1])
    if (pid !== main && parent !== main) return 0
    // Children that have ended are counted in their parent (cutime, cstime).
    return [11, 12, ...(pid === main ? [13, 14] : [])].reduce((sum, i) => sum + Number(fields[i] ?? 0), 0)
  } catch {
    return 0
  }
}

function report(result: Result, limit: Limit, ratio: number): string[] {
  const { detail } = result
  const rsaUs = (limit.cores * 1e6) / limit.perSecond
  return [
    `端到端        ${Math.round(result.perSecond)} 条/秒（${detail.seconds} 秒，${detail.threads} 个解密线程）`,
    `openssl 上限  ${Math.round(limit.perSecond)} 次 RSA-2048 私钥运算/秒（${limit.cores} 核）`,
    `比值          ${ratio.toFixed(3)}（目标 ≥ 0.6）`,
    `每条 CPU      Node ${detail.nodeUs} µs，其中 RSA 约 ${Math.round(rsaUs)} µs；PostgreSQL ${detail.postgresUs} µs`,
    `内存          ${detail.memoryMb.join(' → ')} MB（每四分之一处）`,
  ]
}
