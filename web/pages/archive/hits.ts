import type { MessageView } from '../../../src/archive/contract.ts'
import type { HitView } from '../../../src/monitor/contract.ts'

/** A hit with a name of its own, so that marks, explanations and steps agree on which one is meant. */
export type Hit = HitView & { id: string }

/** Percent-encoded, so that it holds no space and fits an attribute list. */
export function idOfHit(hit: HitView): string {
  return [hit.msgid, hit.part, hit.start, hit.end, hit.rule].map(part => encodeURIComponent(part)).join('!')
}

/** In reading order; hits in messages that are not loaded are left out. */
export function sortHits(hits: Hit[], items: MessageView[]): Hit[] {
  const place = new Map<string, number>()
  items.forEach((item, index) => {
    item.texts.forEach((text, at) => {
      place.set(`${item.key.msgid}\n${text.part}`, index * 1_000 + at)
    })
  })
  const placeOf = (hit: Hit): number | undefined => place.get(`${hit.msgid}\n${hit.part}`)
  return hits
    .filter(hit => placeOf(hit) !== undefined)
    .toSorted(
      (a, b) =>
        (placeOf(a) ?? 0) - (placeOf(b) ?? 0) || a.start - b.start || a.severity.localeCompare(b.severity),
    )
}

/** The neighbour in a ring; from nowhere, forward is the first and back is the last. */
export function neighbour<T>(list: T[], at: number, step: 1 | -1): T | undefined {
  if (list.length === 0) return undefined
  if (at < 0) return list.at(step === 1 ? 0 : -1)
  return list[(at + step + list.length) % list.length]
}
