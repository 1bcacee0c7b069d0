import type { Passing } from '../contacts/index.ts'

/** No message of any office is older than this. */
const EARLIEST = Date.UTC(1990, 0, 1)
const DAY_MS = 86_400_000

/** The columns of a message that the consent gate asks for. */
export type GateColumns = {
  kind: string
  from: string
  sentAt: number
  capturedAt: number
  meta: { to?: unknown; room?: unknown }
}

/** A message at the gate. A time that cannot be true (0, 2099) must not slip past a refusal: the capture's counts then. */
export function passingOf(message: GateColumns): Passing {
  const { kind, from, sentAt, capturedAt, meta } = message
  const to = Array.isArray(meta.to) ? meta.to.filter(id => typeof id === 'string') : []
  const room = typeof meta.room === 'string' ? meta.room : null
  const credible = sentAt >= EARLIEST && sentAt <= capturedAt + DAY_MS
  return { kind, from, to, room, at: credible ? sentAt : capturedAt }
}
