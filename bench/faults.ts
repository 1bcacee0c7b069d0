import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { type Sim, startSim } from '../sim/index.ts'
import { createRng, type Rng } from '../sim/rng.ts'
import { openPremises, verifyWhole } from '../src/app/index.ts'
import { createLog, type FailpointName, loadConfig, sql } from '../src/base/index.ts'

/** Every named place where a kill could lose or double something, and how often it is passed before the kill. */
export const POINTS: readonly [FailpointName, number][] = [
  ['capture.pulled', 2],
  ['capture.appended', 2],
  ['capture.before_commit', 2],
  ['capture.committed', 2],
  ['notary.sealing', 1],
  ['notary.committed', 1],
  ['monitor.detecting', 1],
  ['monitor.behaviour_noted', 1],
]
const TONGJIAN = join(import.meta.dirname, '..', 'bin', 'tongjian.ts')
/** Messages of the day that is lived through. */
const DAY = 1500
const QUIET_MS = 120_000
const POLL_MS = 200

export type FaultOptions = {
  random: number
  seed: string
  messages?: number
  points: readonly [FailpointName, number][]
  say(line: string): void
}
export type FaultRow = {
  fault: string
  ways: string
  messages: number
  alerts: number
  lost: number
  doubled: number
  ok: boolean
}
type Snapshot = { messages: string[]; alerts: string[] }

/**
 * kill -9 at named points and at random moments, with PostgreSQL left alive or killed too, during import and live
 * capture; after each restart the archive must be what an undisturbed run gives, and must verify.
 */
export async function runFaults(options: FaultOptions): Promise<FaultRow[]> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const sim = await startSim({
    seed: options.seed,
    publicKeys: [{ version: 1, pem }],
    day: options.messages ?? DAY,
  })
  const bench = new Bench(sim, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), options.seed)
  try {
    return await bench.all(options)
  } finally {
    await sim.close()
    bench.remove()
  }
}

class Bench {
  readonly #sim: Sim
  readonly #folder = mkdtempSync(join(tmpdir(), 'tongjian-faults-'))
  readonly #key: string
  readonly #rng: Rng
  readonly #file: string
  #made = 0

