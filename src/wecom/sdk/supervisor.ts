import { type ChildProcess, fork } from 'node:child_process'
import { setTimeout as wait } from 'node:timers/promises'
import { type Fault, fail } from '../../base/index.ts'
import { sdkFault } from './errors.ts'
import type { SdkAnswer, SdkRequest, SdkResults } from './protocol.ts'

export type SdkProcessOptions = {
  library: string
  /** SHA-256 of the libraries that may be loaded, checked again at every start. */
  known: string[]
  corpid: string
  secret: string
  /** Waits before the first, second … restart in a row; the last one holds from there on. */
  backoffMs?: number[]
  /** A child that holds more bytes after a call is replaced before the next one. */
  rssLimit?: number
}

export type Vitals = { pid: number | undefined; rss: number; starts: number; crashes: number }

const BACKOFF_MS = [100, 500, 2000, 5000, 15_000]
/** Node and the library take 60–90 MB and a page some more; what lies above this leaks. */
const RSS_LIMIT = 512 << 20
/** Loading, hashing 10 MB and a busy machine. */
const OPEN_DEADLINE_MS = 20_000
const CLOSE_DEADLINE_MS = 2000
/** V8 keeps young garbage in proportion to its semi-space; a page's buffers lie outside, so a small one costs nothing. */
const EXEC_ARGV = ['--max-semi-space-size=2', '--max-old-space-size=256']

type Running = { child: ChildProcess; gone: AbortSignal }

/** The child could not serve the call: it aborted or had to be killed. Its next call starts another one. */
export function isCrash(error: unknown): error is Fault {
  return (error as Partial<Fault> | null)?.code === 'sdk.crashed'
}

/** One child process with Tencent's library: started when first needed, killed when it hangs, started again after. */
export class SdkProcess {
  readonly #options: SdkProcessOptions
  readonly #closed = new AbortController()
  #running: Running | undefined
  #queue: Promise<unknown> = Promise.resolve()
  #id = 0
  #inRow = 0
  #vitals: Vitals = { pid: undefined, rss: 0, starts: 0, crashes: 0 }

  constructor(options: SdkProcessOptions) {
    this.#options = options
  }

