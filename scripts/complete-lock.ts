import { readFileSync, writeFileSync } from 'node:fs'

/**
 * Run after changing dependencies (`npm run lock`). npm leaves optional platform packages out of the lock file when the
 * registry at hand does not carry them, and then refuses its own lock file (`npm ci`: "Missing: … from lock file").
 * This writes them in by what their parent demands, with the platform read from the name, so that every platform
 * skips them or fetches them as it should.
 */
type Entry = {
  version: string
  optional?: boolean
  dev?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}

const FILE = 'package-lock.json'
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const CPUS: Record<string, string> = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  ppc64: 'ppc64',
  riscv64: 'riscv64',
  s390x: 's390x',
}

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as { packages: Record<string, Entry> }
let added = 0
for (const parent of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    if (lock.packages[`node_modules/${name}`] || !/^\d/.test(version)) continue
    const parts = name.split(/[-/]/)
    const system = SYSTEMS.filter(known => parts.includes(known))
    const cpu = Object.keys(CPUS).filter(known => parts.includes(known))
    if (system.length === 0 || cpu.length === 0) throw new Error(`${name}: which platform is it for?`)
    const libc = parts.some(part => part.startsWith('musl'))
      ? ['musl']
      : parts.some(part => part.startsWith('gnu'))
        ? ['glibc']
        : undefined
    lock.packages[`node_modules/${name}`] = {
      version,
      ...(parent.dev ? { dev: true } : {}),
      optional: true,
      os: system,
      cpu,
      ...(libc ? { libc } : {}),
    }
    added += 1
  }
}
const sorted = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
process.stderr.write(`${added} platform packages written into the lock file\n`)
