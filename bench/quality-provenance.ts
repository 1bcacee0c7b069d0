import { execFileSync } from 'node:child_process'
import { resolve } from 'node:path'
import type { Dated, Provenance } from './quality-report.ts'

const ROOT = resolve(import.meta.dirname, '..')

const git = (...args: string[]): string =>
  execFileSync('git', ['-C', ROOT, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trimEnd()

/** The first commit of a log with these terms; none in a shallow copy that does not reach back so far. */
function first(...terms: string[]): Dated | undefined {
  const [line] = git('log', '--reverse', '--format=%H %cs', ...terms).split('\n')
  const [commit, date] = (line ?? '').split(' ')
  return commit && date ? { commit, date } : undefined
}

function isBefore(earlier: Dated | undefined, later: Dated | undefined): boolean {
  if (!earlier || !later || earlier.commit === later.commit) return false
  try {
    git('merge-base', '--is-ancestor', earlier.commit, later.commit)
    return true
  } catch {
    return false
  }
}

/** What is scored, and whether the hash was there first. `own` are files the command reads or writes itself. */
export function provenance(hash: string, date: string, own: string[]): Provenance {
  const registered = first(`-S${hash}`, '--', 'docs/decisions')
  const tuning = first('--diff-filter=A', '--', 'src/detect/samples/tuning')
  const mine = new Set(own.map(file => resolve(file)))
  const dirty = git('-c', 'core.quotePath=false', 'status', '--porcelain', '--untracked-files=all')
    .split('\n')
    .map(line => line.slice(3))
    .filter(file => file !== '' && !mine.has(resolve(ROOT, file)))
  return {
    date,
    commit: git('rev-parse', 'HEAD'),
    dirty,
    registered,
    tuning,
    inTime: isBefore(registered, tuning),
  }
}
