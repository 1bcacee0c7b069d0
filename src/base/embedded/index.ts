import { after, monotonic } from '../clock.ts'
import { fail } from '../errors.ts'
import type { Log } from '../log.ts'
import { type Binaries, findBinaries } from './binaries.ts'
import { ensureCluster, isCluster } from './cluster.ts'
import { type Holder, hold, holders, inTurn, release, type Word } from './holders.ts'
import { findPlace, openDataFolder, type Place, runFolder, saveRecord } from './place.ts'
import {
  adopt,
  livePostmaster,
  type Postmaster,
  startPostmaster,
  stopPostmaster,
  trouble,
} from './postmaster.ts'
import { checkConnection, DATABASE, ensureRoles } from './roles.ts'
import { clusterSecrets, type Secrets } from './secrets.ts'
import { writeSettings } from './settings.ts'

export type EmbeddedOptions = {
  dataDir: string
  /** A second live server on the folder is refused (`data.in_use`); commands share what runs. */
  mode: Word
  log?: Log
  /** Tests only: do not force anything to disk. */
  throwaway?: boolean
}

export type Embedded = {
  ownerUrl(database?: string): string
  appUrl(database?: string): string
  purgeUrl(database?: string): string
  readonly port: number
  readonly pid: number
  /** PostgreSQL was already running: another process of ours uses it, or a killed one left it. */
  readonly adopted: boolean
  readonly role: 'server' | 'client'
  /** Start PostgreSQL again if it died, on the same port where possible. True when it had died. */
  revive(): Promise<boolean>
  /** True while no other live process of ours uses this folder. */
  alone(): boolean
  /** Leave; the last to leave stops PostgreSQL. */
  stop(): Promise<void>
}

/** A server that is being killed or restarted is gone within this time. */
const SERVER_GRACE_MS = 1000
const SERVER_POLL_MS = 50

type Running = {
  place: Place
  binaries: Binaries
  secrets: Secrets
  postmaster: Postmaster
  adopted: boolean
}

/** Bring up the PostgreSQL of a data folder, or join the one that runs there. */
export async function startEmbedded(options: EmbeddedOptions): Promise<Embedded> {
  const dataDir = openDataFolder(options.dataDir)
  const begun = monotonic()
  for (;;) {
    const outcome = await inTurn(runFolder(dataDir), () => enter(dataDir, options))
    if (!('refusedBy' in outcome)) return outcome
    if (monotonic() - begun > SERVER_GRACE_MS) throw inUse(outcome.refusedBy, dataDir)
    // Not inside the turn: the other server needs its own to leave.
    await after(SERVER_POLL_MS)
  }
}

async function enter(dataDir: string, options: EmbeddedOptions): Promise<Embedded | { refusedBy: Holder }> {
  const run = runFolder(dataDir)
  const server = options.mode === 'server' && holders(run).find(holder => holder.word === 'server')
  if (server) return { refusedBy: server }
  const holder = hold(run, options.mode)
  try {
    return handle(await bringUp(dataDir, options), holder, options)
  } catch (error) {
    release(run, holder)
    throw error
  }
}

function inUse(other: Holder, dataDir: string): Error {
  return fail('data.in_use', {
    pid: other.pid,
    folder: dataDir,
    hint: `process ${other.pid} is already serving ${dataDir}; stop it, or give this one another folder in TONGJIAN_DATA`,
  })
}

async function bringUp(dataDir: string, options: EmbeddedOptions): Promise<Running> {
  const place = findPlace(dataDir)
  const binaries = findBinaries(place.account, place.copies)
  const secrets = clusterSecrets(dataDir, isCluster(place.cluster))
  await ensureCluster(place, binaries, secrets.superuser)
  const found = await adopt(place.cluster)
  const postmaster = found ?? (await start(place, binaries, options))
  const running: Running = { place, binaries, secrets, postmaster, adopted: found !== undefined }
  try {
    if (place.record.prepared) await checkConnection(url(running, 'owner', DATABASE))
    else {
      await ensureRoles(url(running, 'superuser', 'postgres'), secrets)
      saveRecord(place, { prepared: true })
    }
  } catch (error) {
    if (!found) await stopPostmaster(place.cluster, binaries)
    throw trouble(place.cluster, `PostgreSQL runs but does not let us in (${String(error)})`, error)
  }
  return running
}

async function start(place: Place, binaries: Binaries, options: EmbeddedOptions): Promise<Postmaster> {
  writeSettings(place.cluster, place.account, options.throwaway ?? false)
  const postmaster = await startPostmaster(place.cluster, binaries, place.record.port)
  if (postmaster.port !== place.record.port) saveRecord(place, { port: postmaster.port })
  options.log?.info({ pid: postmaster.pid, port: postmaster.port }, 'embedded PostgreSQL started')
  return postmaster
}

const USERS = {
  superuser: 'postgres',
  owner: 'tongjian_owner',
  app: 'tongjian_app',
  purge: 'tongjian_purge',
} as const

function url(running: Running, who: keyof typeof USERS, database: string): string {
  return `postgres://${USERS[who]}:${running.secrets[who]}@127.0.0.1:${running.postmaster.port}/${encodeURIComponent(database)}`
}

function handle(running: Running, holder: Holder, options: EmbeddedOptions): Embedded {
  const { place, binaries } = running
  let left: Promise<void> | undefined
  return {
    ownerUrl: (database = DATABASE) => url(running, 'owner', database),
    appUrl: (database = DATABASE) => url(running, 'app', database),
    purgeUrl: (database = DATABASE) => url(running, 'purge', database),
    get port() {
      return running.postmaster.port
    },
    get pid() {
      return running.postmaster.pid
    },
    adopted: running.adopted,
    role: options.mode === 'server' ? 'server' : 'client',
    revive: () =>
      inTurn(place.run, async () => {
        const found = await adopt(place.cluster)
        if (found?.pid === running.postmaster.pid || left) return false
        running.postmaster = found ?? (await start(place, binaries, options))
        return true
      }),
    alone: () => holders(place.run).every(other => other.pid === process.pid),
    stop: () => {
      left ??= leave(running, holder, options)
      return left
    },
  }
}

function leave({ place, binaries }: Running, holder: Holder, options: EmbeddedOptions): Promise<void> {
  return inTurn(place.run, async () => {
    release(place.run, holder)
    if (holders(place.run).length > 0) return
    const running = livePostmaster(place.cluster)
    await stopPostmaster(place.cluster, binaries)
    if (running) options.log?.info({ pid: running.pid }, 'embedded PostgreSQL stopped')
  })
}