  constructor(sim: Sim, key: string, seed: string) {
    this.#sim = sim
    this.#key = key
    // As root, PostgreSQL runs as another account and must be able to enter; otherwise the cluster would lie elsewhere.
    chmodSync(this.#folder, 0o711)
    this.#rng = createRng(`${seed} kills`)
    this.#file = join(this.#folder, 'day.jsonl')
    writeFileSync(
      this.#file,
      sim.world.archive
        .all()
        .map(stored => stored.json)
        .join('\n'),
    )
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async all(options: FaultOptions): Promise<FaultRow[]> {
    const rows: FaultRow[] = []
    const expected = { import: await this.#undisturbed('import'), serve: await this.#undisturbed('serve') }
    const one = async (fault: string, way: Way, kill: Kill): Promise<void> => {
      const row = compare(fault, way, expected[way], await this.#disturbed(way, kill))
      rows.push(row)
      options.say(`${row.ok ? '✓' : '✗'} ${fault}（${WAYS[way]}）丢失 ${row.lost}，重复 ${row.doubled}`)
    }
    for (const [name, nth] of options.points) {
      const withDatabase = this.#rng.chance(0.5)
      for (const way of ['import', 'serve'] as const) {
        // An import pulls from no source; its own appends pass the other points.
        if (way === 'import' && (name === 'capture.pulled' || name === 'capture.committed')) continue
        await one(`${name} 第 ${nth} 次${withDatabase ? '，连同数据库' : ''}`, way, {
          failpoint: `${name}:${nth}`,
          withDatabase,
        })
      }
    }
    for (let i = 0; i < options.random; i += 1) {
      const way = i % 2 === 0 ? 'serve' : 'import'
      const afterMs = this.#rng.int(700, 4200)
      const withDatabase = i % 4 >= 2
      await one(`随机 ${afterMs} 毫秒${withDatabase ? '，连同数据库' : ''}`, way, { afterMs, withDatabase })
    }
    return rows
  }

  async #undisturbed(way: Way): Promise<Snapshot> {
    const data = this.#newFolder()
    await this.#finish(data, way)
    return this.#snapshot(data)
  }

  async #disturbed(way: Way, kill: Kill): Promise<Snapshot> {
    const data = this.#newFolder()
    const child = this.#start(data, way, kill.failpoint)
    const ended = new Promise<void>(resolve => child.once('exit', () => resolve()))
    if (kill.afterMs !== undefined) {
      await Promise.race([wait(kill.afterMs), ended])
      child.kill('SIGKILL')
    }
    await Promise.race([
      ended,
      wait(QUIET_MS).then(() => Promise.reject(new Error('the process did not die'))),
    ])
    if (kill.withDatabase) killDatabase(data)
    await this.#finish(data, way)
    return this.#snapshot(data)
  }

  #newFolder(): string {
    this.#made += 1
    const data = join(this.#folder, `run-${this.#made}`)
    mkdirSync(join(data, 'keys', 'archive'), { recursive: true })
    writeFileSync(join(data, 'keys', 'archive', '1.pem'), this.#key, { mode: 0o600 })
    return data
  }

  #environment(data: string): Record<string, string> {
    const { world, url } = this.#sim
    return {
      TONGJIAN_DATA: data,
      PORT: '0',
      LOG_LEVEL: 'error',
      WECOM_API_BASE: url,
      WECOM_CORPID: world.corpid,
      WECOM_ARCHIVE_SECRET: world.secrets.archive,
      WECOM_CONTACT_SECRET: world.secrets.app,
      WECOM_ARCHIVE_SOURCE: 'simulator',
    }
  }

  #start(data: string, way: Way, failpoint?: string): ChildProcess {
    const args = way === 'serve' ? ['serve'] : ['import', this.#file]
    const env = { ...this.#environment(data), ...(failpoint ? { TONGJIAN_FAILPOINT: failpoint } : {}) }
    return spawn(process.execPath, [TONGJIAN, ...args], {
      env: { ...env, PATH: '' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }

  /** Run to the end: an import until it returns, a server until everything the source has is archived and judged. */
  async #finish(data: string, way: Way): Promise<void> {
    const child = this.#start(data, way)
    const ended = new Promise<number | null>(resolve => child.once('exit', code => resolve(code)))
    if (way === 'import') {
      const code = await ended
      if (code !== 0) throw new Error(`import ended with ${code}`)
      return
    }
    // It says so when it serves; before that a quiet database means only that nobody is at work yet.
    await Promise.race([new Promise(resolve => child.stdout?.once('data', resolve)), ended])
    await this.#untilQuiet(data, child)
    child.kill('SIGTERM')
    await ended
  }

  async #untilQuiet(data: string, child: ChildProcess): Promise<void> {
    const last = this.#sim.world.archive.latest(1)[0]?.seq ?? 0
    const deadline = performance.now() + QUIET_MS
    while (performance.now() < deadline) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`)
      // Of a cluster that is just coming up every question may fail; then it is asked anew.
      if (await this.#watch(data, last, deadline, child).catch(() => false)) return
      await wait(POLL_MS)
    }
    throw new Error('the server did not come to rest')
  }

  /** True when the server has come to rest, looked at through one connection. */
  async #watch(data: string, last: number, deadline: number, child: ChildProcess): Promise<boolean> {
    const premises = await openPremises(loadConfig(this.#environment(data)), createLog('silent'), {
      mode: 'command',
    })
    try {
      while (performance.now() < deadline && child.exitCode === null) {
        const { rows } = await sql<{ quiet: boolean }>`
          SELECT (SELECT coalesce(max(seq), 0) FROM capture_cursor) >= ${last} AND NOT EXISTS (SELECT FROM leaf_pending)
            AND NOT EXISTS (SELECT FROM pgboss.job WHERE state IN ('created', 'retry', 'active')) AS quiet`.execute(
          premises.db,
        )
        if (rows[0]?.quiet) return true
        await wait(POLL_MS)
      }
      return false
    } finally {
      await premises.close()
    }
  }

  async #snapshot(data: string): Promise<Snapshot> {
    const premises = await openPremises(loadConfig(this.#environment(data)), createLog('silent'), {
      mode: 'command',
    })
    try {
      const report = await verifyWhole(premises, { everyByte: true })
      if (!report.ok) throw new Error(`the archive does not verify: ${JSON.stringify(report.problems[0])}`)
      const messages = await sql<{
        id: string
      }>`SELECT src_msgid || '|' || kind || '|' || sent_at AS id FROM message`.execute(premises.db)
      const alerts = await sql<{ id: string }>`
        SELECT r.src_msgid || '|' || rule AS id FROM review r CROSS JOIN unnest(r.rules) AS rule`.execute(
        premises.db,
      )
      return { messages: messages.rows.map(row => row.id), alerts: alerts.rows.map(row => row.id) }
    } finally {
      await premises.close()
      rmSync(data, { recursive: true, force: true })
    }
  }
}

type Way = 'import' | 'serve'
type Kill = { failpoint?: string; afterMs?: number; withDatabase: boolean }
const WAYS: Record<Way, string> = { import: '导入', serve: '采集' }

/** The postmaster and its children die with it; nothing is flushed. Killed very early, there is none yet. */
function killDatabase(data: string): void {
  const file = join(data, 'postgres', 'postmaster.pid')
  if (existsSync(file)) process.kill(Number(readFileSync(file, 'utf8').split('\n')[0]), 'SIGKILL')
}

function compare(fault: string, way: Way, expected: Snapshot, got: Snapshot): FaultRow {
  const lost = missing(expected.messages, got.messages) + missing(expected.alerts, got.alerts)
  const doubled =
    missing(got.messages, expected.messages) +
    missing(got.alerts, expected.alerts) +
    repeated(got.messages) +
    repeated(got.alerts)
  return {
    fault,
    ways: WAYS[way],
    messages: got.messages.length,
    alerts: got.alerts.length,
    lost,
    doubled,
    ok: lost === 0 && doubled === 0,
  }
}

function missing(from: string[], among: string[]): number {
  const known = new Set(among)
  return from.filter(id => !known.has(id)).length
}
function repeated(ids: string[]): number {
  return ids.length - new Set(ids).size
}

/** The benchmark: every point and `n` random kills, as a table. */
export async function benchFaults(options: { n?: number; say(line: string): void }): Promise<object> {
  const seed = 'faults'
  options.say(`种子 ${seed}`)
  const rows = await runFaults({ random: options.n ?? 20, seed, points: POINTS, say: options.say })
  return {
    bench: 'faults',
    kills: rows.length,
    lost: rows.reduce((sum, r) => sum + r.lost, 0),
    doubled: rows.reduce((sum, r) => sum + r.doubled, 0),
    ok: rows.every(r => r.ok),
  }
}
