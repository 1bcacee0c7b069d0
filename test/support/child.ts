import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export type Child = {
  pid: number
  /** The next line it prints; undefined once it has ended. */
  line(): Promise<string | undefined>
  /** Let it go on where it waits for its standard input to close. */
  release(): void
  kill(): void
  /** Its exit code, or undefined when a signal ended it. */
  ended: Promise<number | undefined>
  /** All it wrote to standard error. */
  complaint(): string
}

/** A Node process of its own that runs a module given as text: for what must survive a kill -9. */
export function startChild(code: string, account: { uid?: number; gid?: number } = {}): Child {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', code], {
    ...account,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let complaint = ''
  child.stderr.on('data', chunk => {
    complaint += chunk
  })
  child.stdin.on('error', () => undefined)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const ended = new Promise<number | undefined>(done => {
    child.once('close', exit => done(exit ?? undefined))
  })
  return {
    pid: child.pid ?? 0,
    line: async () => (await lines.next()).value,
    release: () => child.stdin.end(),
    kill: () => child.kill('SIGKILL'),
    ended,
    complaint: () => complaint,
  }
}

/** In a child's code: wait until the test calls `release`. */
export const UNTIL_RELEASED = "await new Promise(done => process.stdin.on('end', done).resume());"
