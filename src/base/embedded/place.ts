import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { fail } from '../errors.ts'
import { type Account, canReach, isRoot, ownerOf, unprivileged } from './account.ts'
import { readJson, writeJson } from './json-file.ts'

/** Where a cluster goes when PostgreSQL's account cannot reach the data folder (a clone under a 0700 home, as root). */
const SHARED = '/var/lib/tongjian'

const record = z.object({
  id: z.string(),
  /** Folder above the cluster when it is outside the data folder. */
  outside: z.string().optional(),
  port: z.number().optional(),
  /** The roles and the database were made. */
  prepared: z.boolean(),
})
export type PlaceRecord = z.infer<typeof record>

export type Place = {
  dataDir: string
  /** Files that say who uses the folder. */
  run: string
  /** Folder above the cluster. */
  parent: string
  cluster: string
  /** Where a copy of the binaries goes if one is needed. */
  copies: string
  account: Account | undefined
  record: PlaceRecord
}

/** Make the data folder, as closed as PostgreSQL's account allows, and return its real path. */
export function openDataFolder(dataDir: string): string {
  if (!existsSync(dataDir)) {
    mkdirSync(dataDir, { recursive: true })
    chmodSync(dataDir, isRoot() ? 0o711 : 0o700)
  }
  return realpathSync(dataDir)
}

/** Holds the names of those who use the data folder. */
export function runFolder(dataDir: string): string {
  return join(dataDir, 'run')
}

/** Find the cluster of this data folder, or decide where a new one goes. Call in turn. */
export function findPlace(dataDir: string): Place {
  const known = readJson(join(dataDir, 'postgres.json'), record)
  const chosen = known ?? choose(dataDir)
  const parent = chosen.outside ?? dataDir
  const cluster = join(parent, 'postgres')
  if (chosen.outside) claim(chosen.outside, dataDir)
  const place: Place = {
    dataDir,
    run: runFolder(dataDir),
    parent,
    cluster,
    copies: isRoot() ? join(SHARED, 'bin') : join(dataDir, 'bin'),
    account: existsSync(cluster) ? ownerOf(cluster) : unprivileged(),
    record: chosen,
  }
  if (!known) saveRecord(place, {})
  requireReach(place)
  return place
}

export function saveRecord(place: Place, change: Partial<PlaceRecord>): void {
  Object.assign(place.record, change)
  writeJson(join(place.dataDir, 'postgres.json'), place.record)
}

function choose(dataDir: string): PlaceRecord {
  const id = randomBytes(8).toString('hex')
  const inside = existsSync(join(dataDir, 'postgres')) || canReach(dataDir, unprivileged())
  if (inside) return { id, prepared: false }
  const outside = join(SHARED, id)
  mkdirSync(outside, { recursive: true })
  chmodSync(SHARED, 0o755)
  chmodSync(outside, 0o711)
  return { id, outside, prepared: false }
}

/** A copied data folder would share the cluster of the first without knowing of its users; a moved one may go on. */
function claim(outside: string, dataDir: string): void {
  if (!existsSync(outside)) {
    throw new Error(
      `${dataDir}/postgres.json says the database is in ${outside}, which is gone: restore it, or for an empty database delete ${dataDir}/postgres.json`,
    )
  }
  const note = join(outside, 'data-folder')
  const before = existsSync(note) ? readFileSync(note, 'utf8').trim() : dataDir
  if (before !== dataDir && existsSync(join(before, 'postgres.json'))) {
    throw fail('data.in_use', {
      folder: dataDir,
      hint: `${dataDir} is a copy of ${before} and both name the database in ${outside}; use backup and restore to make a second one`,
    })
  }
  writeFileSync(note, `${dataDir}\n`, { mode: 0o600 })
}

function requireReach(place: Place): void {
  if (canReach(place.parent, place.account)) return
  throw new Error(
    `PostgreSQL runs as ${place.account?.name}, which cannot reach ${place.parent}: chmod o+x that folder and those above it`,
  )
}
