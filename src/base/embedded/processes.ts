import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** With /proc (Linux) a process is told from a later one of the same number; without, only by its number. */
const HAS_PROC = existsSync('/proc/self/stat')
const UNKNOWN_START = '0'

/** When the process started (clock ticks since boot, proc(5) field 22), or undefined when it does not run. */
export function startOf(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  if (HAS_PROC) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      // The name (field 2) may hold spaces and brackets, so count from the last bracket: state is field 3.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      // A zombie waits for a parent that may never collect it (node as process 1 of a container).
      return fields[0] === 'Z' || fields[0] === 'X' ? undefined : (fields[19] ?? UNKNOWN_START)
    } catch {
      // Gone, or hidden from us by hidepid: ask the kernel.
    }
  }
  try {
    process.kill(pid, 0)
    return UNKNOWN_START
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? UNKNOWN_START : undefined
  }
}

/** Whether the process that had this number at that start still runs. */
export function runsSince(pid: number, start: string): boolean {
  const current = startOf(pid)
  if (current === undefined) return false
  return current === start || current === UNKNOWN_START || start === UNKNOWN_START
}

/**
 * Whether this process is the postmaster of that cluster; undefined where one cannot tell. Its command line names the
 * cluster and all may read it; its working folder is the cluster even after a move, but a container's root may not see it.
 */
export function isPostmasterOf(pid: number, cluster: string): boolean | undefined {
  if (!HAS_PROC) return undefined
  try {
    const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
    return line.includes(cluster) || worksIn(pid, cluster)
  } catch {
    return undefined
  }
}

/** PostgreSQL processes of that cluster, as far as we may see them. */
export function backendsOf(cluster: string): number[] {
  if (!HAS_PROC) return []
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => worksIn(pid, cluster) && isNamed(pid, 'postgres'))
}

function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder
  } catch {
    return false
  }
}

function isNamed(pid: number, name: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name
  } catch {
    return false
  }
}
