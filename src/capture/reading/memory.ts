import type { Reading, Unread } from '../../archive/index.ts'

/** A poster goes to a thousand customers and is read once. */
export type ReadMemory = { get(file: Unread): Reading | undefined; put(file: Unread, reading: Reading): void }

const MOST = 200
/** Longer texts are rarely sent twice; 200 of these are 4 million characters at most. */
const LONGEST = 20_000

/** What was made of the newest files, by their bytes and what of the message changes the reading. */
export function openMemory(): ReadMemory {
  const kept = new Map<string, Reading>()
  const nameOf = (file: Unread): string =>
    `${file.sha256.toString('hex')}|${file.kind}|${file.name?.split('.').at(-1) ?? ''}`
  return {
    get: file => kept.get(nameOf(file)),
    put(file, reading) {
      const length = reading.texts.reduce((sum, one) => sum + one.text.length, 0)
      // A crash or a slow moment may not come again.
      if (length > LONGEST || reading.state === 'unreadable') return
      kept.delete(nameOf(file))
      kept.set(nameOf(file), reading)
      const oldest = kept.keys().next().value
      if (kept.size > MOST && oldest !== undefined) kept.delete(oldest)
    },
  }
}