  vitals(): Vitals {
    return { ...this.#vitals }
  }

  /**
   * One call, after those before it. Throws `sdk.crashed` when the child ended or passed the deadline (milliseconds),
   * `sdk.library` when the library may not or cannot be loaded, and what Init's rc means.
   */
  call<Op extends SdkRequest['op']>(
    request: Extract<SdkRequest, { op: Op }>,
    deadlineMs: number,
  ): Promise<SdkResults[Op]> {
    const turn = this.#queue.then(() => this.#serve(request, deadlineMs))
    this.#queue = turn.catch(() => undefined)
    return turn as Promise<SdkResults[Op]>
  }

  /** A fresh handle for the next call: the library's token may have died with the old one. */
  renew(): Promise<void> {
    const turn = this.#queue.then(() => this.#retire())
    this.#queue = turn
    return turn
  }

  /** DestroySdk and an orderly end when it is idle; a call that does not return is cut off. */
  async close(): Promise<void> {
    this.#closed.abort()
    const stop = new AbortController()
    await Promise.race([this.#queue, after(CLOSE_DEADLINE_MS, stop.signal)])
    stop.abort()
    await this.#retire()
  }

  async #serve(request: SdkRequest, deadlineMs: number): Promise<unknown> {
    const running = this.#running ?? (await this.#start())
    const answer = await this.#ask(running, request, deadlineMs)
    this.#inRow = 0
    if (answer.rss > (this.#options.rssLimit ?? RSS_LIMIT)) await this.#retire()
    return answer.result
  }

  async #start(): Promise<Running> {
    const waits = this.#options.backoffMs ?? BACKOFF_MS
    if (this.#inRow > 0) {
      await after(waits[Math.min(this.#inRow, waits.length) - 1] ?? 0, this.#closed.signal)
    }
    if (this.#closed.signal.aborted) throw fail('sdk.crashed', { how: 'closed' })
    const running = this.#fork()
    const { library, known, corpid, secret } = this.#options
    const opened = await this.#ask(running, { op: 'open', library, known, corpid, secret }, OPEN_DEADLINE_MS)
    const { rc } = opened.result as SdkResults['open']
    if (rc !== 0) {
      this.#inRow += 1
      await this.#retire()
      throw sdkFault({ api: 'Init', rc, errcode: 0 })
    }
    return running
  }

  #fork(): Running {
    const gone = new AbortController()
    const child = fork(new URL('./child.ts', import.meta.url), [], {
      serialization: 'advanced',
      execArgv: EXEC_ARGV,
      // No settings, no passwords: it gets what it needs by message. What the library prints may hold content.
      env: {},
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const running = { child, gone: gone.signal }
    child.on('error', () => gone.abort('error'))
    child.on('exit', (code, signal) => gone.abort(signal ?? `exit ${code}`))
    this.#running = running
    this.#vitals = { ...this.#vitals, pid: child.pid, rss: 0, starts: this.#vitals.starts + 1 }
    return running
  }

  async #ask(
    running: Running,
    request: SdkRequest,
    deadlineMs: number,
  ): Promise<{ rss: number; result: unknown }> {
    const id = ++this.#id
    const answer = await converse(running, { id, request }, deadlineMs)
    if (answer === 'hung') {
      running.child.kill('SIGKILL')
      await ended(running)
    }
    if (answer === 'hung' || answer === 'gone') {
      if (this.#running === running) this.#running = undefined
      this.#inRow += 1
      this.#vitals = { ...this.#vitals, pid: undefined, crashes: this.#vitals.crashes + 1 }
      throw fail('sdk.crashed', {
        api: request.op,
        how: answer === 'hung' ? `no answer within ${deadlineMs} ms` : String(running.gone.reason),
        hint: '会话存档 SDK 进程异常退出，已自动重启，未丢消息 / the process of the Finance SDK ended; it is started again, nothing is lost',
      })
    }
    this.#vitals = { ...this.#vitals, rss: answer.rss }
    if ('result' in answer) return answer
    this.#inRow += 1
    await this.#retire()
    throw fail('sdk.library', {
      reason: answer.failed.reason === 'library' ? 'different' : 'unusable',
      library: this.#options.library,
      hint: `会话存档 SDK 不能使用：${answer.failed.message} / the Finance SDK cannot be used; run doctor`,
    })
  }

  /** End this child in order; the next call starts another. */
  async #retire(): Promise<void> {
    const running = this.#running
    this.#running = undefined
    this.#vitals = { ...this.#vitals, pid: undefined }
    if (!running || running.gone.aborted) return
    await converse(running, { id: ++this.#id, request: { op: 'close' } }, CLOSE_DEADLINE_MS)
    const left = new AbortController()
    await Promise.race([ended(running), after(CLOSE_DEADLINE_MS, left.signal)])
    left.abort()
    running.child.kill('SIGKILL')
    await ended(running)
  }
}

/** Ask and wait for the answer with the same id, the end of the child, or the deadline. */
function converse(
  { child, gone }: Running,
  message: { id: number; request: SdkRequest },
  deadlineMs: number,
): Promise<SdkAnswer | 'gone' | 'hung'> {
  return new Promise(resolve => {
    const timer = setTimeout(() => settle('hung'), deadlineMs)
    const onMessage = (answer: unknown): void => {
      if ((answer as SdkAnswer).id === message.id) settle(answer as SdkAnswer)
    }
    const onGone = (): void => settle('gone')
    function settle(outcome: SdkAnswer | 'gone' | 'hung'): void {
      clearTimeout(timer)
      child.off('message', onMessage)
      gone.removeEventListener('abort', onGone)
      resolve(outcome)
    }
    if (gone.aborted) return settle('gone')
    child.on('message', onMessage)
    gone.addEventListener('abort', onGone)
    // A failed send means that it is ending: the exit tells how.
    child.send(message, () => undefined)
  })
}

function ended({ gone }: Running): Promise<void> {
  return new Promise(resolve => {
    if (gone.aborted) resolve()
    else gone.addEventListener('abort', () => resolve(), { once: true })
  })
}

/** The signal ends the wait early, without an error. */
async function after(ms: number, signal: AbortSignal): Promise<void> {
  await wait(ms, undefined, { signal }).catch(() => undefined)
}
