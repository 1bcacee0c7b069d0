import type { Folded } from './fold/fold.ts'
import { PATHS } from './fold/fold-table.ts'
import { REVERSED } from './views/kinds.ts'

/** A stretch of folded characters. */
type Stretch = { start: number; end: number }

/** The transformations needed to see the stretch. */
export function pathOf(f: Folded, hit: Stretch): string[] {
  let flags = 0
  for (let i = hit.start; i < hit.end; i++) {
    // A separator before the first character lies outside the hit.
    flags |= (f.flag[i] as number) & (i === hit.start ? ~(4 | 8) : -1)
  }
  const path: string[] = PATHS.filter((_, bit) => flags & (1 << bit))
  return flags & REVERSED ? [...path, 'reversed'] : path
}

/** A clause turned round has its first character last. */
export function spanOf(f: Folded, hit: Stretch): [number, number] {
  let start = f.start[hit.start] as number
  let end = f.end[hit.end - 1] as number
  for (let i = hit.start; i < hit.end; i++) {
    start = Math.min(start, f.start[i] as number)
    end = Math.max(end, f.end[i] as number)
  }
  return [start, end]
}
