import type { Archive } from './archive.ts'
import type { SimEvent } from './events.ts'
import type { MediaStore } from './media.ts'
import type { Outgoing, Stored } from './message.ts'
import type { People } from './people.ts'
import type { Rng } from './rng.ts'

/** What every part of the office stands on: the people, the clock, the archive and who listens. */
export type Ground = {
  rng: Rng
  people: People
  archive: Archive
  media: MediaStore
  now(): number
  /** Runs `job` once, `ms` of this world's clock from now. */
  after(ms: number, job: () => void): void
  tell(event: SimEvent): void
  /** Puts a message that somebody sent into the archive. */
  say(message: Outgoing): Stored
}

export const HOUR = 3_600_000
export const DAY = 24 * HOUR
/** WeCom counts its days in Asia/Shanghai, which keeps no summer time. */
const SHANGHAI = 8 * HOUR

export function seconds(atMs: number): number {
  return Math.floor(atMs / 1000)
}

/** The number of the Shanghai day in which this moment lies. */
export function dayOf(atMs: number): number {
  return Math.floor((atMs + SHANGHAI) / DAY)
}

/** The first moment of that day. */
export function dayStart(day: number): number {
  return day * DAY - SHANGHAI
}

export function shanghai(atMs: number): Date {
  return new Date(atMs + SHANGHAI)
}

export function happen(ground: Ground, type: string, fields: Record<string, unknown>): void {
  ground.tell({ type, fields, at: ground.now() })
}
