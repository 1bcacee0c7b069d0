import type { Packs } from '../contract.ts'
import { PackError } from '../packs/error.ts'
import { plansOf } from './gate-plan.ts'
import { cost, requiredLiterals } from './literals.ts'
import { Pattern, units } from './pattern.ts'
import { parsePattern } from './pattern-syntax.ts'

/** A pattern whose words stand this often in a thousand characters of ordinary talk is told by `rules test`, … */
const DEAR = 8
/** … and refused from here on: a word of one common character wakes it in every other message. */
const TOO_DEAR = 30

/** How often in a thousand characters of ordinary talk the words that a pattern waits for are seen. */
const woken = (source: string): number => plansOf(source).reduce((sum, plan) => sum + cost(plan.words), 0)

/** Patterns that cost more than they should on ordinary text, the dearest first. */
export function dearPatterns(packs: Packs): { rule: string; source: string; perThousand: number }[] {
  return packs.rules
    .flatMap(({ id, patterns }) => patterns.map(source => ({ rule: id, source, perThousand: woken(source) })))
    .filter(({ perThousand }) => perThousand > DEAR)
    .sort((a, b) => b.perThousand - a.perThousand)
}

/** Refuses an expression outside the subset, one that matches nothing at all, or one nothing can gate. */
export function checkPattern(
  source: string,
  gated: boolean,
  at: { file: string; line: number },
  rule: string,
): void {
  const stop = (problem: string, remedy: string): never => {
    throw new PackError('pack.pattern', at, `${rule}: /${source}/ ${problem}`, remedy)
  }
  try {
    const pattern = new Pattern(source)
    if (pattern.test(units(''), 0, 0)) stop('matches the empty text', 'Make one part of it obligatory')
    if (gated && requiredLiterals(parsePattern(source)).length === 0) {
      stop('has no word that every match contains', 'Add one, so that ordinary text never wakes it')
    }
    if (gated && woken(source) > TOO_DEAR) {
      stop(
        'waits for words that ordinary talk is full of',
        'Make a rarer word obligatory, or join a common one with its neighbour (分 → 分我|分你)',
      )
    }
  } catch (error) {
    if (error instanceof PackError) throw error
    stop(
      `cannot be read: ${(error as Error).message}`,
      'Use characters, classes, groups, | and bounded repetition; say the rest with an exception',
    )
  }
}
