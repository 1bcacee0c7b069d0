import { setTimeout as wait } from 'node:timers/promises'

export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 30_000
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`it did not come to pass: ${what}`)
    await wait(50)
  }
}
