import type { Folded } from '../fold/fold.ts'
import { MAP } from '../fold/fold-table.ts'
import { BY_SOUND, WORD } from './kinds.ts'
import { readingsOf, sharedReading, toned } from './sound.ts'

/** How the rewritten words of a hit sound, when any of them was known by its sound: bǎo běn. */
export function soundOf(f: Folded, hit: { start: number; end: number }, text: string): string | undefined {
  let rewritten = 0
  for (let i = hit.start; i < hit.end; i++) rewritten |= f.flag[i] as number
  if ((rewritten & WORD) === 0) return undefined
  let heard = false
  const out: string[] = []
  for (let i = hit.start; i < hit.end; i++) {
    const flag = f.flag[i] as number
    if (!(flag & WORD)) continue
    if (flag & BY_SOUND) heard = true
    const meant = f.chars[i] as number
    const written = MAP[text.charCodeAt(f.start[i] as number)] as number
    const reading = sharedReading(meant, written) ?? readingsOf(meant)[0]
    if (reading !== undefined) out.push(toned(reading))
  }
  return heard ? out.join(' ') : undefined
}
