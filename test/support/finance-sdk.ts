import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type StandIn = {
  library: string
  sha256: string
  /** Settings that make an institution capture through it. */
  env: Record<string, string>
  /** Lines `FUNCTION ACTION ARGUMENT TIMES` (see standin.c), in place of those before. */
  misbehave(...lines: string[]): void
  /** What it was asked, across restarts. */
  log(): string[]
}

const SOURCE = join(import.meta.dirname, 'finance-sdk', 'standin.c')

/** A copy of the stand-in for Tencent's library in a folder of the test's own, with the simulator at `url` behind it. */
export function standIn(folder: string, url: string): StandIn {
  const home = join(folder, 'sdk')
  mkdirSync(home, { recursive: true })
  const library = join(home, 'libWeWorkFinanceSdk_C.so')
  copyFileSync(compiled(), library)
  const misbehave = (...lines: string[]): void => {
    for (const name of readdirSync(home).filter(one => one.startsWith('used.'))) rmSync(join(home, name))
    writeFileSync(join(home, 'standin.conf.new'), `${[`url ${url}`, ...lines].join('\n')}\n`)
    // At once, since it may be reading.
    renameSync(join(home, 'standin.conf.new'), join(home, 'standin.conf'))
  }
  misbehave()
  const sha256 = createHash('sha256').update(readFileSync(library)).digest('hex')
  const log = join(home, 'standin.log')
  return {
    library,
    sha256,
    env: { WECOM_ARCHIVE_SOURCE: 'sdk', WECOM_SDK_LIBRARY: library, WECOM_SDK_SHA256: sha256 },
    misbehave,
    log: () => (existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []),
  }
}

/** Compiled once for each version of the source. */
function compiled(): string {
  const key = createHash('sha256').update(readFileSync(SOURCE)).digest('hex').slice(0, 16)
  const output = join(tmpdir(), `tongjian-standin-${process.arch}-${key}.so`)
  if (existsSync(output)) return output
  const draft = `${output}.${process.pid}`
  const gcc = spawnSync('gcc', ['-shared', '-fPIC', '-O2', '-Wall', '-Werror', '-o', draft, SOURCE], {
    encoding: 'utf8',
  })
  if (gcc.error)
    throw new Error('the stand-in for the Finance SDK needs gcc: install it (apt-get install gcc)')
  if (gcc.status !== 0) throw new Error(`gcc refused the stand-in:\n${gcc.stderr}`)
  renameSync(draft, output)
  return output
}
