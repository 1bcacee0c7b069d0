import type { KeyRing } from './keys.ts'
import type { Log } from './log.ts'

/** The institution a process works for: its number, keys and habits. Made once at start by `openHouse`. */
export type House = {
  corp: number
  corpid: string
  name: string
  zone: string
  demo: boolean
  /** The law on which refused bodies are archived all the same; absent: metadata only (decision 014). */
  archiveBasis?: string | undefined
  keys: KeyRing
  log: Log
}

/** Who acts: a signed-in person, a shell user, or a part of the system. Every verb takes one. */
export type Actor = {
  house: House
  kind: 'person' | 'shell' | 'system'
  /** Stable name for the trail: the username, `shell:root`, `system:capture`. */
  name: string
  /** A role of people/contract.ts; `shell` and `system` for the other kinds. */
  role: string
  accountId: string | null
  /** The WeCom member behind the account, when there is one. */
  userid: string | null
  /** Departments a supervisor is limited to; empty means not limited. */
  departments: number[]
}

/** An actor for work nobody asked for in person: capture, sealing, detection. */
export function systemActor(house: House, part: string): Actor {
  return {
    house,
    kind: 'system',
    name: `system:${part}`,
    role: 'system',
    accountId: null,
    userid: null,
    departments: [],
  }
}

/** An actor for a command typed in a shell on the server; looks through it are in the trail like any other. */
export function shellActor(house: House, user: string): Actor {
  return {
    house,
    kind: 'shell',
    name: `shell:${user}`,
    role: 'shell',
    accountId: null,
    userid: null,
    departments: [],
  }
}
