import { type ChildProcess, fork } from 'node:child_process'
import type { ReadAnswer, ReadRequest } from './protocol.ts'

/** A picture takes a second on a busy machine, a scanned contract of 20 pages twenty. */
const DEADLINE_MS = 90_000
/** The models hold some 300 MB; nobody pays for them while no pictures come. */
const IDLE_MS = 60_000
const EXEC_ARGV = ['--max-old-space-size=512', '--max-semi-space-size=4']

export type FileAnswer = Omit<ReadAnswer, 'id' | 'reason'> & { reason: string | null }
export type FileReader = { read(bytes: Buffer, name: string): Promise<FileAnswer>; close(): void }

/** Reads files one at a time in a process of its own, started when needed, killed when it hangs or idles. */
export function openFileReader(deadlineMs: number = DEADLINE_MS): FileReader {
  let child: ChildProcess | undefined
  let idle: NodeJS.Timeout | undefined
  let count = 0
  const end = (): void => {
    clearTimeout(idle)
    child?.kill('SIGKILL')
    child = undefined
  }
  const start = (): ChildProcess => {
    const started = fork(new URL('./child.ts', import.meta.url), [], {
      serialization: 'advanced',
      execArgv: EXEC_ARGV,
      // No settings, no passwords; what a library prints of a file may be content.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    started.on('error', () => undefined)
    return started
  }
  const ask = (asked: ChildProcess, request: ReadRequest): Promise<FileAnswer> => {
    const { promise, resolve } = Promise.withResolvers<FileAnswer>()
    const lost = (): void => resolve({ texts: [], reason: 'crashed' })
    const heard = (answer: ReadAnswer): void => {
      if (answer.id === request.id) resolve({ texts: answer.texts, reason: answer.reason })
    }
    const timer = setTimeout(() => resolve({ texts: [], reason: 'timeout' }), deadlineMs)
    asked.on('message', heard).on('exit', lost)
    asked.send(request, error => (error ? lost() : undefined))
    return promise.finally(() => {
      clearTimeout(timer)
      asked.off('message', heard).off('exit', lost)
    })
  }
  return {
    async read(bytes, name) {
      clearTimeout(idle)
      child ??= start()
      const answer = await ask(child, { id: ++count, bytes, name })
      if (answer.reason === 'crashed' || answer.reason === 'timeout') end()
      else idle = setTimeout(end, IDLE_MS).unref()
      return answer
    },
    close: end,
  }
}
