import { useState } from 'react'
import type { Hit } from './hits.ts'
import { neighbour } from './hits.ts'

export type HitSteps = {
  current: string | null
  /** 1-based; 0 when on none */
  at: number
  of: number
  next: () => void
  previous: () => void
  choose: (id: string) => void
}

/** Stand on one hit at a time. Starts on the first hit of the message the reader came for. */
export function useHitSteps(hits: Hit[], msgid: string | undefined): HitSteps {
  const [chosen, choose] = useState<string | null>(null)
  const own = hits.filter(hit => hit.msgid === msgid)
  const first = (own.find(hit => !hit.quoted) ?? own[0])?.id ?? null
  const current = hits.some(hit => hit.id === chosen) ? chosen : first
  const at = hits.findIndex(hit => hit.id === current)
  const step = (by: 1 | -1) => {
    const to = neighbour(hits, at, by)
    if (to) choose(to.id)
  }
  return { current, at: at + 1, of: hits.length, next: () => step(1), previous: () => step(-1), choose }
}
