import type { Folded } from '../fold/fold.ts'
import { after } from './bounds.ts'
import { cautioned } from './caution.ts'
import { commented } from './comment.ts'
import { disclaimed } from './excuse.ts'
import { deniedInside, negated } from './negation.ts'
import { inTitle, quoted } from './quotation.ts'
import type { Range } from './reads.ts'
import { followed, remarked, soothed, toldByOthers } from './remark.ts'
import { asked, refused, rehearsed, ruledOutFar, unmasked } from './scope.ts'

/** A hit in its text, with everything that may take it back. Only texts with a raw hit come this far. */
export type Scene = {
  f: Folded
  /** Where sentences and clauses begin. */
  at: Uint8Array
  /** The text as it was written: folding drops quotation marks. */
  text: string
  sentence: Range
  clause: Range
  span: Range
  /** The pattern that matched, empty for a term. */
  source: string
}

type Against = 'negated' | 'quoted' | 'asked' | 'warned'
export type Judgement = { against: Against | undefined; grounds: readonly string[] }

export const PLAIN: readonly string[] = ['not-excepted', 'plain']
export const GUARDED: readonly string[] = [
  'not-excepted',
  'not-negated',
  'not-quoted',
  'not-asked',
  'not-warned',
]
const STANDS: Judgement = { against: undefined, grounds: GUARDED }
const EXCUSED: Judgement = { against: undefined, grounds: ['not-excepted', 'disclaimed', 'not-quoted'] }
const against = (why: Against): Judgement => ({ against: why, grounds: [] })

/** How far a question or an answer reaches into the next sentence: 保本?这个真没有. */
const ANSWER = 40

/** Do the words around a hit take it back, and why? */
export function judgement(scene: Scene): Judgement {
  const { f, at, text, sentence, clause, span, source } = scene
  const { chars } = f
  const origin = f.start[span[0]] as number
  if (inTitle(text, origin)) return against('quoted')
  const question = sentence[1] > 0 && chars[sentence[1] - 1] === 63
  const next = question ? after(at, f.n, 2, Math.min(f.n, sentence[1] + 1), ANSWER) : sentence[1]
  const view: Range = [sentence[0], Math.max(sentence[1], next)]
  if (
    negated(chars, clause, span) ||
    (source !== '' && deniedInside(chars, span, source)) ||
    refused(chars, view, span) ||
    commented(chars, view, span)
  )
    return disclaimed(chars, view, span) ? EXCUSED : against('negated')
  if (ruledOutFar(chars, sentence, span)) return against('negated')
  if (quoted(text, origin, chars, [sentence[0], f.n], span)) return against('quoted')
  if (toldByOthers(chars, sentence, span)) return against('quoted')
  if (asked(chars, sentence, span)) return against('asked')
  if (soothed(chars, sentence, span)) return STANDS
  if (remarked(chars, [sentence[0], after(at, f.n, 2, view[1], ANSWER)], span) || followed(chars, f.n, span))
    return against('warned')
  if (cautioned(chars, sentence, span) || rehearsed(chars, f.n, span) || unmasked(chars, sentence, span))
    return against('warned')
  return STANDS
}
