import { setTimeout as wait } from 'node:timers/promises'

/** Do it after `first` ms (0: now) and then every `ms`, until stopped; what fails is told and tried at the next turn. */
export function repeat(
  ms: number,
  first: number,
  work: (signal: AbortSignal) => Promise<void>,
  told: (error: unknown) => void,
): { stop(): Promise<void> } {
  const abort = new AbortController()
  const pause = (length: number): Promise<unknown> =>
    wait(length, undefined, { signal: abort.signal }).catch(() => undefined)
  const loop = async (): Promise<void> => {
    if (first > 0) await pause(first)
    while (!abort.signal.aborted) {
      await work(abort.signal).catch(told)
      await pause(ms)
    }
  }
  const running = loop()
  return {
    async stop() {
      abort.abort()
      await running
    },
  }
}
