import { type ChatRecord, encryptRecord, type PublicKey, readyKey } from './crypto.ts'
import type { Stored } from './message.ts'
import type { Rng } from './rng.ts'

/** The server forgets after five days; asking for what is older gives what is left. */
const WINDOW_MS = 5 * 86_400_000

/** The ordered, sealed sequence that GetChatData reads. */
export type Archive = {
  append(msgid: string, at: number, json: string, message: Stored['message']): Stored
  records(after: number, limit: number, now: number): ChatRecord[]
  find(msgid: string): Stored | undefined
  latest(count: number): Stored[]
  all(): readonly Stored[]
  addKey(key: PublicKey): void
  /** The next version after those known; returns it. */
  rotate(pem: string): number
  keyVersion(): number
}

export function createArchive(rng: Rng, publicKeys: readonly PublicKey[], firstSeq = 1000): Archive {
  const keys = publicKeys.map(readyKey).sort((a, b) => a.version - b.version)
  const stored: (Stored & { version: number })[] = []
  const byId = new Map<string, Stored>()
  const gaps = rng.fork('gaps')
  const secrets = rng.fork('secrets')
  const sealed = new Map<number, ChatRecord>()
  let seq = firstSeq
  const seal = (one: Stored & { version: number }): ChatRecord => {
    const known = sealed.get(one.seq)
    if (known) return known
    const key = keys.find(candidate => candidate.version === one.version)
    if (!key) throw new Error('a world needs at least one public key')
    const record = encryptRecord(one.seq, one.msgid, one.json, key, secrets)
    sealed.set(one.seq, record)
    return record
  }
  const addKey = (key: PublicKey): void => {
    keys.push(readyKey(key))
    keys.sort((a, b) => a.version - b.version)
  }
  return {
    append: (msgid, at, json, message) => {
      // Gaps by design: seq is strictly increasing and nothing more (path/91774).
      seq += gaps.chance(0.12) ? gaps.int(2, 5) : 1
      const one = { seq, msgid, at, json, message, version: keys.at(-1)?.version ?? 0 }
      stored.push(one)
      byId.set(msgid, one)
      return one
    },
    records: (after, limit, now) => {
      const out: ChatRecord[] = []
      for (let i = firstAfter(stored, after); i < stored.length && out.length < limit; i++) {
        const one = stored[i]
        if (one && one.at > now - WINDOW_MS) out.push(seal(one))
      }
      return out
    },
    find: msgid => byId.get(msgid),
    latest: count => stored.slice(-count),
    all: () => stored,
    addKey,
    keyVersion: () => keys.at(-1)?.version ?? 0,
    rotate: pem => {
      const version = (keys.at(-1)?.version ?? 0) + 1
      addKey({ version, pem })
      return version
    },
  }
}

function firstAfter(stored: readonly Stored[], after: number): number {
  let low = 0
  let high = stored.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((stored[middle]?.seq ?? 0) > after) high = middle
    else low = middle + 1
  }
  return low
}
