import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import {
  chownSync,
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, monotonic } from '../clock.ts'
import { commandEnvironment } from '../config.ts'
import { type Account, ownerOf } from './account.ts'
import { type Binaries, program } from './binaries.ts'
import { backendsOf, isPostmasterOf, startOf } from './processes.ts'

export type Postmaster = { pid: number; port: number; status: string }

const POLL_MS = 10
/** Recovery replays at most about max_wal_size (2 GB): a minute and a half on a slow disk. */
const READY_WAIT_MS = 120_000
/** A fast shutdown writes at most shared_buffers (256 MB) and a checkpoint. */
const FAST_STOP_MS = 60_000
const IMMEDIATE_STOP_MS = 10_000
/** Backends of a killed postmaster notice at their next wait, and a busy one only at the end of its work. */
const ORPHAN_WAIT_MS = 30_000
const ANSWER_WAIT_MS = 2000
const STRANGER_WAIT_MS = 5000
const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex')
/** Above every pid_max, so never alive. */
const NOBODY = '2147483647'
const LOG_LIMIT = 16 * 1024 * 1024
const TAIL_BYTES = 2000

/** What postmaster.pid says (its lines are listed in PostgreSQL's miscadmin.h), if that process is of this cluster. */
export function livePostmaster(cluster: string): Postmaster | undefined {
  const file = join(cluster, 'postmaster.pid')
  if (!existsSync(file)) return undefined
  const lines = readFileSync(file, 'utf8').split('\n')
  const pid = Number(lines[0])
  // The number may be another process by now.
  if (startOf(pid) === undefined || isPostmasterOf(pid, cluster) === false) return undefined
  return { pid, port: Number(lines[3] ?? 0), status: (lines[7] ?? '').trim() }
}

/** Adopt the postmaster that runs, or wait out one that is starting, stopping or being killed. */
export async function adopt(cluster: string): Promise<Postmaster | undefined> {
  const begun = monotonic()
  for (;;) {
    const found = livePostmaster(cluster)
    if (!found) return undefined
    if (found.status === 'ready' && (await answers(found.port))) return found
    const waited = monotonic() - begun
    // Where one cannot tell whose process it is, a silent port is the sign that the number is a stranger's.
    if (waited > STRANGER_WAIT_MS && isPostmasterOf(found.pid, cluster) === undefined) return undefined
    if (waited > READY_WAIT_MS) {
      throw trouble(cluster, `PostgreSQL (process ${found.pid}) is "${found.status}" and does not answer`)
    }
    await after(POLL_MS)
  }
}

/**
 * Whether a postmaster answers there. The kernel takes connections for a process that is being killed, so ask something
 * for which it must start a backend: "do you speak TLS?" (SSLRequest, PostgreSQL protocol §54.7), answered by one byte.
 */
function answers(port: number): Promise<boolean> {
  return new Promise(done => {
    const socket = connect({ port, host: '127.0.0.1' })
    const end = (answer: boolean) => {
      socket.destroy()
      done(answer)
    }
    socket.once('connect', () => socket.write(SSL_REQUEST))
    socket.once('data', () => end(true))
    socket.once('error', () => end(false)).once('close', () => end(false))
    socket.setTimeout(ANSWER_WAIT_MS, () => end(false))
  })
}

/** Start a postmaster that outlives this process; `preferred` is the port it had last time. */
export async function startPostmaster(
  cluster: string,
  binaries: Binaries,
  preferred: number | undefined,
): Promise<Postmaster> {
  disown(cluster)
  const begun = monotonic()
  let port = await freePort(preferred)
  for (;;) {
    const from = prepareLog(cluster)
    const child = launch(cluster, binaries, port)
    const ready = await waitReady(cluster, child)
    if (ready) return ready
    const said = logSince(cluster, from)
    const portTaken = /could not (bind|create any TCP)/.test(said)
    const worthWaiting = portTaken || said.includes('pre-existing shared memory block')
    if (!worthWaiting || monotonic() - begun > ORPHAN_WAIT_MS) {
      throw trouble(cluster, 'PostgreSQL does not start')
    }
    if (portTaken) port = await freePort(undefined)
    await after(100)
  }
}

