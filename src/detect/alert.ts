import type { Audience, Hit } from './contract.ts'

/** design.md §4: by staff, in the new part, P0–P2, a violation or a high-risk conversation. */
export function isAlert(hits: readonly Hit[], from: Audience = 'staff'): boolean {
  if (from !== 'staff') return false
  return hits.some(
    hit =>
      hit.part === 'new' &&
      hit.audience === 'staff' &&
      hit.severity !== 'P3' &&
      (hit.verdict === 'violation' || hit.verdict === 'high_risk'),
  )
}

/** Has enough been found, so that nothing else need be tried? */
export const settled = (hits: Hit[], from: Audience = 'staff'): boolean =>
  from === 'staff' ? isAlert(hits, from) : hits.length > 0
