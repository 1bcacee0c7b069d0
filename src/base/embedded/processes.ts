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

/** Processes working in exactly this folder (a PostgreSQL process works in its cluster); undefined without /proc. */
export function processesIn(folder: string): number[] | undefined {
  if (!HAS_PROC) return undefined
  return readdirSync('/proc')
    .filter(name => /^\d+$/.test(name))
    .map(Number)
    .filter(pid => worksIn(pid, folder))
}

function worksIn(pid: number, folder: string): boolean {
  try {
    return readlinkSync(`/proc/${pid}/cwd`) === folder
  } catch {
    return false
  }
}
