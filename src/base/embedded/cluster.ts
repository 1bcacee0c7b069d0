import { spawn } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { after } from '../clock.ts'
import type { Account } from './account.ts'
import { type Binaries, program } from './binaries.ts'
import { syncFolder } from './json-file.ts'
import type { Place } from './place.ts'

const DRAFT = 'postgres.draft-'
const INITDB_WAIT_MS = 120_000

/**
 * Make the cluster if there is none. It is made in a draft folder and renamed when it is complete and on disk, so a
 * half-made one never has the cluster's name: what a killed process left behind is a draft, and is swept away.
 */
export async function ensureCluster(place: Place, binaries: Binaries, superuserPassword: string) {
  sweepDrafts(place.parent)
  if (existsSync(place.cluster) && readdirSync(place.cluster).length === 0) rmdirSync(place.cluster)
  if (existsSync(place.cluster)) {
    requireVersion(place, binaries)
    if (place.account && statSync(place.cluster).uid === 0) giveAll(place.account, place.cluster)
    // PostgreSQL refuses a cluster that others may read, as a copy often is.
    chmodSync(place.cluster, 0o700)
    return
  }
  const draft = mkdtempSync(join(place.parent, DRAFT))
  try {
    chmodSync(draft, 0o700)
    const passwordFile = join(draft, 'password')
    writeFileSync(passwordFile, superuserPassword, { mode: 0o600 })
    giveTo(place.account, draft, passwordFile)
    await initdb(binaries, join(draft, 'cluster'), passwordFile, place.account)
    renameSync(join(draft, 'cluster'), place.cluster)
    syncFolder(place.parent)
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
}

function giveTo(account: Account | undefined, ...paths: string[]): void {
  if (account) for (const path of paths) chownSync(path, account.uid, account.gid)
}

/** A cluster that root copied belongs to root, whom PostgreSQL refuses. */
function giveAll(account: Account, folder: string): void {
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    lchownSync(join(folder, name), account.uid, account.gid)
  }
  lchownSync(folder, account.uid, account.gid)
}

function sweepDrafts(parent: string): void {
  for (const name of readdirSync(parent).filter(entry => entry.startsWith(DRAFT))) {
    try {
      rmSync(join(parent, name), { recursive: true, force: true, maxRetries: 3 })
    } catch {
      // An initdb that outlived its starter may still be writing there; it fails by itself, the next start sweeps again.
    }
  }
}

export function isCluster(folder: string): boolean {
  return existsSync(join(folder, 'PG_VERSION'))
}

function requireVersion(place: Place, binaries: Binaries): void {
  if (!isCluster(place.cluster)) {
    throw new Error(`${place.cluster} is not a PostgreSQL cluster: move it away and start again`)
  }
  const found = Number.parseInt(readFileSync(join(place.cluster, 'PG_VERSION'), 'utf8'), 10)
  if (found !== binaries.major) {
    throw new Error(
      `${place.cluster} was made by PostgreSQL ${found} and this is ${binaries.major}: install the Tongjian release that made it, back up there, and restore here`,
    )
  }
}

async function initdb(
  binaries: Binaries,
  cluster: string,
  passwordFile: string,
  account: Account | undefined,
): Promise<void> {
  const options = [
    ['-D', cluster],
    ['-U', 'postgres'],
    [`--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
    ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ['--data-checksums'],
  ].flat()
  const { uid, gid } = account ?? {}
  const child = spawn(program(binaries, 'initdb'), options, {
    uid,
    gid,
    cwd: binaries.root,
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk))
  const ended = new Promise<string>(done => {
    child.once('error', error => done(error.message))
    child.once('close', (code, signal) => done(code === 0 ? '' : `ended with ${signal ?? code}`))
  })
  const stop = new AbortController()
  const late = after(INITDB_WAIT_MS, stop.signal).then(() => `took more than ${INITDB_WAIT_MS / 1000} s`)
  const trouble = await Promise.race([ended, late])
  stop.abort()
  if (trouble === '') return
  child.kill('SIGKILL')
  throw new Error(`initdb of the embedded PostgreSQL ${trouble}:\n${said.slice(-2000)}`)
}
