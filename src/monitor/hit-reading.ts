import type { MessageKey } from '../archive/index.ts'
import { type Db, type House, keyMonth, open, seal } from '../base/index.ts'
import { type Hit, readingOf } from '../detect/index.ts'
import { keyOf } from './second-reading.ts'
import type { StoredHit } from './store.ts'

/** How the words of a hit sound and what they were read as, where that is more than what stands there. */
export type HitReading = { sound?: string; reads?: string }

const contextOf = (
  house: House,
  key: MessageKey,
  hit: { rule: string; part: string; start: number },
): string => `hit|${house.corp}|${key.convId}|${key.sentAt}|${key.msgid}|${hit.rule}|${hit.part}|${hit.start}`

/** What a hit was read as is the message's own words, so it is sealed as they are. The key must be loaded. */
export function sealReading(
  house: House,
  key: MessageKey,
  hit: Omit<Hit, 'part'> & { part: string },
): Buffer | null {
  // What the model weighed it read as it stands.
  const reading = hit.path.includes('model') ? {} : readingOf(hit)
  if (reading.reads === undefined && reading.sound === undefined) return null
  const { key: dataKey } = house.keys.cached(key.convId, keyMonth(key.sentAt))
  return seal(dataKey, JSON.stringify(reading), contextOf(house, key, hit))
}

/** Nothing where there is none, or where the conversation's key was destroyed on purpose. */
export async function openReading(db: Db, house: House, hit: StoredHit): Promise<HitReading> {
  const key = hit.sealed && (await keyOf(db, house, hit.key))
  if (!hit.sealed || !key) return {}
  return JSON.parse(open(key, hit.sealed, contextOf(house, hit.key, hit)).toString('utf8')) as HitReading
}