function launch(cluster: string, binaries: Binaries, port: number): ChildProcess {
  const { uid, gid } = ownerOf(cluster) ?? {}
  const log = openSync(join(cluster, 'postgres.log'), 'a', 0o600)
  try {
    // A session of its own: neither Ctrl-C in the shell nor the death of this process reaches it.
    const child = spawn(program(binaries, 'postgres'), ['-D', cluster, '-p', String(port)], {
      uid,
      gid,
      cwd: binaries.root,
      // Who has every right in the database can read its environment; our secrets are none of its business.
      env: commandEnvironment(),
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
    })
    child.once('error', () => undefined)
    child.unref()
    return child
  } finally {
    closeSync(log)
  }
}

/** undefined when it ended instead. */
async function waitReady(cluster: string, child: ChildProcess): Promise<Postmaster | undefined> {
  const begun = monotonic()
  for (;;) {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return undefined
    const found = livePostmaster(cluster)
    if (found?.pid === child.pid && found.status === 'ready') return found
    if (monotonic() - begun > READY_WAIT_MS) {
      child.kill('SIGQUIT')
      throw trouble(cluster, `PostgreSQL is not ready after ${READY_WAIT_MS / 1000} s`)
    }
    await after(POLL_MS)
  }
}

/**
 * A killed postmaster leaves its file, and backends that may still write; starting beside them would ruin the cluster.
 * PostgreSQL refuses while they hold the shared memory the file names, so the file stays; only its process number goes,
 * which may be a stranger's by now and would be taken for a living postmaster. The backends are told to quit.
 */
function disown(cluster: string): void {
  const file = join(cluster, 'postmaster.pid')
  if (!existsSync(file)) return
  const lines = readFileSync(file, 'utf8').split('\n')
  lines[0] = NOBODY
  writeFileSync(file, lines.join('\n'))
  for (const pid of backendsOf(cluster)) send(pid, 'SIGQUIT')
}

export async function stopPostmaster(cluster: string, binaries: Binaries): Promise<void> {
  const found = livePostmaster(cluster)
  if (!found) return
  const start = startOf(found.pid)
  for (const [signal, mode, wait] of [
    ['SIGINT', 'fast', FAST_STOP_MS],
    ['SIGQUIT', 'immediate', IMMEDIATE_STOP_MS],
  ] as const) {
    signalStop(cluster, binaries, found.pid, signal, mode)
    const begun = monotonic()
    while (monotonic() - begun < wait) {
      if (startOf(found.pid) !== start) return
      await after(POLL_MS)
    }
  }
  throw trouble(cluster, `PostgreSQL (process ${found.pid}) does not stop`)
}

function signalStop(cluster: string, binaries: Binaries, pid: number, signal: NodeJS.Signals, mode: string) {
  if (process.platform === 'win32') {
    // There are no signals to send there; pg_ctl speaks to the postmaster through its pipe.
    spawnSync(program(binaries, 'pg_ctl'), ['stop', '-W', '-D', cluster, '-m', mode], { windowsHide: true })
    return
  }
  send(pid, signal)
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The port of last time if nobody took it, else any free one. */
async function freePort(preferred: number | undefined): Promise<number> {
  return (preferred && (await tryPort(preferred))) || (await tryPort(0)) || 0
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise(done => {
    const probe = createServer()
    probe.once('error', () => done(undefined))
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => done(typeof address === 'object' ? address?.port : undefined))
    })
  })
}

/** Open the log for the account that runs PostgreSQL; one old log is kept. Returns where the next start's lines begin. */
function prepareLog(cluster: string): number {
  const file = join(cluster, 'postgres.log')
  if (existsSync(file) && statSync(file).size > LOG_LIMIT) renameSync(file, `${file}.1`)
  const fd = openSync(file, 'a', 0o600)
  closeSync(fd)
  const account: Account | undefined = ownerOf(cluster)
  if (account) chownSync(file, account.uid, account.gid)
  return statSync(file).size
}

function logSince(cluster: string, from: number): string {
  const file = join(cluster, 'postgres.log')
  if (!existsSync(file)) return ''
  const fd = openSync(file, 'r')
  try {
    const size = fstatSync(fd).size
    const start = Math.max(from, size - TAIL_BYTES)
    const bytes = Buffer.alloc(Math.max(0, size - start))
    readSync(fd, bytes, 0, bytes.length, start)
    return bytes.toString('utf8')
  } finally {
    closeSync(fd)
  }
}

/** An error with what PostgreSQL said last. */
export function trouble(cluster: string, what: string, cause?: unknown): Error {
  const said = logSince(cluster, 0).trim()
  return new Error(`${what}; the end of ${join(cluster, 'postgres.log')}:\n${said || '(empty)'}`, { cause })
}
