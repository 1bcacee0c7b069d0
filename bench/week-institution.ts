import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Sim } from '../sim/index.ts'
import { openPremises, type Premises } from '../src/app/index.ts'
import { createLog, loadConfig, sql } from '../src/base/index.ts'
import type { StandIn } from '../test/support/finance-sdk.ts'

const TONGJIAN = join(import.meta.dirname, '..', 'bin', 'tongjian.ts')
const PATIENCE_MS = 240_000
/** The longest waits between two tries of a file add up to this (capture/media.ts). */
const FILES_MS = 600_000

/** The institution's own machine: the real server, and a worker that stands by, on an embedded PostgreSQL. */
export class Institution {
  readonly #env: Record<string, string>
  readonly #data: string
  readonly #sim: Sim
  readonly #token = 'week'
  readonly #aesKey = randomBytes(32).toString('base64').slice(0, 43)
  readonly #port: number
  #server: ChildProcess | undefined
  #standby: ChildProcess | undefined

  constructor(data: string, sim: Sim, stand: StandIn, port: number) {
    this.#data = data
    this.#sim = sim
    this.#port = port
    this.#env = {
      TONGJIAN_DATA: data,
      PORT: String(port),
      LOG_LEVEL: 'error',
      WECOM_API_BASE: sim.url,
      WECOM_CORPID: sim.world.corpid,
      WECOM_ARCHIVE_SECRET: sim.world.secrets.archive,
      WECOM_CONTACT_SECRET: sim.world.secrets.app,
      WECOM_CALLBACK_TOKEN: this.#token,
      WECOM_CALLBACK_AES_KEY: this.#aesKey,
      ...stand.env,
    }
  }

  async start(): Promise<void> {
    this.#server = this.#spawn('serve')
    await started(this.#server)
  }

  async stop(): Promise<void> {
    for (const child of [this.#standby, this.#server]) await ended(child, 'SIGTERM')
    this.#standby = undefined
    this.#server = undefined
  }

  /** A second process that takes over when the holder of the lease dies. */
  async standBy(): Promise<void> {
    this.#standby = this.#spawn('work')
    await started(this.#standby)
  }

  async killServer(): Promise<void> {
    await ended(this.#server, 'SIGKILL')
  }

  async endStandby(): Promise<void> {
    await ended(this.#standby, 'SIGTERM')
    this.#standby = undefined
  }

  /** The postmaster dies without a word; the server must notice and start it again. */
  async killDatabase(): Promise<void> {
    const before = this.#postmaster()
    if (before === null) throw new Error('there is no database to kill')
    process.kill(before, 'SIGKILL')
    await this.#until('the database is up again', async () => {
      const pid = this.#postmaster()
      return pid !== null && pid !== before
    })
  }

  /** The operator types the address into WeCom, which verifies it. */
  async call(): Promise<void> {
    const target = {
      url: `http://127.0.0.1:${this.#port}/wecom/callback`,
      token: this.#token,
      aesKey: this.#aesKey,
    }
    this.#sim.world.callbacks.configure({ ...target, retryMs: 50 })
    // Straight after its start a busy machine may take longer than WeCom's second; the operator presses again.
    await this.#until('WeCom verified the address', async () => (await this.#sim.world.callbacks.verify()).ok)
  }

  /** A command of the shell, to its end; what it printed. */
  async run(...args: string[]): Promise<string> {
    const child = this.#spawn(...args)
    const out: Buffer[] = []
    child.stdout?.on('data', (chunk: Buffer) => out.push(chunk))
    const code = await new Promise<number | null>(resolve => child.once('close', resolve))
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`)
    return Buffer.concat(out).toString('utf8')
  }

  async untilCaughtUp(seq: number): Promise<void> {
    await this.#until(`caught up to ${seq}`, () =>
      this.ask(async ({ db }) => {
        const { rows } = await sql<{
          at: number
        }>`SELECT coalesce(max(seq), 0) AS at FROM capture_cursor`.execute(db)
        return (rows[0]?.at ?? 0) >= seq
      }),
    )
  }

  /** Every file is settled, and everything is in the ledger. */
  async untilFiles(): Promise<void> {
    await this.#until(
      'every file settled',
      () =>
        this.ask(async ({ db }) => {
          const { rows } = await sql<{ rest: number }>`
            SELECT (SELECT count(*) FROM message_media WHERE state = 'waiting') + (SELECT count(*) FROM leaf_pending) AS rest`.execute(
            db,
          )
          return rows[0]?.rest === 0
        }),
      FILES_MS,
    )
  }

  async ask<T>(question: (premises: Premises) => Promise<T>): Promise<T> {
    const premises = await openPremises(loadConfig(this.#env), createLog('silent'), { mode: 'command' })
    try {
      return await question(premises)
    } finally {
      await premises.close()
    }
  }

  #spawn(...args: string[]): ChildProcess {
    return spawn(process.execPath, [TONGJIAN, ...args], {
      env: { ...this.#env, PATH: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  }

  #postmaster(): number | null {
    const file = join(this.#data, 'postgres', 'postmaster.pid')
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) || null : null
  }

  async #until(what: string, holds: () => Promise<boolean>, patience = PATIENCE_MS): Promise<void> {
    const deadline = performance.now() + patience
    while (!(await holds().catch(() => false))) {
      if (performance.now() > deadline) throw new Error(`it did not come to pass: ${what}`)
      if (this.#server?.exitCode !== null && this.#server?.exitCode !== undefined)
        throw new Error(`the server ended with ${this.#server.exitCode}`)
      await wait(300)
    }
  }
}

/** It says so on its first line. */
async function started(child: ChildProcess): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve())
    child.once('exit', code => reject(new Error(`it ended with ${code} before it had started`)))
  })
  child.stdout?.resume()
}

async function ended(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill(signal)
  await gone
}
