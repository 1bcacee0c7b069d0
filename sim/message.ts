import type { Plant } from './truth.ts'

/** A decrypted archive message (wecom-api.md §3.5); the payload stands beside under its own name. */
export type Outgoing = {
  msgid?: string
  action?: 'send' | 'recall' | 'switch'
  from?: string
  tolist?: string[]
  roomid?: string
  msgtime?: number
  msgtype?: string
  [payload: string]: unknown
}

/** What the archive holds: the JSON as it will be sealed, and when the source had it. */
export type Stored = {
  seq: number
  msgid: string
  at: number
  json: string
  message: Outgoing
}

/** A message that is still to be sent: `wait` ms after the one before it. */
export type Draft = { wait: number; message: Outgoing & { msgid: string }; plant?: Plant }

export function isOutside(id: string): boolean {
  return /^w[mo][\w-]{20,}$/.test(id)
}

/** As WeCom does it: a number, the second, and `_external` when an outside party takes part. */
export function newMsgid(digits: string, atMs: number, parties: readonly string[]): string {
  return `${digits}_${Math.floor(atMs / 1000)}${parties.some(isOutside) ? '_external' : ''}`
}
