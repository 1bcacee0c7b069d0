import type { Audience, Channel, Listener } from './contract.ts'
import type { About } from './judge/facts.ts'

/** `own`: said by the very person who speaks now; in a group others stand on the same side. */
export type ContextLine = string | { text: string; from?: Audience; own?: boolean }
export type Question = {
  text: string
  from?: Audience
  context?: ContextLine[]
  at?: number
  /** Where it stood and who hears it; a rule of another scope is silent, one not asked about speaks. */
  channel?: Channel
  audience?: Listener
  /** What conditions may ask besides. */
  about?: About
}
